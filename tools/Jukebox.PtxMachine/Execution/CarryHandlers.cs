using System.Runtime.CompilerServices;

namespace Jukebox.PtxMachine.Execution;

/// <summary>
/// Additions and subtractions that pass a carry on: predicate D1 is the carry in or out, as Detail says: 1 takes one in, 2 gives one out.
/// For products, C is added. Lanes are 4 or 8 bytes wide.
/// </summary>
internal static unsafe class CarryHandlers
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add32(Warp* w, Instruction* i) => Run<uint, AddWithCarry>(w, i);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add64(Warp* w, Instruction* i) => Run<ulong, AddWithCarry>(w, i);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Subtract32(Warp* w, Instruction* i) => Run<uint, SubtractWithBorrow>(w, i);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Subtract64(Warp* w, Instruction* i) => Run<ulong, SubtractWithBorrow>(w, i);

    private interface ICarry
    {
        static abstract UInt128 Apply(ulong a, ulong b, uint carry);
    }

    private readonly struct AddWithCarry : ICarry
    {
        public static UInt128 Apply(ulong a, ulong b, uint carry) => (UInt128)a + b + carry;
    }

    /// <summary>The carry is a borrow: any bit above the width tells that there was one.</summary>
    private readonly struct SubtractWithBorrow : ICarry
    {
        public static UInt128 Apply(ulong a, ulong b, uint carry) => (UInt128)a - b - carry;
    }

    private static void Run<T, TCarry>(Warp* w, Instruction* i)
        where T : unmanaged
        where TCarry : struct, ICarry
    {
        uint carries = Lanes.Predicate(w, i->D1), result = 0;
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            uint carry = (i->Detail & 1) == 0 ? 0 : (carries >> lane) & 1;
            if (sizeof(T) == 4)
            {
                UInt128 sum = TCarry.Apply(Lanes.Pointer32(w, i->A)[lane], Lanes.Pointer32(w, i->B)[lane], carry);
                Lanes.Pointer32(w, i->D)[lane] = (uint)sum;
                result |= ((uint)(sum >> 32) & 1) << lane;
            }
            else
            {
                UInt128 sum = TCarry.Apply(Lanes.Pointer64(w, i->A)[lane], Lanes.Pointer64(w, i->B)[lane], carry);
                Lanes.Pointer64(w, i->D)[lane] = (ulong)sum;
                result |= ((uint)(sum >> 64) & 1) << lane;
            }
        }

        if ((i->Detail & 2) != 0)
        {
            Lanes.StorePredicate(w, i->D1, result);
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Jukebox.PtxMachine.Execution;

/// <summary>
/// Arithmetic on 16-bit floats, single and in packed pairs: computed in f32 and rounded once more, which gives the correctly rounded
/// result for every operation but the fused one; that is computed in double with an odd last bit.
/// </summary>
internal static unsafe class HalfHandlers
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unary<TFormat, TOperation>(Warp* w, Instruction* i)
        where TFormat : struct, IHalfFormat
        where TOperation : struct, IUnary<float>
    {
        for (int part = 0; part < 2; part++)
        {
            Vector512<int> a = Lanes.Load<int>(w, i->A, part);
            Lanes.Store(w, i->D, part, TFormat.Narrow(TOperation.Apply(TFormat.Widen(a))));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Binary<TFormat, TOperation>(Warp* w, Instruction* i)
        where TFormat : struct, IHalfFormat
        where TOperation : struct, IBinary<float>
    {
        for (int part = 0; part < 2; part++)
        {
            Lanes.Store(w, i->D, part, Apply<TFormat, TOperation>(Lanes.Load<int>(w, i->A, part), Lanes.Load<int>(w, i->B, part)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackedBinary<TFormat, TOperation>(Warp* w, Instruction* i)
        where TFormat : struct, IHalfFormat
        where TOperation : struct, IBinary<float>
    {
        for (int part = 0; part < 2; part++)
        {
            Vector512<int> a = Lanes.Load<int>(w, i->A, part), b = Lanes.Load<int>(w, i->B, part);
            Vector512<int> high = Apply<TFormat, TOperation>(Vector512.ShiftRightLogical(a, 16), Vector512.ShiftRightLogical(b, 16));
            Lanes.Store(w, i->D, part, Apply<TFormat, TOperation>(a, b) | Vector512.ShiftLeft(high, 16));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FusedMultiplyAdd<TFormat>(Warp* w, Instruction* i)
        where TFormat : struct, IHalfFormat
    {
        uint* d = Lanes.Pointer32(w, i->D), a = Lanes.Pointer32(w, i->A), b = Lanes.Pointer32(w, i->B), c = Lanes.Pointer32(w, i->C);
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            d[lane] = Fused<TFormat>(a[lane], b[lane], c[lane]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackedFusedMultiplyAdd<TFormat>(Warp* w, Instruction* i)
        where TFormat : struct, IHalfFormat
    {
        uint* d = Lanes.Pointer32(w, i->D), a = Lanes.Pointer32(w, i->A), b = Lanes.Pointer32(w, i->B), c = Lanes.Pointer32(w, i->C);
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            uint high = Fused<TFormat>(a[lane] >> 16, b[lane] >> 16, c[lane] >> 16);
            d[lane] = Fused<TFormat>(a[lane], b[lane], c[lane]) | (high << 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Apply<TFormat, TOperation>(Vector512<int> a, Vector512<int> b)
        where TFormat : struct, IHalfFormat
        where TOperation : struct, IBinary<float> => TFormat.Narrow(TOperation.Apply(TFormat.Widen(a), TFormat.Widen(b)));

    private static uint Fused<TFormat>(uint a, uint b, uint c)
        where TFormat : struct, IHalfFormat
    {
        double product = (double)TFormat.Widen((ushort)a) * TFormat.Widen((ushort)b), addend = TFormat.Widen((ushort)c);
        double sum = product + addend, back = sum - product;
        double error = (product - (sum - back)) + (addend - back);
        if (error != 0 && double.IsFinite(sum))
        {
            sum = MakeOdd(sum, error);
        }

        return TFormat.Narrow(sum);
    }

    /// <summary>The neighbour toward zero of the exact value sum + error, with its last bit set.</summary>
    private static double MakeOdd(double sum, double error)
    {
        long bits = BitConverter.DoubleToInt64Bits(sum);
        bool isAway = (error < 0) == (sum > 0);
        return BitConverter.Int64BitsToDouble((isAway ? bits - 1 : bits) | 1);
    }
}

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Jukebox.PtxMachine.Execution;

/// <summary>Registers put together from smaller ones, and taken apart.</summary>
internal static unsafe class PackHandlers
{
    /// <summary>D = the bits of A from Immediate on, as <typeparamref name="TCut"/> cuts them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Field32<TCut>(Warp* w, Instruction* i)
        where TCut : struct, IUnary<int>
    {
        for (int part = 0; part < 2; part++)
        {
            Vector512<int> shifted = Vector512.ShiftRightLogical(Lanes.Load<int>(w, i->A, part), (int)i->Immediate);
            Lanes.Store(w, i->D, part, TCut.Apply(shifted));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Field64<TCut>(Warp* w, Instruction* i)
        where TCut : struct, IUnary<int>
    {
        int shift = (int)i->Immediate;
        for (int part = 0; part < 2; part++)
        {
            Vector512<ulong> first = Vector512.ShiftRightLogical(Lanes.Load<ulong>(w, i->A, 2 * part), shift);
            Vector512<ulong> second = Vector512.ShiftRightLogical(Lanes.Load<ulong>(w, i->A, (2 * part) + 1), shift);
            Lanes.Store(w, i->D, part, TCut.Apply(Vector512.Narrow(first & Low, second & Low).AsInt32()));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pair16(Warp* w, Instruction* i)
    {
        for (int part = 0; part < 2; part++)
        {
            Vector512<uint> low = Lanes.Load<uint>(w, i->A, part) & Vector512.Create(0xFFFFu);
            Lanes.Store(w, i->D, part, low | Vector512.ShiftLeft(Lanes.Load<uint>(w, i->B, part), 16));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quad8(Warp* w, Instruction* i)
    {
        for (int part = 0; part < 2; part++)
        {
            Vector512<uint> mask = Vector512.Create(0xFFu);
            Vector512<uint> low = (Lanes.Load<uint>(w, i->A, part) & mask) | Vector512.ShiftLeft(Lanes.Load<uint>(w, i->B, part) & mask, 8);
            Vector512<uint> high = Vector512.ShiftLeft(Lanes.Load<uint>(w, i->C, part) & mask, 16) | Vector512.ShiftLeft(Lanes.Load<uint>(w, i->D1, part), 24);
            Lanes.Store(w, i->D, part, low | high);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pair32(Warp* w, Instruction* i)
    {
        byte* a = w->Registers + i->A, b = w->Registers + i->B;
        for (int part = 0; part < 4; part++)
        {
            Vector512<long> low = UnsignedWidening.Widen(a + (32 * part)), high = UnsignedWidening.Widen(b + (32 * part));
            Lanes.Store(w, i->D, part, low | Vector512.ShiftLeft(high, 32));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quad16(Warp* w, Instruction* i)
    {
        byte* a = w->Registers + i->A, b = w->Registers + i->B, c = w->Registers + i->C, d = w->Registers + i->D1;
        for (int part = 0; part < 4; part++)
        {
            int at = 32 * part;
            Vector512<long> mask = Vector512.Create(0xFFFFL);
            Vector512<long> low = (UnsignedWidening.Widen(a + at) & mask) | Vector512.ShiftLeft(UnsignedWidening.Widen(b + at) & mask, 16);
            Vector512<long> high = Vector512.ShiftLeft(UnsignedWidening.Widen(c + at) & mask, 32) | Vector512.ShiftLeft(UnsignedWidening.Widen(d + at), 48);
            Lanes.Store(w, i->D, part, low | high);
        }
    }

    /// <summary>Predicate D = whether generic address A lies in the window at Immediate; 0 stands for global memory, which has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void IsInWindow(Warp* w, Instruction* i)
    {
        ulong* a = Lanes.Pointer64(w, i->A);
        uint result = 0;
        for (int lane = 0; lane < Lanes.Count; lane++)
        {
            bool isIn = i->Immediate == 0 ? a[lane] < Windows.Shared : Windows.Contains((ulong)i->Immediate, a[lane]);
            result |= isIn ? 1u << lane : 0;
        }

        Lanes.StorePredicate(w, i->D, result);
    }

    private static Vector512<ulong> Low => Vector512.Create(0xFFFFFFFFul);
}

/// <summary>The host's clock, for kernels that look at one; nothing else in a launch depends on it.</summary>
internal static unsafe class ClockHandlers
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Read32(Warp* w, Instruction* i) => WarpHandlers.Broadcast(w, i->D, (uint)Stopwatch.GetTimestamp());

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Read64(Warp* w, Instruction* i)
    {
        Vector512<long> now = Vector512.Create(Stopwatch.GetTimestamp());
        for (int part = 0; part < 4; part++)
        {
            Lanes.Store(w, i->D, part, now);
        }
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Jukebox.PtxMachine.Execution;

/// <summary>How <c>shfl</c> picks the lane to read.</summary>
internal enum ShuffleMode : byte
{
    Up,
    Down,
    Butterfly,
    Index,
}

/// <summary>Exchange between the lanes of a warp. The members that an instruction names are in <see cref="Instruction.D2"/>.</summary>
internal static unsafe class WarpHandlers
{
    /// <summary>The lane that <paramref name="lane"/> reads, and whether that is in range; otherwise it reads itself.</summary>
    public static int ShuffleSource(ShuffleMode mode, int lane, uint b, uint c, out bool isInRange)
    {
        int segment = (int)(c >> 8) & 31, clamp = (int)c & 31, offset = (int)b & 31;
        int limit = (lane & segment) | (clamp & ~segment & 31);
        int source = mode switch
        {
            ShuffleMode.Up => lane - offset,
            ShuffleMode.Down => lane + offset,
            ShuffleMode.Butterfly => lane ^ offset,
            _ => (lane & segment) | (offset & ~segment & 31),
        };
        isInRange = mode == ShuffleMode.Up ? source >= limit : source <= limit;
        return isInRange ? source : lane;
    }

    /// <summary>D = A of another lane; predicate D1 tells whether it was in range. Detail is the mode.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Shuffle<TMode>(Warp* w, Instruction* i)
        where TMode : struct, IMode
    {
        uint* a = Lanes.Pointer32(w, i->A), b = Lanes.Pointer32(w, i->B), c = Lanes.Pointer32(w, i->C), d = Lanes.Pointer32(w, i->D);
        ObserveMembers<TMode>(w, i);
        uint* before = stackalloc uint[Lanes.Count];
        Unsafe.CopyBlock(before, a, Lanes.Bytes32);
        uint inRange = 0;
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            int source = ShuffleSource((ShuffleMode)i->Detail, lane, b[lane], c[lane], out bool isInRange);
            ObserveSource<TMode>(w, i, lane, source);
            d[lane] = before[source];
            inRange |= isInRange ? 1u << lane : 0;
        }

        if (i->D1 != CompareHandlers.None)
        {
            Lanes.StorePredicate(w, i->D1, inRange);
        }
    }

    /// <summary>As <see cref="Shuffle{TMode}"/> where offset and clamp are constants: Extra holds the lane that each lane reads, and then the predicate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ShuffleFixed<TMode>(Warp* w, Instruction* i)
        where TMode : struct, IMode
    {
        ObserveMembers<TMode>(w, i);
        for (uint mask = w->Mask; TMode.IsObserved && mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            ObserveSource<TMode>(w, i, lane, i->Extra[lane]);
        }

        Vector512<uint> low = Lanes.Load<uint>(w, i->A, 0), high = Lanes.Load<uint>(w, i->A, 1), resultLow, resultHigh;
        var sources = (Vector512<uint>*)i->Extra;
        if (Avx512F.IsSupported)
        {
            resultLow = Avx512F.PermuteVar16x32x2(low, sources[0], high);
            resultHigh = Avx512F.PermuteVar16x32x2(low, sources[1], high);
        }
        else
        {
            uint* from = Lanes.Pointer32(w, i->A);
            uint* to = stackalloc uint[Lanes.Count];
            for (int lane = 0; lane < Lanes.Count; lane++)
            {
                to[lane] = from[i->Extra[lane]];
            }

            resultLow = *(Vector512<uint>*)to;
            resultHigh = *(Vector512<uint>*)(to + 16);
        }

        Lanes.Store(w, i->D, 0, resultLow);
        Lanes.Store(w, i->D, 1, resultHigh);
        if (i->D1 != CompareHandlers.None)
        {
            Lanes.StorePredicate(w, i->D1, (uint)i->Extra[Lanes.Count]);
        }
    }

    /// <summary>Predicate D = whether all (Detail 0), any (1) or all alike (2) active lanes have predicate A.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Vote<TMode>(Warp* w, Instruction* i)
        where TMode : struct, IMode
    {
        ObserveMembers<TMode>(w, i);
        uint votes = Votes(w, i);
        bool result = i->Detail switch
        {
            0 => votes == w->Mask,
            1 => votes != 0,
            _ => votes == w->Mask || votes == 0,
        };
        Lanes.StorePredicate(w, i->D, result ? ~0u : 0);
    }

    /// <summary>D = the lanes that have predicate A.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Ballot<TMode>(Warp* w, Instruction* i)
        where TMode : struct, IMode
    {
        ObserveMembers<TMode>(w, i);
        Broadcast(w, i->D, Votes(w, i));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ActiveMask(Warp* w, Instruction* i) => Broadcast(w, i->D, w->Mask);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Synchronize<TMode>(Warp* w, Instruction* i)
        where TMode : struct, IMode => ObserveMembers<TMode>(w, i);

    /// <summary>D = the lanes whose A is the same; A has lanes of <typeparamref name="T"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MatchAny<TMode, T>(Warp* w, Instruction* i)
        where TMode : struct, IMode
        where T : unmanaged, IEquatable<T>
    {
        ObserveMembers<TMode>(w, i);
        T* a = (T*)(w->Registers + i->A);
        uint* d = Lanes.Pointer32(w, i->D);
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            uint same = 0;
            for (uint others = w->Mask; others != 0;)
            {
                int other = Lanes.Take(ref others);
                same |= a[other].Equals(a[lane]) ? 1u << other : 0;
            }

            d[lane] = same;
        }
    }

    /// <summary>D = the active lanes if A is the same in all of them, else 0; predicate D1 tells which.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MatchAll<TMode, T>(Warp* w, Instruction* i)
        where TMode : struct, IMode
        where T : unmanaged, IEquatable<T>
    {
        ObserveMembers<TMode>(w, i);
        T* a = (T*)(w->Registers + i->A);
        int first = BitOperations.TrailingZeroCount(w->Mask);
        bool isSame = true;
        for (uint mask = w->Mask; mask != 0;)
        {
            isSame &= a[Lanes.Take(ref mask)].Equals(a[first]);
        }

        Broadcast(w, i->D, isSame ? w->Mask : 0);
        if (i->D1 != CompareHandlers.None)
        {
            Lanes.StorePredicate(w, i->D1, isSame ? ~0u : 0);
        }
    }

    /// <summary>D = A of all active lanes folded into one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reduce<TMode, TOperation>(Warp* w, Instruction* i)
        where TMode : struct, IMode
        where TOperation : struct, ILaneBinary<uint, uint, uint>
    {
        ObserveMembers<TMode>(w, i);
        uint* a = Lanes.Pointer32(w, i->A);
        uint mask = w->Mask;
        uint result = a[Lanes.Take(ref mask)];
        while (mask != 0)
        {
            result = TOperation.Apply(result, a[Lanes.Take(ref mask)]);
        }

        Broadcast(w, i->D, result);
    }

    public static void Broadcast(Warp* w, int register, uint value)
    {
        Vector512<uint> lanes = Vector512.Create(value);
        Lanes.Store(w, register, 0, lanes);
        Lanes.Store(w, register, 1, lanes);
    }

    private static uint Votes(Warp* w, Instruction* i) => Lanes.Predicate(w, i->A) & w->Mask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ObserveSource<TMode>(Warp* w, Instruction* i, int lane, int source)
        where TMode : struct, IMode
    {
        if (TMode.IsObserved && ((w->Mask >> source) & 1) == 0)
        {
            Observer.Current.OnAbsentSource(w, i, lane, source);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ObserveMembers<TMode>(Warp* w, Instruction* i)
        where TMode : struct, IMode
    {
        if (TMode.IsObserved)
        {
            Observer.Current.OnWarpSync(w, i, Lanes.Pointer32(w, i->D2)[BitOperations.TrailingZeroCount(w->Mask)]);
        }
    }
}

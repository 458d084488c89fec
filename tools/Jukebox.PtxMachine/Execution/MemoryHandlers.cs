using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Jukebox.PtxMachine.Execution;

/// <summary>One element of memory and the lane that holds it in a register.</summary>
internal unsafe interface IElement<TLane>
    where TLane : unmanaged
{
    static abstract int LengthBytes { get; }

    static abstract TLane Read(byte* pointer);

    static abstract void Write(byte* pointer, TLane value);
}

/// <summary>
/// Loads and stores of one to four elements per lane; <see cref="Instruction.Detail"/> says how many. The registers are D, D1, D2 and D3;
/// of results that nobody wants, a slot that nobody reads.
/// </summary>
internal static unsafe class MemoryHandlers
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load<TMode, TSpace, TElement, TLane>(Warp* w, Instruction* i)
        where TMode : struct, IMode
        where TSpace : struct, ISpace
        where TElement : struct, IElement<TLane>
        where TLane : unmanaged
    {
        int count = i->Detail, lengthBytes = count * TElement.LengthBytes;
        uint active = w->Mask;
        if (TMode.IsObserved)
        {
            w->Mask = TSpace.Observe(w, i, lengthBytes, AccessKind.Load);
        }

        byte** pointers = stackalloc byte*[Lanes.Count];
        TSpace.Resolve(w, i, lengthBytes, pointers);
        if (w->Mask == Warp.AllLanes && TryLoadAll<TElement, TLane>(w, i, pointers, count))
        {
            return;
        }

        TLane* d0 = (TLane*)(w->Registers + i->D), d1 = (TLane*)(w->Registers + i->D1), d2 = (TLane*)(w->Registers + i->D2), d3 = (TLane*)(w->Registers + i->D3);
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            byte* p = pointers[lane];
            d0[lane] = TElement.Read(p);
            if (count > 1)
            {
                d1[lane] = TElement.Read(p + TElement.LengthBytes);
            }

            if (count > 2)
            {
                d2[lane] = TElement.Read(p + (2 * TElement.LengthBytes));
                d3[lane] = TElement.Read(p + (3 * TElement.LengthBytes));
            }
        }

        if (TMode.IsObserved)
        {
            w->Mask = active;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store<TMode, TSpace, TElement, TLane>(Warp* w, Instruction* i)
        where TMode : struct, IMode
        where TSpace : struct, ISpace
        where TElement : struct, IElement<TLane>
        where TLane : unmanaged
    {
        int count = i->Detail, lengthBytes = count * TElement.LengthBytes;
        uint active = w->Mask;
        if (TMode.IsObserved)
        {
            w->Mask = TSpace.Observe(w, i, lengthBytes, AccessKind.Store);
        }

        byte** pointers = stackalloc byte*[Lanes.Count];
        TSpace.Resolve(w, i, lengthBytes, pointers);
        TLane* d0 = (TLane*)(w->Registers + i->D), d1 = (TLane*)(w->Registers + i->D1), d2 = (TLane*)(w->Registers + i->D2), d3 = (TLane*)(w->Registers + i->D3);
        if (TMode.IsObserved)
        {
            FindCollision(w, i, pointers, d0);
        }

        if (TElement.LengthBytes == 4 && count == 1 && w->Mask == Warp.AllLanes && IsContiguous(pointers, 4))
        {
            *(Vector512<byte>*)pointers[0] = *(Vector512<byte>*)d0;
            *(Vector512<byte>*)(pointers[0] + 64) = ((Vector512<byte>*)d0)[1];
            return;
        }

        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            byte* p = pointers[lane];
            TElement.Write(p, d0[lane]);
            if (count > 1)
            {
                TElement.Write(p + TElement.LengthBytes, d1[lane]);
            }

            if (count > 2)
            {
                TElement.Write(p + (2 * TElement.LengthBytes), d2[lane]);
                TElement.Write(p + (3 * TElement.LengthBytes), d3[lane]);
            }
        }

        if (TMode.IsObserved)
        {
            w->Mask = active;
        }
    }

    /// <summary>Lanes that write to one place, and not the same.</summary>
    private static void FindCollision<TLane>(Warp* w, Instruction* i, byte** pointers, TLane* values)
        where TLane : unmanaged
    {
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            for (uint others = mask; others != 0;)
            {
                int other = Lanes.Take(ref others);
                if (pointers[lane] == pointers[other] && !EqualityComparer<TLane>.Default.Equals(values[lane], values[other]))
                {
                    Observer.Current.OnCollision(w, i, lane, other, (ulong)pointers[lane]);
                    return;
                }
            }
        }
    }

    /// <summary>The common shapes of a whole warp's load: one address, neighbours, or 16 bytes each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryLoadAll<TElement, TLane>(Warp* w, Instruction* i, byte** pointers, int count)
        where TElement : struct, IElement<TLane>
        where TLane : unmanaged
    {
        if (TElement.LengthBytes == 4 && sizeof(TLane) == 4)
        {
            if (count == 1)
            {
                return TryLoadOne(w, i, pointers);
            }

            if (count == 4)
            {
                LoadFour(w, i, pointers);
                return true;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryLoadOne(Warp* w, Instruction* i, byte** pointers)
    {
        var d = (Vector512<uint>*)(w->Registers + i->D);
        if (pointers[31] == pointers[0])
        {
            if (!IsUniform(pointers))
            {
                return false;
            }

            Vector512<uint> value = Vector512.Create(*(uint*)pointers[0]);
            d[0] = value;
            d[1] = value;
            return true;
        }

        if (!IsContiguous(pointers, 4))
        {
            return false;
        }

        var source = (Vector512<uint>*)pointers[0];
        Vector512<uint> low = source[0], high = source[1];
        d[0] = low;
        d[1] = high;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsUniform(byte** pointers)
    {
        var lanes = (Vector512<ulong>*)pointers;
        Vector512<ulong> first = Vector512.Create((ulong)pointers[0]);
        return ((lanes[0] ^ first) | (lanes[1] ^ first) | (lanes[2] ^ first) | (lanes[3] ^ first)) == Vector512<ulong>.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsContiguous(byte** pointers, int stride)
    {
        if (pointers[31] - pointers[0] != 31 * stride)
        {
            return false;
        }

        var lanes = (Vector512<ulong>*)pointers;
        Vector512<ulong> expected = Vector512.Create((ulong)pointers[0]) + (Vector512<ulong>.Indices * (ulong)stride);
        Vector512<ulong> step = Vector512.Create((ulong)(8 * stride));
        Vector512<ulong> difference = lanes[0] ^ expected;
        difference |= lanes[1] ^ (expected += step);
        difference |= lanes[2] ^ (expected += step);
        difference |= lanes[3] ^ (expected + step);
        return difference == Vector512<ulong>.Zero;
    }

    /// <summary>16 bytes of every lane into four registers: a transposition of four lanes at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadFour(Warp* w, Instruction* i, byte** pointers)
    {
        float* d0 = (float*)(w->Registers + i->D), d1 = (float*)(w->Registers + i->D1), d2 = (float*)(w->Registers + i->D2), d3 = (float*)(w->Registers + i->D3);
        for (int lane = 0; lane < Lanes.Count; lane += 4)
        {
            Vector128<float> a = *(Vector128<float>*)pointers[lane], b = *(Vector128<float>*)pointers[lane + 1];
            Vector128<float> c = *(Vector128<float>*)pointers[lane + 2], d = *(Vector128<float>*)pointers[lane + 3];
            if (Sse.IsSupported)
            {
                Vector128<float> abLow = Sse.UnpackLow(a, b), cdLow = Sse.UnpackLow(c, d), abHigh = Sse.UnpackHigh(a, b), cdHigh = Sse.UnpackHigh(c, d);
                *(Vector128<float>*)(d0 + lane) = Sse.MoveLowToHigh(abLow, cdLow);
                *(Vector128<float>*)(d1 + lane) = Sse.MoveHighToLow(cdLow, abLow);
                *(Vector128<float>*)(d2 + lane) = Sse.MoveLowToHigh(abHigh, cdHigh);
                *(Vector128<float>*)(d3 + lane) = Sse.MoveHighToLow(cdHigh, abHigh);
            }
            else
            {
                *(Vector128<float>*)(d0 + lane) = Vector128.Create(a[0], b[0], c[0], d[0]);
                *(Vector128<float>*)(d1 + lane) = Vector128.Create(a[1], b[1], c[1], d[1]);
                *(Vector128<float>*)(d2 + lane) = Vector128.Create(a[2], b[2], c[2], d[2]);
                *(Vector128<float>*)(d3 + lane) = Vector128.Create(a[3], b[3], c[3], d[3]);
            }
        }
    }

    /// <summary>A kernel parameter at a fixed place: the same value for every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LoadParameter<TElement, TLane>(Warp* w, Instruction* i)
        where TElement : struct, IElement<TLane>
        where TLane : unmanaged
    {
        byte* p = w->Parameters + i->Immediate;
        Span<int> targets = [i->D, i->D1, i->D2, i->D3];
        for (int k = 0; k < i->Detail; k++)
        {
            Vector512<TLane> value = Vector512.Create(TElement.Read(p + (k * TElement.LengthBytes)));
            for (int part = 0; part < sizeof(TLane) / 2; part++)
            {
                Lanes.Store(w, targets[k], part, value);
            }
        }
    }
}

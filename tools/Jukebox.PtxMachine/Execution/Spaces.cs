using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Jukebox.PtxMachine.Execution;

/// <summary>Where generic addresses of shared, local and parameter memory lie: above all addresses that a host gives out.</summary>
internal static class Windows
{
    public const ulong Shared = 1ul << 56;
    public const ulong Local = 2ul << 56;
    public const ulong Parameters = 3ul << 56;
    public const ulong LengthBytes = 1ul << 40;

    public static bool Contains(ulong window, ulong address) => address - window < LengthBytes;
}

/// <summary>Turns the addresses of an instruction into pointers, or into a fault.</summary>
internal unsafe interface ISpace
{
    /// <summary>Fills <paramref name="pointers"/> of all active lanes for accesses of <paramref name="lengthBytes"/>.</summary>
    static abstract void Resolve(Warp* w, Instruction* i, int lengthBytes, byte** pointers);

    /// <summary>Tells the observer, which may take lanes out: the mask of those that remain.</summary>
    static abstract uint Observe(Warp* w, Instruction* i, int lengthBytes, AccessKind kind);
}

internal enum AccessKind : byte
{
    Load,
    Store,
    Atomic,
}

internal readonly struct GlobalSpace : ISpace
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Resolve(Warp* w, Instruction* i, int lengthBytes, byte** pointers)
    {
        if (!TryResolveAll(w, i, lengthBytes, pointers))
        {
            ResolveEach(w, i, lengthBytes, pointers);
        }
    }

    public static unsafe uint Observe(Warp* w, Instruction* i, int lengthBytes, AccessKind kind)
    {
        ulong* addresses = stackalloc ulong[Lanes.Count];
        Addresses.Read64(w, i, addresses);
        return Observer.Current.OnGlobal(w, i, addresses, lengthBytes, kind, w->Mask);
    }

    /// <summary>All lanes at once, when all are active, in the arena and aligned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe bool TryResolveAll(Warp* w, Instruction* i, int lengthBytes, byte** pointers)
    {
        var addresses = (Vector512<ulong>*)(w->Registers + i->A);
        Vector512<ulong> immediate = Vector512.Create((ulong)i->Immediate), start = Vector512.Create(w->ArenaStart);
        Vector512<ulong> v0 = addresses[0] + immediate, v1 = addresses[1] + immediate, v2 = addresses[2] + immediate, v3 = addresses[3] + immediate;
        Vector512<ulong> farthest = Vector512.Max(Vector512.Max(v0 - start, v1 - start), Vector512.Max(v2 - start, v3 - start));
        Vector512<ulong> misaligned = (v0 | v1 | v2 | v3) & Vector512.Create((ulong)(lengthBytes - 1));
        var target = (Vector512<ulong>*)pointers;
        target[0] = v0;
        target[1] = v1;
        target[2] = v2;
        target[3] = v3;
        return Vector512.LessThanOrEqualAll(farthest, Vector512.Create(w->ArenaBytes - (ulong)lengthBytes)) && misaligned == Vector512<ulong>.Zero;
    }

    private static unsafe void ResolveEach(Warp* w, Instruction* i, int lengthBytes, byte** pointers)
    {
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            ulong address = (ulong)pointers[lane];
            if (address - w->ArenaStart > w->ArenaBytes - (ulong)lengthBytes)
            {
                FaultSignal.Throw(i, FindingKind.OutOfBounds, lane, address, $"{lengthBytes} bytes outside the device's memory");
            }

            Addresses.RequireAligned(i, lane, address, lengthBytes);
        }
    }
}

/// <summary>Constant memory, which is addressed as global memory is.</summary>
internal readonly struct ConstantSpace : ISpace
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Resolve(Warp* w, Instruction* i, int lengthBytes, byte** pointers) => GlobalSpace.Resolve(w, i, lengthBytes, pointers);

    public static unsafe uint Observe(Warp* w, Instruction* i, int lengthBytes, AccessKind kind)
    {
        ulong* addresses = stackalloc ulong[Lanes.Count];
        Addresses.Read64(w, i, addresses);
        return Observer.Current.OnConstant(w, i, addresses, lengthBytes, w->Mask);
    }
}

/// <summary>Shared memory by 32-bit offsets; <see cref="Instruction.B"/> is 1 where the register that holds them has 64.</summary>
internal readonly struct SharedSpace : ISpace
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Resolve(Warp* w, Instruction* i, int lengthBytes, byte** pointers)
    {
        Vector512<uint> immediate = Vector512.Create((uint)i->Immediate), low, high;
        byte* register = w->Registers + i->A;
        if (i->B == 0)
        {
            low = ((Vector512<uint>*)register)[0];
            high = ((Vector512<uint>*)register)[1];
        }
        else
        {
            low = WideHandlers.NarrowPart(register, 0);
            high = WideHandlers.NarrowPart(register, 1);
        }

        low += immediate;
        high += immediate;
        uint* offsets = stackalloc uint[Lanes.Count];
        ((Vector512<uint>*)offsets)[0] = low;
        ((Vector512<uint>*)offsets)[1] = high;
        Vector512<uint> misaligned = (low | high) & Vector512.Create((uint)lengthBytes - 1);
        bool fits = w->SharedBytes >= (uint)lengthBytes && Vector512.LessThanOrEqualAll(Vector512.Max(low, high), Vector512.Create(w->SharedBytes - (uint)lengthBytes));
        if (!fits || misaligned != Vector512<uint>.Zero)
        {
            CheckEach(w, i, offsets, lengthBytes);
        }

        var start = Vector512.Create((long)w->Shared);
        for (int part = 0; part < 4; part++)
        {
            ((Vector512<long>*)pointers)[part] = start + UnsignedWidening.Widen((byte*)(offsets + (8 * part)));
        }
    }

    public static unsafe uint Observe(Warp* w, Instruction* i, int lengthBytes, AccessKind kind)
    {
        ulong* offsets = stackalloc ulong[Lanes.Count];
        Addresses.ReadShared(w, i, offsets);
        return Observer.Current.OnShared(w, i, offsets, lengthBytes, kind, w->Mask);
    }

    private static unsafe void CheckEach(Warp* w, Instruction* i, uint* offsets, int lengthBytes)
    {
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            if ((ulong)offsets[lane] + (ulong)lengthBytes > w->SharedBytes)
            {
                FaultSignal.Throw(i, FindingKind.OutOfBounds, lane, offsets[lane], $"{lengthBytes} bytes outside the block's {w->SharedBytes} bytes of shared memory");
            }

            Addresses.RequireAligned(i, lane, offsets[lane], lengthBytes);
        }
    }
}

internal readonly struct LocalSpace : ISpace
{
    public static unsafe void Resolve(Warp* w, Instruction* i, int lengthBytes, byte** pointers)
    {
        ulong* offsets = Lanes.Pointer64(w, i->A);
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            pointers[lane] = Pointer(w, i, lane, offsets[lane] + (ulong)i->Immediate, lengthBytes);
        }
    }

    public static unsafe uint Observe(Warp* w, Instruction* i, int lengthBytes, AccessKind kind)
    {
        ulong* addresses = stackalloc ulong[Lanes.Count];
        Addresses.Read64(w, i, addresses);
        return Observer.Current.OnLocal(w, i, addresses, lengthBytes, kind, w->Mask);
    }

    public static unsafe byte* Pointer(Warp* w, Instruction* i, int lane, ulong offset, int lengthBytes)
    {
        if (w->LocalBytes < (uint)lengthBytes || offset > w->LocalBytes - (uint)lengthBytes)
        {
            FaultSignal.Throw(i, FindingKind.OutOfBounds, lane, offset, $"{lengthBytes} bytes outside the thread's {w->LocalBytes} bytes of local memory");
        }

        Addresses.RequireAligned(i, lane, offset, lengthBytes);
        return w->Local + ((ulong)lane * w->LocalBytes) + offset;
    }
}

/// <summary>Generic addresses: global as they are, the other spaces behind their windows.</summary>
internal readonly struct GenericSpace : ISpace
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Resolve(Warp* w, Instruction* i, int lengthBytes, byte** pointers)
    {
        if (!GlobalSpace.TryResolveAll(w, i, lengthBytes, pointers))
        {
            ResolveEach(w, i, lengthBytes, pointers);
        }
    }

    public static unsafe uint Observe(Warp* w, Instruction* i, int lengthBytes, AccessKind kind)
    {
        ulong* addresses = stackalloc ulong[Lanes.Count];
        Addresses.Read64(w, i, addresses);
        uint shared = 0, local = 0, parameters = 0;
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            ulong address = addresses[lane];
            shared |= Windows.Contains(Windows.Shared, address) ? 1u << lane : 0;
            local |= Windows.Contains(Windows.Local, address) ? 1u << lane : 0;
            parameters |= Windows.Contains(Windows.Parameters, address) ? 1u << lane : 0;
            addresses[lane] = ((shared | local | parameters) >> lane & 1) != 0 ? address & (Windows.LengthBytes - 1) : address;
        }

        uint global = w->Mask & ~(shared | local | parameters), left = parameters;
        left |= global == 0 ? 0 : Observer.Current.OnGlobal(w, i, addresses, lengthBytes, kind, global);
        left |= shared == 0 ? 0 : Observer.Current.OnShared(w, i, addresses, lengthBytes, kind, shared);
        left |= local == 0 ? 0 : Observer.Current.OnLocal(w, i, addresses, lengthBytes, kind, local);
        return left;
    }

    private static unsafe void ResolveEach(Warp* w, Instruction* i, int lengthBytes, byte** pointers)
    {
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            pointers[lane] = Pointer(w, i, lane, (ulong)pointers[lane], lengthBytes);
        }
    }

    private static unsafe byte* Pointer(Warp* w, Instruction* i, int lane, ulong address, int lengthBytes)
    {
        if (address - w->ArenaStart <= w->ArenaBytes - (ulong)lengthBytes)
        {
            Addresses.RequireAligned(i, lane, address, lengthBytes);
            return (byte*)address;
        }

        if (Windows.Contains(Windows.Local, address))
        {
            return LocalSpace.Pointer(w, i, lane, address - Windows.Local, lengthBytes);
        }

        ulong offset = address - Windows.Shared;
        if (offset + (ulong)lengthBytes <= w->SharedBytes)
        {
            Addresses.RequireAligned(i, lane, address, lengthBytes);
            return w->Shared + offset;
        }

        offset = address - Windows.Parameters;
        if (offset + (ulong)lengthBytes <= w->ParameterBytes)
        {
            Addresses.RequireAligned(i, lane, address, lengthBytes);
            return w->Parameters + offset;
        }

        FaultSignal.Throw(i, FindingKind.OutOfBounds, lane, address, $"{lengthBytes} bytes outside every memory of the device");
        return null;
    }
}

/// <summary>A kernel's own parameters by their offset.</summary>
internal readonly struct ParameterSpace : ISpace
{
    public static unsafe void Resolve(Warp* w, Instruction* i, int lengthBytes, byte** pointers)
    {
        ulong* offsets = Lanes.Pointer64(w, i->A);
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            ulong offset = offsets[lane] + (ulong)i->Immediate;
            if (offset + (ulong)lengthBytes > w->ParameterBytes)
            {
                FaultSignal.Throw(i, FindingKind.OutOfBounds, lane, offset, $"{lengthBytes} bytes outside the kernel's {w->ParameterBytes} bytes of parameters");
            }

            Addresses.RequireAligned(i, lane, offset, lengthBytes);
            pointers[lane] = w->Parameters + offset;
        }
    }

    public static unsafe uint Observe(Warp* w, Instruction* i, int lengthBytes, AccessKind kind) => w->Mask;
}

/// <summary>The addresses that an instruction's lanes ask for.</summary>
internal static unsafe class Addresses
{
    public static void Read64(Warp* w, Instruction* i, ulong* addresses)
    {
        ulong* register = Lanes.Pointer64(w, i->A);
        for (int lane = 0; lane < Lanes.Count; lane++)
        {
            addresses[lane] = register[lane] + (ulong)i->Immediate;
        }
    }

    public static void ReadShared(Warp* w, Instruction* i, ulong* offsets)
    {
        for (int lane = 0; lane < Lanes.Count; lane++)
        {
            uint offset = i->B == 0 ? Lanes.Pointer32(w, i->A)[lane] : (uint)Lanes.Pointer64(w, i->A)[lane];
            offsets[lane] = offset + (uint)i->Immediate;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RequireAligned(Instruction* i, int lane, ulong address, int lengthBytes)
    {
        if ((address & (ulong)(lengthBytes - 1)) != 0)
        {
            FaultSignal.Throw(i, FindingKind.Misaligned, lane, address, $"{lengthBytes} bytes at an address that {lengthBytes} does not divide");
        }
    }
}

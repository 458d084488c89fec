using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Jukebox.PtxMachine.Execution;

/// <summary>Reads and writes of a warp's registers as vectors: two of 16 lanes, or four of 8.</summary>
internal static unsafe class Lanes
{
    public const int Count = 32;

    /// <summary>Bytes of a register of 4-byte lanes.</summary>
    public const int Bytes32 = 128;

    /// <summary>Bytes of a register of 8-byte lanes.</summary>
    public const int Bytes64 = 256;

    /// <summary>All bits of the lanes that a mask has, from lane 16·<paramref name="part"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Select32(uint mask, int part)
    {
        Vector512<uint> bits = Vector512.Create(1u, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768);
        return Vector512.Equals(Vector512.Create(mask >> (16 * part)) & bits, bits);
    }

    /// <summary>All bits of the lanes that a mask has, from lane 8·<paramref name="part"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Select64(uint mask, int part)
    {
        Vector512<ulong> bits = Vector512.Create(1ul, 2, 4, 8, 16, 32, 64, 128);
        return Vector512.Equals(Vector512.Create((ulong)(mask >> (8 * part))) & bits, bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Load<T>(Warp* w, int register, int part)
        where T : unmanaged => *(Vector512<T>*)(w->Registers + register + (64 * part));

    /// <summary>Writes the active lanes of one part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(Warp* w, int register, int part, Vector512<T> value)
        where T : unmanaged
    {
        var target = (Vector512<T>*)(w->Registers + register + (64 * part));
        if (w->Mask == Warp.AllLanes)
        {
            *target = value;
        }
        else if (sizeof(T) == 4)
        {
            *target = Vector512.ConditionalSelect(Select32(w->Mask, part).As<uint, T>(), value, *target);
        }
        else
        {
            *target = Vector512.ConditionalSelect(Select64(w->Mask, part).As<ulong, T>(), value, *target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint* Pointer32(Warp* w, int register) => (uint*)(w->Registers + register);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong* Pointer64(Warp* w, int register) => (ulong*)(w->Registers + register);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Predicate(Warp* w, int register) => *(uint*)(w->Registers + register);

    /// <summary>Writes the active lanes of a predicate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePredicate(Warp* w, int register, uint value)
    {
        uint* target = (uint*)(w->Registers + register);
        *target = (*target & ~w->Mask) | (value & w->Mask);
    }

    /// <summary>The lowest lane of a mask, which it loses.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Take(ref uint mask)
    {
        int lane = BitOperations.TrailingZeroCount(mask);
        mask &= mask - 1;
        return lane;
    }
}

using System.Runtime.CompilerServices;

namespace Jukebox.Cpu.Simd;

/// <summary>How weights lie in memory; kernels are generic over it. Nothing here needs alignment.</summary>
internal unsafe interface IStorage
{
    /// <summary>Bytes of one element.</summary>
    static abstract int LengthBytes { get; }

    /// <summary>Whether the weights lie where the file put them, so that asking for them ahead of time pays.</summary>
    static abstract bool InPlace { get; }

    /// <summary>One element as a single.</summary>
    static abstract float Read(byte* source);

    /// <summary>A vector of consecutive elements as singles.</summary>
    static abstract TVector Load<TSimd, TVector>(byte* source)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged;
}

/// <summary>What every storage can do.</summary>
internal static unsafe class Storage
{
    /// <summary>The first <paramref name="count"/> lanes, 0 to Width; the others are zero and not read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector LoadPartial<TSimd, TVector, TStorage>(byte* source, int count)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
        where TStorage : IStorage
    {
        if (TStorage.LengthBytes == sizeof(float))
        {
            return TSimd.LoadPartial((float*)source, count);
        }

        TVector copy = default;
        Unsafe.CopyBlockUnaligned(&copy, source, (uint)(count * TStorage.LengthBytes));
        return TStorage.Load<TSimd, TVector>((byte*)&copy);
    }
}

/// <summary>IEEE single precision.</summary>
internal readonly unsafe struct SingleStorage : IStorage
{
    public static int LengthBytes => 4;

    public static bool InPlace => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Read(byte* source) => Unsafe.ReadUnaligned<float>(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TSimd, TVector>(byte* source)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged => TSimd.Load((float*)source);
}

/// <summary>IEEE half precision.</summary>
internal readonly unsafe struct HalfStorage : IStorage
{
    public static int LengthBytes => 2;

    public static bool InPlace => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Read(byte* source) => (float)Unsafe.ReadUnaligned<Half>(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TSimd, TVector>(byte* source)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged => TSimd.LoadHalf((ushort*)source);
}

/// <summary>bfloat16: the upper half of a single.</summary>
internal readonly unsafe struct BFloat16Storage : IStorage
{
    public static int LengthBytes => 2;

    public static bool InPlace => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Read(byte* source) => BitConverter.UInt32BitsToSingle((uint)Unsafe.ReadUnaligned<ushort>(source) << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TSimd, TVector>(byte* source)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged => TSimd.LoadBFloat16((ushort*)source);
}

/// <summary>Singles that were packed next to each other.</summary>
internal readonly unsafe struct PackedStorage : IStorage
{
    public static int LengthBytes => 4;

    public static bool InPlace => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Read(byte* source) => *(float*)source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TSimd, TVector>(byte* source)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged => TSimd.Load((float*)source);
}

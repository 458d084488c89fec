using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Jukebox.Cpu.Simd;

/// <summary>AVX-512: 16 lanes, 32 registers.</summary>
internal readonly unsafe struct Avx512Simd : ISimd<Vector512<float>>
{
    public static int Width => 16;

    public static int TileRows => 12;

    public static Vector512<float> Zero => Vector512<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Splat(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Avx512F.LoadVector512(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadPartial(float* source, int count) => Avx512F.MaskLoad(source, Lanes(count), default);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadHalf(ushort* source)
    {
        Vector512<int> bits = Avx512F.ConvertToVector512Int32(Vector256.Load(source));
        Vector512<int> magnitude = (bits & Vector512.Create(0x7FFF)) << 13;
        Vector512<int> rebased = magnitude + Vector512.Create(112 << 23);
        Vector512<int> infinite = Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(0x7C00 << 13)) & Vector512.Create(112 << 23);
        Vector512<float> offset = Vector512.Create(113 << 23).AsSingle();
        Vector512<float> subnormal = Avx512F.Subtract((magnitude + Vector512.Create(113 << 23)).AsSingle(), offset);
        Vector512<int> value = Vector512.ConditionalSelect(
            Vector512.LessThan(magnitude, Vector512.Create(0x400 << 13)), subnormal.AsInt32(), rebased + infinite);
        return (value | ((bits & Vector512.Create(0x8000)) << 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadBFloat16(ushort* source) =>
        (Avx512F.ConvertToVector512Int32(Vector256.Load(source)) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, Vector512<float> value) => Avx512F.Store(destination, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(float* destination, Vector512<float> value, int count) =>
        Avx512F.MaskStore(destination, Lanes(count), value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> left, Vector512<float> right) => Avx512F.Add(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> left, Vector512<float> right) => Avx512F.Subtract(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> left, Vector512<float> right) => Avx512F.Multiply(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Divide(Vector512<float> left, Vector512<float> right) => Avx512F.Divide(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SquareRoot(Vector512<float> value) => Avx512F.Sqrt(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> left, Vector512<float> right, Vector512<float> addend) =>
        Avx512F.FusedMultiplyAdd(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> left, Vector512<float> right) => Avx512F.Max(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Min(Vector512<float> left, Vector512<float> right) => Avx512F.Min(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gate(Vector512<float> value, Vector512<float> gate) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(gate, Vector512<float>.Zero), value, Vector512<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Round(Vector512<float> value) => Avx512F.RoundScale(value, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Scale(Vector512<float> value, Vector512<float> exponent) => Avx512F.Scale(value, exponent);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> value) => Avx2Simd.Sum(Avx.Add(value.GetLower(), value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sums(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* destination)
    {
        // Quarters 0 + 2 and 1 + 3 of a and b, of c and d; then those two; each vector has a quarter of its own in the end.
        Vector512<float> ab = Avx512F.Add(Avx512F.Shuffle4x128(a, b, 0b01_00_01_00), Avx512F.Shuffle4x128(a, b, 0b11_10_11_10));
        Vector512<float> cd = Avx512F.Add(Avx512F.Shuffle4x128(c, d, 0b01_00_01_00), Avx512F.Shuffle4x128(c, d, 0b11_10_11_10));
        Vector512<float> sums = Avx512F.Add(Avx512F.Shuffle4x128(ab, cd, 0b10_00_10_00), Avx512F.Shuffle4x128(ab, cd, 0b11_01_11_01));
        sums = Avx512F.Add(sums, Avx512F.Shuffle(sums, sums, 0b01_00_11_10));
        sums = Avx512F.Add(sums, Avx512F.Shuffle(sums, sums, 0b10_11_00_01));
        Vector512<int> first = Vector512.Create(0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        Sse.Store(destination, Avx512F.PermuteVar16x32(sums, first).GetLower().GetLower());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLane(Vector512<float> value) => Avx2Simd.MaxLane(Avx.Max(value.GetLower(), value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(float* source, nint sourceStride, float* target, nint targetStride) =>
        Transposition.Sixteen(source, sourceStride, target, targetStride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* address) => Sse.Prefetch0(address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Lanes(int count) =>
        Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();
}

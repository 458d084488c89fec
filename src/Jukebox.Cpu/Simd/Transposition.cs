using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Jukebox.Cpu.Simd;

/// <summary>Blocks of floats with rows and columns exchanged in registers; strides are in floats.</summary>
internal static unsafe class Transposition
{
    /// <summary>8 by 8: pairs, quadruples, then halves of the rows are interleaved.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Eight(float* source, nint sourceStride, float* target, nint targetStride)
    {
        for (int half = 0; half < 8; half += 4, target += 4 * targetStride)
        {
            // Rows 0 to 3 in the lower halves, 4 to 7 in the upper ones; four columns of them.
            float* row = source + half;
            Vector256<float> r0 = Rows(row, 4 * sourceStride), r1 = Rows(row + sourceStride, 4 * sourceStride);
            Vector256<float> r2 = Rows(row + (2 * sourceStride), 4 * sourceStride), r3 = Rows(row + (3 * sourceStride), 4 * sourceStride);
            Vector256<float> a0 = Avx.UnpackLow(r0, r1), a1 = Avx.UnpackHigh(r0, r1), a2 = Avx.UnpackLow(r2, r3), a3 = Avx.UnpackHigh(r2, r3);
            Avx.Store(target, Avx.Shuffle(a0, a2, 0b01_00_01_00));
            Avx.Store(target + targetStride, Avx.Shuffle(a0, a2, 0b11_10_11_10));
            Avx.Store(target + (2 * targetStride), Avx.Shuffle(a1, a3, 0b01_00_01_00));
            Avx.Store(target + (3 * targetStride), Avx.Shuffle(a1, a3, 0b11_10_11_10));
        }
    }

    /// <summary>16 by 16: as <see cref="Eight"/>, with quarters of the rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sixteen(float* source, nint sourceStride, float* target, nint targetStride)
    {
        for (int quarter = 0; quarter < 16; quarter += 4, target += 4 * targetStride)
        {
            float* row = source + quarter;
            Vector512<float> r0 = Quarters(row, 4 * sourceStride), r1 = Quarters(row + sourceStride, 4 * sourceStride);
            Vector512<float> r2 = Quarters(row + (2 * sourceStride), 4 * sourceStride), r3 = Quarters(row + (3 * sourceStride), 4 * sourceStride);
            Vector512<float> a0 = Avx512F.UnpackLow(r0, r1), a1 = Avx512F.UnpackHigh(r0, r1);
            Vector512<float> a2 = Avx512F.UnpackLow(r2, r3), a3 = Avx512F.UnpackHigh(r2, r3);
            Avx512F.Store(target, Avx512F.Shuffle(a0, a2, 0b01_00_01_00));
            Avx512F.Store(target + targetStride, Avx512F.Shuffle(a0, a2, 0b11_10_11_10));
            Avx512F.Store(target + (2 * targetStride), Avx512F.Shuffle(a1, a3, 0b01_00_01_00));
            Avx512F.Store(target + (3 * targetStride), Avx512F.Shuffle(a1, a3, 0b11_10_11_10));
        }
    }

    /// <summary>Four floats of a row and of the row four further on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Rows(float* row, nint stride) => Vector256.Create(Sse.LoadVector128(row), Sse.LoadVector128(row + stride));

    /// <summary>Four floats of every fourth row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quarters(float* row, nint stride) =>
        Vector512.Create(Rows(row, stride), Rows(row + (2 * stride), stride));
}

using System.Runtime.CompilerServices;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Linear;

/// <summary>
/// Register tiles of sums over positions: c (rows, columns) = or += Σ over <c>count</c> positions of a (positions, rows) ᵀ ·
/// b (positions, columns), both read where they lie. Every element is one chain of multiply-adds in order of positions. Eight
/// rows, since widths of layers are multiples of them; written out by hand, since the compiler keeps locals in registers but
/// not arrays.
/// </summary>
internal static unsafe class OuterTiles<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Eight rows, two vectors of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TwoVectors(float* a, nint strideA, float* b, nint strideB, int count, float* c, nint strideC, bool first)
    {
        if (TSimd.Width == 16)
        {
            EightByTwo(a, strideA, b, strideB, count, c, strideC, first);
        }
        else
        {
            FourByTwo(a, strideA, b, strideB, count, c, strideC, first);
            FourByTwo(a + 4, strideA, b, strideB, count, c + (4 * strideC), strideC, first);
        }
    }

    /// <summary>Eight rows, one vector of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OneVector(float* a, nint strideA, float* b, nint strideB, int count, float* c, nint strideC, bool first)
    {
        TVector c00 = TSimd.Zero, c10 = TSimd.Zero, c20 = TSimd.Zero, c30 = TSimd.Zero;
        TVector c40 = TSimd.Zero, c50 = TSimd.Zero, c60 = TSimd.Zero, c70 = TSimd.Zero;
        if (!first)
        {
            c00 = TSimd.Load(c);
            c10 = TSimd.Load(c + strideC);
            c20 = TSimd.Load(c + (2 * strideC));
            c30 = TSimd.Load(c + (3 * strideC));
            c40 = TSimd.Load(c + (4 * strideC));
            c50 = TSimd.Load(c + (5 * strideC));
            c60 = TSimd.Load(c + (6 * strideC));
            c70 = TSimd.Load(c + (7 * strideC));
        }

        for (int k = 0; k < count; k++, a += strideA, b += strideB)
        {
            TVector b0 = TSimd.Load(b);
            c00 = TSimd.MultiplyAdd(TSimd.Splat(a[0]), b0, c00);
            c10 = TSimd.MultiplyAdd(TSimd.Splat(a[1]), b0, c10);
            c20 = TSimd.MultiplyAdd(TSimd.Splat(a[2]), b0, c20);
            c30 = TSimd.MultiplyAdd(TSimd.Splat(a[3]), b0, c30);
            c40 = TSimd.MultiplyAdd(TSimd.Splat(a[4]), b0, c40);
            c50 = TSimd.MultiplyAdd(TSimd.Splat(a[5]), b0, c50);
            c60 = TSimd.MultiplyAdd(TSimd.Splat(a[6]), b0, c60);
            c70 = TSimd.MultiplyAdd(TSimd.Splat(a[7]), b0, c70);
        }

        TSimd.Store(c, c00);
        TSimd.Store(c + strideC, c10);
        TSimd.Store(c + (2 * strideC), c20);
        TSimd.Store(c + (3 * strideC), c30);
        TSimd.Store(c + (4 * strideC), c40);
        TSimd.Store(c + (5 * strideC), c50);
        TSimd.Store(c + (6 * strideC), c60);
        TSimd.Store(c + (7 * strideC), c70);
    }

    /// <summary>One row, any number of columns: b is read once, and every vector of it is one multiply-add.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SingleRow(float* a, nint strideA, float* b, nint strideB, int columns, int count, float* c, bool first)
    {
        int width = TSimd.Width;
        for (int column = 0; column < columns; column += 4 * width, b += 4 * width, c += 4 * width)
        {
            if (columns - column > 3 * width)
            {
                OneByFour(a, strideA, b, strideB, count, c, first);
                continue;
            }

            for (int v = 0; column + v < columns; v += width)
            {
                float* factor = a, vector = b + v;
                TVector sum = first ? TSimd.Zero : TSimd.Load(c + v);
                for (int k = 0; k < count; k++, factor += strideA, vector += strideB)
                {
                    sum = TSimd.MultiplyAdd(TSimd.Splat(*factor), TSimd.Load(vector), sum);
                }

                TSimd.Store(c + v, sum);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneByFour(float* a, nint strideA, float* b, nint strideB, int count, float* c, bool first)
    {
        int width = TSimd.Width;
        TVector c0 = first ? TSimd.Zero : TSimd.Load(c), c1 = first ? TSimd.Zero : TSimd.Load(c + width);
        TVector c2 = first ? TSimd.Zero : TSimd.Load(c + (2 * width)), c3 = first ? TSimd.Zero : TSimd.Load(c + (3 * width));
        for (int k = 0; k < count; k++, a += strideA, b += strideB)
        {
            TVector value = TSimd.Splat(*a);
            c0 = TSimd.MultiplyAdd(value, TSimd.Load(b), c0);
            c1 = TSimd.MultiplyAdd(value, TSimd.Load(b + width), c1);
            c2 = TSimd.MultiplyAdd(value, TSimd.Load(b + (2 * width)), c2);
            c3 = TSimd.MultiplyAdd(value, TSimd.Load(b + (3 * width)), c3);
        }

        TSimd.Store(c, c0);
        TSimd.Store(c + width, c1);
        TSimd.Store(c + (2 * width), c2);
        TSimd.Store(c + (3 * width), c3);
    }

    /// <summary>16 accumulators, two vectors of b and one splat: 19 of 32 registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightByTwo(float* a, nint strideA, float* b, nint strideB, int count, float* c, nint strideC, bool first)
    {
        int width = TSimd.Width;
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c10 = TSimd.Zero, c11 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c30 = TSimd.Zero, c31 = TSimd.Zero;
        TVector c40 = TSimd.Zero, c41 = TSimd.Zero, c50 = TSimd.Zero, c51 = TSimd.Zero;
        TVector c60 = TSimd.Zero, c61 = TSimd.Zero, c70 = TSimd.Zero, c71 = TSimd.Zero;
        if (!first)
        {
            c00 = TSimd.Load(c);
            c01 = TSimd.Load(c + width);
            c10 = TSimd.Load(c + strideC);
            c11 = TSimd.Load(c + strideC + width);
            c20 = TSimd.Load(c + (2 * strideC));
            c21 = TSimd.Load(c + (2 * strideC) + width);
            c30 = TSimd.Load(c + (3 * strideC));
            c31 = TSimd.Load(c + (3 * strideC) + width);
            c40 = TSimd.Load(c + (4 * strideC));
            c41 = TSimd.Load(c + (4 * strideC) + width);
            c50 = TSimd.Load(c + (5 * strideC));
            c51 = TSimd.Load(c + (5 * strideC) + width);
            c60 = TSimd.Load(c + (6 * strideC));
            c61 = TSimd.Load(c + (6 * strideC) + width);
            c70 = TSimd.Load(c + (7 * strideC));
            c71 = TSimd.Load(c + (7 * strideC) + width);
        }

        for (int k = 0; k < count; k++, a += strideA, b += strideB)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + width), value = TSimd.Splat(a[0]);
            c00 = TSimd.MultiplyAdd(value, b0, c00);
            c01 = TSimd.MultiplyAdd(value, b1, c01);
            value = TSimd.Splat(a[1]);
            c10 = TSimd.MultiplyAdd(value, b0, c10);
            c11 = TSimd.MultiplyAdd(value, b1, c11);
            value = TSimd.Splat(a[2]);
            c20 = TSimd.MultiplyAdd(value, b0, c20);
            c21 = TSimd.MultiplyAdd(value, b1, c21);
            value = TSimd.Splat(a[3]);
            c30 = TSimd.MultiplyAdd(value, b0, c30);
            c31 = TSimd.MultiplyAdd(value, b1, c31);
            value = TSimd.Splat(a[4]);
            c40 = TSimd.MultiplyAdd(value, b0, c40);
            c41 = TSimd.MultiplyAdd(value, b1, c41);
            value = TSimd.Splat(a[5]);
            c50 = TSimd.MultiplyAdd(value, b0, c50);
            c51 = TSimd.MultiplyAdd(value, b1, c51);
            value = TSimd.Splat(a[6]);
            c60 = TSimd.MultiplyAdd(value, b0, c60);
            c61 = TSimd.MultiplyAdd(value, b1, c61);
            value = TSimd.Splat(a[7]);
            c70 = TSimd.MultiplyAdd(value, b0, c70);
            c71 = TSimd.MultiplyAdd(value, b1, c71);
        }

        TSimd.Store(c, c00);
        TSimd.Store(c + width, c01);
        TSimd.Store(c + strideC, c10);
        TSimd.Store(c + strideC + width, c11);
        TSimd.Store(c + (2 * strideC), c20);
        TSimd.Store(c + (2 * strideC) + width, c21);
        TSimd.Store(c + (3 * strideC), c30);
        TSimd.Store(c + (3 * strideC) + width, c31);
        TSimd.Store(c + (4 * strideC), c40);
        TSimd.Store(c + (4 * strideC) + width, c41);
        TSimd.Store(c + (5 * strideC), c50);
        TSimd.Store(c + (5 * strideC) + width, c51);
        TSimd.Store(c + (6 * strideC), c60);
        TSimd.Store(c + (6 * strideC) + width, c61);
        TSimd.Store(c + (7 * strideC), c70);
        TSimd.Store(c + (7 * strideC) + width, c71);
    }

    /// <summary>8 accumulators, two vectors of b and one splat: 11 of 16 registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByTwo(float* a, nint strideA, float* b, nint strideB, int count, float* c, nint strideC, bool first)
    {
        int width = TSimd.Width;
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c10 = TSimd.Zero, c11 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c30 = TSimd.Zero, c31 = TSimd.Zero;
        if (!first)
        {
            c00 = TSimd.Load(c);
            c01 = TSimd.Load(c + width);
            c10 = TSimd.Load(c + strideC);
            c11 = TSimd.Load(c + strideC + width);
            c20 = TSimd.Load(c + (2 * strideC));
            c21 = TSimd.Load(c + (2 * strideC) + width);
            c30 = TSimd.Load(c + (3 * strideC));
            c31 = TSimd.Load(c + (3 * strideC) + width);
        }

        for (int k = 0; k < count; k++, a += strideA, b += strideB)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + width), value = TSimd.Splat(a[0]);
            c00 = TSimd.MultiplyAdd(value, b0, c00);
            c01 = TSimd.MultiplyAdd(value, b1, c01);
            value = TSimd.Splat(a[1]);
            c10 = TSimd.MultiplyAdd(value, b0, c10);
            c11 = TSimd.MultiplyAdd(value, b1, c11);
            value = TSimd.Splat(a[2]);
            c20 = TSimd.MultiplyAdd(value, b0, c20);
            c21 = TSimd.MultiplyAdd(value, b1, c21);
            value = TSimd.Splat(a[3]);
            c30 = TSimd.MultiplyAdd(value, b0, c30);
            c31 = TSimd.MultiplyAdd(value, b1, c31);
        }

        TSimd.Store(c, c00);
        TSimd.Store(c + width, c01);
        TSimd.Store(c + strideC, c10);
        TSimd.Store(c + strideC + width, c11);
        TSimd.Store(c + (2 * strideC), c20);
        TSimd.Store(c + (2 * strideC) + width, c21);
        TSimd.Store(c + (3 * strideC), c30);
        TSimd.Store(c + (3 * strideC) + width, c31);
    }
}

using System.Runtime.CompilerServices;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Linear;

/// <summary>
/// The matrix product of one register tile: C (rows, columns) = A (rows, depth) · B (depth, columns), with B packed as a
/// panel of exactly the tile's columns. Every element is one chain of multiply-adds in order of depth, so its bits do not
/// depend on where in a tile it lies.
/// </summary>
internal static unsafe class TileProduct<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Rows of A and C.</summary>
    public static int Rows => TSimd.Width == 16 ? 12 : 6;

    /// <summary>Columns of B and C: two vectors.</summary>
    public static int Columns => 2 * TSimd.Width;

    /// <summary>Computes one tile.</summary>
    /// <param name="a">First row of A; all rows of the tile must be readable.</param>
    /// <param name="stride">Elements from one row of A to the next.</param>
    /// <param name="b">(depth, Columns), contiguous.</param>
    /// <param name="depth">Terms of each sum.</param>
    /// <param name="c">(Rows, Columns), contiguous.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Compute(float* a, nint stride, float* b, int depth, float* c)
    {
        if (TSimd.Width == 16)
        {
            TwelveRows(a, stride, b, depth, c);
        }
        else
        {
            SixRows(a, stride, b, depth, c);
        }
    }

    /// <summary>
    /// The first vector of columns of one tile, for layers whose last panel holds no more. Panel and tile are laid out as for
    /// <see cref="Compute"/>; of the tile's second vectors nothing is written.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ComputeHalf(float* a, nint stride, float* b, int depth, float* c)
    {
        if (TSimd.Width == 16)
        {
            TwelveRowsHalf(a, stride, b, depth, c);
        }
        else
        {
            SixRowsHalf(a, stride, b, depth, c);
        }
    }

    /// <summary>24 accumulators, two vectors of B and one splat: 27 of 32 registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwelveRows(float* a, nint stride, float* b, int depth, float* c)
    {
        int width = TSimd.Width;
        nint twice = 2 * stride;
        float* a3 = a + (3 * stride), a6 = a + (6 * stride), a9 = a + (9 * stride);
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c10 = TSimd.Zero, c11 = TSimd.Zero, c20 = TSimd.Zero, c21 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero, c40 = TSimd.Zero, c41 = TSimd.Zero, c50 = TSimd.Zero, c51 = TSimd.Zero;
        TVector c60 = TSimd.Zero, c61 = TSimd.Zero, c70 = TSimd.Zero, c71 = TSimd.Zero, c80 = TSimd.Zero, c81 = TSimd.Zero;
        TVector c90 = TSimd.Zero, c91 = TSimd.Zero, cA0 = TSimd.Zero, cA1 = TSimd.Zero, cB0 = TSimd.Zero, cB1 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + width);
            TVector value = TSimd.Splat(*a);
            c00 = TSimd.MultiplyAdd(value, b0, c00);
            c01 = TSimd.MultiplyAdd(value, b1, c01);
            value = TSimd.Splat(a[stride]);
            c10 = TSimd.MultiplyAdd(value, b0, c10);
            c11 = TSimd.MultiplyAdd(value, b1, c11);
            value = TSimd.Splat(a[twice]);
            c20 = TSimd.MultiplyAdd(value, b0, c20);
            c21 = TSimd.MultiplyAdd(value, b1, c21);
            value = TSimd.Splat(*a3);
            c30 = TSimd.MultiplyAdd(value, b0, c30);
            c31 = TSimd.MultiplyAdd(value, b1, c31);
            value = TSimd.Splat(a3[stride]);
            c40 = TSimd.MultiplyAdd(value, b0, c40);
            c41 = TSimd.MultiplyAdd(value, b1, c41);
            value = TSimd.Splat(a3[twice]);
            c50 = TSimd.MultiplyAdd(value, b0, c50);
            c51 = TSimd.MultiplyAdd(value, b1, c51);
            value = TSimd.Splat(*a6);
            c60 = TSimd.MultiplyAdd(value, b0, c60);
            c61 = TSimd.MultiplyAdd(value, b1, c61);
            value = TSimd.Splat(a6[stride]);
            c70 = TSimd.MultiplyAdd(value, b0, c70);
            c71 = TSimd.MultiplyAdd(value, b1, c71);
            value = TSimd.Splat(a6[twice]);
            c80 = TSimd.MultiplyAdd(value, b0, c80);
            c81 = TSimd.MultiplyAdd(value, b1, c81);
            value = TSimd.Splat(*a9);
            c90 = TSimd.MultiplyAdd(value, b0, c90);
            c91 = TSimd.MultiplyAdd(value, b1, c91);
            value = TSimd.Splat(a9[stride]);
            cA0 = TSimd.MultiplyAdd(value, b0, cA0);
            cA1 = TSimd.MultiplyAdd(value, b1, cA1);
            value = TSimd.Splat(a9[twice]);
            cB0 = TSimd.MultiplyAdd(value, b0, cB0);
            cB1 = TSimd.MultiplyAdd(value, b1, cB1);
            a++;
            a3++;
            a6++;
            a9++;
            b += 2 * width;
        }

        StoreThree(c, c00, c01, c10, c11, c20, c21);
        StoreThree(c + (6 * width), c30, c31, c40, c41, c50, c51);
        StoreThree(c + (12 * width), c60, c61, c70, c71, c80, c81);
        StoreThree(c + (18 * width), c90, c91, cA0, cA1, cB0, cB1);
    }

    /// <summary>12 accumulators, two vectors of B and one splat: 15 of 16 registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SixRows(float* a, nint stride, float* b, int depth, float* c)
    {
        int width = TSimd.Width;
        nint twice = 2 * stride;
        float* a3 = a + (3 * stride);
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c10 = TSimd.Zero, c11 = TSimd.Zero, c20 = TSimd.Zero, c21 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero, c40 = TSimd.Zero, c41 = TSimd.Zero, c50 = TSimd.Zero, c51 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + width);
            TVector value = TSimd.Splat(*a);
            c00 = TSimd.MultiplyAdd(value, b0, c00);
            c01 = TSimd.MultiplyAdd(value, b1, c01);
            value = TSimd.Splat(a[stride]);
            c10 = TSimd.MultiplyAdd(value, b0, c10);
            c11 = TSimd.MultiplyAdd(value, b1, c11);
            value = TSimd.Splat(a[twice]);
            c20 = TSimd.MultiplyAdd(value, b0, c20);
            c21 = TSimd.MultiplyAdd(value, b1, c21);
            value = TSimd.Splat(*a3);
            c30 = TSimd.MultiplyAdd(value, b0, c30);
            c31 = TSimd.MultiplyAdd(value, b1, c31);
            value = TSimd.Splat(a3[stride]);
            c40 = TSimd.MultiplyAdd(value, b0, c40);
            c41 = TSimd.MultiplyAdd(value, b1, c41);
            value = TSimd.Splat(a3[twice]);
            c50 = TSimd.MultiplyAdd(value, b0, c50);
            c51 = TSimd.MultiplyAdd(value, b1, c51);
            a++;
            a3++;
            b += 2 * width;
        }

        StoreThree(c, c00, c01, c10, c11, c20, c21);
        StoreThree(c + (6 * width), c30, c31, c40, c41, c50, c51);
    }

    /// <summary>12 accumulators, one vector of B and one splat.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwelveRowsHalf(float* a, nint stride, float* b, int depth, float* c)
    {
        int step = 2 * TSimd.Width;
        nint twice = 2 * stride;
        float* a3 = a + (3 * stride), a6 = a + (6 * stride), a9 = a + (9 * stride);
        TVector c0 = TSimd.Zero, c1 = TSimd.Zero, c2 = TSimd.Zero, c3 = TSimd.Zero, c4 = TSimd.Zero, c5 = TSimd.Zero;
        TVector c6 = TSimd.Zero, c7 = TSimd.Zero, c8 = TSimd.Zero, c9 = TSimd.Zero, cA = TSimd.Zero, cB = TSimd.Zero;
        for (int k = 0; k < depth; k++, b += step)
        {
            TVector vector = TSimd.Load(b);
            c0 = TSimd.MultiplyAdd(TSimd.Splat(*a), vector, c0);
            c1 = TSimd.MultiplyAdd(TSimd.Splat(a[stride]), vector, c1);
            c2 = TSimd.MultiplyAdd(TSimd.Splat(a[twice]), vector, c2);
            c3 = TSimd.MultiplyAdd(TSimd.Splat(*a3), vector, c3);
            c4 = TSimd.MultiplyAdd(TSimd.Splat(a3[stride]), vector, c4);
            c5 = TSimd.MultiplyAdd(TSimd.Splat(a3[twice]), vector, c5);
            c6 = TSimd.MultiplyAdd(TSimd.Splat(*a6), vector, c6);
            c7 = TSimd.MultiplyAdd(TSimd.Splat(a6[stride]), vector, c7);
            c8 = TSimd.MultiplyAdd(TSimd.Splat(a6[twice]), vector, c8);
            c9 = TSimd.MultiplyAdd(TSimd.Splat(*a9), vector, c9);
            cA = TSimd.MultiplyAdd(TSimd.Splat(a9[stride]), vector, cA);
            cB = TSimd.MultiplyAdd(TSimd.Splat(a9[twice]), vector, cB);
            a++;
            a3++;
            a6++;
            a9++;
        }

        TSimd.Store(c, c0);
        TSimd.Store(c + step, c1);
        TSimd.Store(c + (2 * step), c2);
        TSimd.Store(c + (3 * step), c3);
        TSimd.Store(c + (4 * step), c4);
        TSimd.Store(c + (5 * step), c5);
        TSimd.Store(c + (6 * step), c6);
        TSimd.Store(c + (7 * step), c7);
        TSimd.Store(c + (8 * step), c8);
        TSimd.Store(c + (9 * step), c9);
        TSimd.Store(c + (10 * step), cA);
        TSimd.Store(c + (11 * step), cB);
    }

    /// <summary>6 accumulators, one vector of B and one splat.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SixRowsHalf(float* a, nint stride, float* b, int depth, float* c)
    {
        int step = 2 * TSimd.Width;
        nint twice = 2 * stride;
        float* a3 = a + (3 * stride);
        TVector c0 = TSimd.Zero, c1 = TSimd.Zero, c2 = TSimd.Zero, c3 = TSimd.Zero, c4 = TSimd.Zero, c5 = TSimd.Zero;
        for (int k = 0; k < depth; k++, b += step)
        {
            TVector vector = TSimd.Load(b);
            c0 = TSimd.MultiplyAdd(TSimd.Splat(*a), vector, c0);
            c1 = TSimd.MultiplyAdd(TSimd.Splat(a[stride]), vector, c1);
            c2 = TSimd.MultiplyAdd(TSimd.Splat(a[twice]), vector, c2);
            c3 = TSimd.MultiplyAdd(TSimd.Splat(*a3), vector, c3);
            c4 = TSimd.MultiplyAdd(TSimd.Splat(a3[stride]), vector, c4);
            c5 = TSimd.MultiplyAdd(TSimd.Splat(a3[twice]), vector, c5);
            a++;
            a3++;
        }

        TSimd.Store(c, c0);
        TSimd.Store(c + step, c1);
        TSimd.Store(c + (2 * step), c2);
        TSimd.Store(c + (3 * step), c3);
        TSimd.Store(c + (4 * step), c4);
        TSimd.Store(c + (5 * step), c5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreThree(float* c, TVector c00, TVector c01, TVector c10, TVector c11, TVector c20, TVector c21)
    {
        int width = TSimd.Width;
        TSimd.Store(c, c00);
        TSimd.Store(c + width, c01);
        TSimd.Store(c + (2 * width), c10);
        TSimd.Store(c + (3 * width), c11);
        TSimd.Store(c + (4 * width), c20);
        TSimd.Store(c + (5 * width), c21);
    }
}

using System.Runtime.CompilerServices;

namespace Jukebox.Cpu.Linear;

/// <summary>
/// Register tiles: sums (rows, 2 vectors) += x (k, rows) · weight (k, 2 vectors), the sums staying in registers for
/// all of k. Written out by hand, since the compiler keeps locals in registers but not arrays.
/// </summary>
internal static unsafe partial class TileKernels<TSimd, TVector, TStorage>
{
    /// <summary>Adds one tile of 12, 8, 6 or 4 rows.</summary>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="x">(count, rows).</param>
    /// <param name="weight">Rows of two vectors, <paramref name="stride"/> bytes apart.</param>
    /// <param name="stride">Bytes from one input channel to the next.</param>
    /// <param name="count">Input channels.</param>
    /// <param name="sums">(rows, 2 vectors).</param>
    /// <param name="first">Whether the sums start from zero rather than from what is there.</param>
    /// <param name="ahead">How many bytes further on the weights lie that will be needed next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(int rows, float* x, byte* weight, long stride, int count, float* sums, bool first, long ahead)
    {
        switch (rows)
        {
            case 12:
                Tile12(x, weight, stride, count, sums, first, ahead);
                break;
            case 8:
                Tile8(x, weight, stride, count, sums, first, ahead);
                break;
            case 6:
                Tile6(x, weight, stride, count, sums, first, ahead);
                break;
            default:
                Tile4(x, weight, stride, count, sums, first, ahead);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile12(float* x, byte* weight, long stride, int count, float* sums, bool first, long ahead)
    {
        int width = TSimd.Width;
        long half = (long)width * TStorage.LengthBytes;
        TVector a0 = TSimd.Zero, b0 = TSimd.Zero, a1 = TSimd.Zero, b1 = TSimd.Zero, a2 = TSimd.Zero, b2 = TSimd.Zero;
        TVector a3 = TSimd.Zero, b3 = TSimd.Zero, a4 = TSimd.Zero, b4 = TSimd.Zero, a5 = TSimd.Zero, b5 = TSimd.Zero;
        TVector a6 = TSimd.Zero, b6 = TSimd.Zero, a7 = TSimd.Zero, b7 = TSimd.Zero, a8 = TSimd.Zero, b8 = TSimd.Zero;
        TVector a9 = TSimd.Zero, b9 = TSimd.Zero, a10 = TSimd.Zero, b10 = TSimd.Zero, a11 = TSimd.Zero, b11 = TSimd.Zero;
        if (!first)
        {
            a0 = TSimd.Load(sums + (0 * width));
            b0 = TSimd.Load(sums + (1 * width));
            a1 = TSimd.Load(sums + (2 * width));
            b1 = TSimd.Load(sums + (3 * width));
            a2 = TSimd.Load(sums + (4 * width));
            b2 = TSimd.Load(sums + (5 * width));
            a3 = TSimd.Load(sums + (6 * width));
            b3 = TSimd.Load(sums + (7 * width));
            a4 = TSimd.Load(sums + (8 * width));
            b4 = TSimd.Load(sums + (9 * width));
            a5 = TSimd.Load(sums + (10 * width));
            b5 = TSimd.Load(sums + (11 * width));
            a6 = TSimd.Load(sums + (12 * width));
            b6 = TSimd.Load(sums + (13 * width));
            a7 = TSimd.Load(sums + (14 * width));
            b7 = TSimd.Load(sums + (15 * width));
            a8 = TSimd.Load(sums + (16 * width));
            b8 = TSimd.Load(sums + (17 * width));
            a9 = TSimd.Load(sums + (18 * width));
            b9 = TSimd.Load(sums + (19 * width));
            a10 = TSimd.Load(sums + (20 * width));
            b10 = TSimd.Load(sums + (21 * width));
            a11 = TSimd.Load(sums + (22 * width));
            b11 = TSimd.Load(sums + (23 * width));
        }

        for (int k = 0; k < count; k++, x += 12, weight += stride)
        {
            Prefetch(weight + ahead);
            TVector w = TStorage.Load<TSimd, TVector>(weight), v = TStorage.Load<TSimd, TVector>(weight + half);
            a0 = TSimd.MultiplyAdd(TSimd.Splat(x[0]), w, a0);
            b0 = TSimd.MultiplyAdd(TSimd.Splat(x[0]), v, b0);
            a1 = TSimd.MultiplyAdd(TSimd.Splat(x[1]), w, a1);
            b1 = TSimd.MultiplyAdd(TSimd.Splat(x[1]), v, b1);
            a2 = TSimd.MultiplyAdd(TSimd.Splat(x[2]), w, a2);
            b2 = TSimd.MultiplyAdd(TSimd.Splat(x[2]), v, b2);
            a3 = TSimd.MultiplyAdd(TSimd.Splat(x[3]), w, a3);
            b3 = TSimd.MultiplyAdd(TSimd.Splat(x[3]), v, b3);
            a4 = TSimd.MultiplyAdd(TSimd.Splat(x[4]), w, a4);
            b4 = TSimd.MultiplyAdd(TSimd.Splat(x[4]), v, b4);
            a5 = TSimd.MultiplyAdd(TSimd.Splat(x[5]), w, a5);
            b5 = TSimd.MultiplyAdd(TSimd.Splat(x[5]), v, b5);
            a6 = TSimd.MultiplyAdd(TSimd.Splat(x[6]), w, a6);
            b6 = TSimd.MultiplyAdd(TSimd.Splat(x[6]), v, b6);
            a7 = TSimd.MultiplyAdd(TSimd.Splat(x[7]), w, a7);
            b7 = TSimd.MultiplyAdd(TSimd.Splat(x[7]), v, b7);
            a8 = TSimd.MultiplyAdd(TSimd.Splat(x[8]), w, a8);
            b8 = TSimd.MultiplyAdd(TSimd.Splat(x[8]), v, b8);
            a9 = TSimd.MultiplyAdd(TSimd.Splat(x[9]), w, a9);
            b9 = TSimd.MultiplyAdd(TSimd.Splat(x[9]), v, b9);
            a10 = TSimd.MultiplyAdd(TSimd.Splat(x[10]), w, a10);
            b10 = TSimd.MultiplyAdd(TSimd.Splat(x[10]), v, b10);
            a11 = TSimd.MultiplyAdd(TSimd.Splat(x[11]), w, a11);
            b11 = TSimd.MultiplyAdd(TSimd.Splat(x[11]), v, b11);
        }

        TSimd.Store(sums + (0 * width), a0);
        TSimd.Store(sums + (1 * width), b0);
        TSimd.Store(sums + (2 * width), a1);
        TSimd.Store(sums + (3 * width), b1);
        TSimd.Store(sums + (4 * width), a2);
        TSimd.Store(sums + (5 * width), b2);
        TSimd.Store(sums + (6 * width), a3);
        TSimd.Store(sums + (7 * width), b3);
        TSimd.Store(sums + (8 * width), a4);
        TSimd.Store(sums + (9 * width), b4);
        TSimd.Store(sums + (10 * width), a5);
        TSimd.Store(sums + (11 * width), b5);
        TSimd.Store(sums + (12 * width), a6);
        TSimd.Store(sums + (13 * width), b6);
        TSimd.Store(sums + (14 * width), a7);
        TSimd.Store(sums + (15 * width), b7);
        TSimd.Store(sums + (16 * width), a8);
        TSimd.Store(sums + (17 * width), b8);
        TSimd.Store(sums + (18 * width), a9);
        TSimd.Store(sums + (19 * width), b9);
        TSimd.Store(sums + (20 * width), a10);
        TSimd.Store(sums + (21 * width), b10);
        TSimd.Store(sums + (22 * width), a11);
        TSimd.Store(sums + (23 * width), b11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8(float* x, byte* weight, long stride, int count, float* sums, bool first, long ahead)
    {
        int width = TSimd.Width;
        long half = (long)width * TStorage.LengthBytes;
        TVector a0 = TSimd.Zero, b0 = TSimd.Zero, a1 = TSimd.Zero, b1 = TSimd.Zero, a2 = TSimd.Zero, b2 = TSimd.Zero;
        TVector a3 = TSimd.Zero, b3 = TSimd.Zero, a4 = TSimd.Zero, b4 = TSimd.Zero, a5 = TSimd.Zero, b5 = TSimd.Zero;
        TVector a6 = TSimd.Zero, b6 = TSimd.Zero, a7 = TSimd.Zero, b7 = TSimd.Zero;
        if (!first)
        {
            a0 = TSimd.Load(sums + (0 * width));
            b0 = TSimd.Load(sums + (1 * width));
            a1 = TSimd.Load(sums + (2 * width));
            b1 = TSimd.Load(sums + (3 * width));
            a2 = TSimd.Load(sums + (4 * width));
            b2 = TSimd.Load(sums + (5 * width));
            a3 = TSimd.Load(sums + (6 * width));
            b3 = TSimd.Load(sums + (7 * width));
            a4 = TSimd.Load(sums + (8 * width));
            b4 = TSimd.Load(sums + (9 * width));
            a5 = TSimd.Load(sums + (10 * width));
            b5 = TSimd.Load(sums + (11 * width));
            a6 = TSimd.Load(sums + (12 * width));
            b6 = TSimd.Load(sums + (13 * width));
            a7 = TSimd.Load(sums + (14 * width));
            b7 = TSimd.Load(sums + (15 * width));
        }

        for (int k = 0; k < count; k++, x += 8, weight += stride)
        {
            Prefetch(weight + ahead);
            TVector w = TStorage.Load<TSimd, TVector>(weight), v = TStorage.Load<TSimd, TVector>(weight + half);
            a0 = TSimd.MultiplyAdd(TSimd.Splat(x[0]), w, a0);
            b0 = TSimd.MultiplyAdd(TSimd.Splat(x[0]), v, b0);
            a1 = TSimd.MultiplyAdd(TSimd.Splat(x[1]), w, a1);
            b1 = TSimd.MultiplyAdd(TSimd.Splat(x[1]), v, b1);
            a2 = TSimd.MultiplyAdd(TSimd.Splat(x[2]), w, a2);
            b2 = TSimd.MultiplyAdd(TSimd.Splat(x[2]), v, b2);
            a3 = TSimd.MultiplyAdd(TSimd.Splat(x[3]), w, a3);
            b3 = TSimd.MultiplyAdd(TSimd.Splat(x[3]), v, b3);
            a4 = TSimd.MultiplyAdd(TSimd.Splat(x[4]), w, a4);
            b4 = TSimd.MultiplyAdd(TSimd.Splat(x[4]), v, b4);
            a5 = TSimd.MultiplyAdd(TSimd.Splat(x[5]), w, a5);
            b5 = TSimd.MultiplyAdd(TSimd.Splat(x[5]), v, b5);
            a6 = TSimd.MultiplyAdd(TSimd.Splat(x[6]), w, a6);
            b6 = TSimd.MultiplyAdd(TSimd.Splat(x[6]), v, b6);
            a7 = TSimd.MultiplyAdd(TSimd.Splat(x[7]), w, a7);
            b7 = TSimd.MultiplyAdd(TSimd.Splat(x[7]), v, b7);
        }

        TSimd.Store(sums + (0 * width), a0);
        TSimd.Store(sums + (1 * width), b0);
        TSimd.Store(sums + (2 * width), a1);
        TSimd.Store(sums + (3 * width), b1);
        TSimd.Store(sums + (4 * width), a2);
        TSimd.Store(sums + (5 * width), b2);
        TSimd.Store(sums + (6 * width), a3);
        TSimd.Store(sums + (7 * width), b3);
        TSimd.Store(sums + (8 * width), a4);
        TSimd.Store(sums + (9 * width), b4);
        TSimd.Store(sums + (10 * width), a5);
        TSimd.Store(sums + (11 * width), b5);
        TSimd.Store(sums + (12 * width), a6);
        TSimd.Store(sums + (13 * width), b6);
        TSimd.Store(sums + (14 * width), a7);
        TSimd.Store(sums + (15 * width), b7);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile6(float* x, byte* weight, long stride, int count, float* sums, bool first, long ahead)
    {
        int width = TSimd.Width;
        long half = (long)width * TStorage.LengthBytes;
        TVector a0 = TSimd.Zero, b0 = TSimd.Zero, a1 = TSimd.Zero, b1 = TSimd.Zero, a2 = TSimd.Zero, b2 = TSimd.Zero;
        TVector a3 = TSimd.Zero, b3 = TSimd.Zero, a4 = TSimd.Zero, b4 = TSimd.Zero, a5 = TSimd.Zero, b5 = TSimd.Zero;
        if (!first)
        {
            a0 = TSimd.Load(sums + (0 * width));
            b0 = TSimd.Load(sums + (1 * width));
            a1 = TSimd.Load(sums + (2 * width));
            b1 = TSimd.Load(sums + (3 * width));
            a2 = TSimd.Load(sums + (4 * width));
            b2 = TSimd.Load(sums + (5 * width));
            a3 = TSimd.Load(sums + (6 * width));
            b3 = TSimd.Load(sums + (7 * width));
            a4 = TSimd.Load(sums + (8 * width));
            b4 = TSimd.Load(sums + (9 * width));
            a5 = TSimd.Load(sums + (10 * width));
            b5 = TSimd.Load(sums + (11 * width));
        }

        for (int k = 0; k < count; k++, x += 6, weight += stride)
        {
            Prefetch(weight + ahead);
            TVector w = TStorage.Load<TSimd, TVector>(weight), v = TStorage.Load<TSimd, TVector>(weight + half);
            a0 = TSimd.MultiplyAdd(TSimd.Splat(x[0]), w, a0);
            b0 = TSimd.MultiplyAdd(TSimd.Splat(x[0]), v, b0);
            a1 = TSimd.MultiplyAdd(TSimd.Splat(x[1]), w, a1);
            b1 = TSimd.MultiplyAdd(TSimd.Splat(x[1]), v, b1);
            a2 = TSimd.MultiplyAdd(TSimd.Splat(x[2]), w, a2);
            b2 = TSimd.MultiplyAdd(TSimd.Splat(x[2]), v, b2);
            a3 = TSimd.MultiplyAdd(TSimd.Splat(x[3]), w, a3);
            b3 = TSimd.MultiplyAdd(TSimd.Splat(x[3]), v, b3);
            a4 = TSimd.MultiplyAdd(TSimd.Splat(x[4]), w, a4);
            b4 = TSimd.MultiplyAdd(TSimd.Splat(x[4]), v, b4);
            a5 = TSimd.MultiplyAdd(TSimd.Splat(x[5]), w, a5);
            b5 = TSimd.MultiplyAdd(TSimd.Splat(x[5]), v, b5);
        }

        TSimd.Store(sums + (0 * width), a0);
        TSimd.Store(sums + (1 * width), b0);
        TSimd.Store(sums + (2 * width), a1);
        TSimd.Store(sums + (3 * width), b1);
        TSimd.Store(sums + (4 * width), a2);
        TSimd.Store(sums + (5 * width), b2);
        TSimd.Store(sums + (6 * width), a3);
        TSimd.Store(sums + (7 * width), b3);
        TSimd.Store(sums + (8 * width), a4);
        TSimd.Store(sums + (9 * width), b4);
        TSimd.Store(sums + (10 * width), a5);
        TSimd.Store(sums + (11 * width), b5);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4(float* x, byte* weight, long stride, int count, float* sums, bool first, long ahead)
    {
        int width = TSimd.Width;
        long half = (long)width * TStorage.LengthBytes;
        TVector a0 = TSimd.Zero, b0 = TSimd.Zero, a1 = TSimd.Zero, b1 = TSimd.Zero, a2 = TSimd.Zero, b2 = TSimd.Zero;
        TVector a3 = TSimd.Zero, b3 = TSimd.Zero;
        if (!first)
        {
            a0 = TSimd.Load(sums + (0 * width));
            b0 = TSimd.Load(sums + (1 * width));
            a1 = TSimd.Load(sums + (2 * width));
            b1 = TSimd.Load(sums + (3 * width));
            a2 = TSimd.Load(sums + (4 * width));
            b2 = TSimd.Load(sums + (5 * width));
            a3 = TSimd.Load(sums + (6 * width));
            b3 = TSimd.Load(sums + (7 * width));
        }

        for (int k = 0; k < count; k++, x += 4, weight += stride)
        {
            Prefetch(weight + ahead);
            TVector w = TStorage.Load<TSimd, TVector>(weight), v = TStorage.Load<TSimd, TVector>(weight + half);
            a0 = TSimd.MultiplyAdd(TSimd.Splat(x[0]), w, a0);
            b0 = TSimd.MultiplyAdd(TSimd.Splat(x[0]), v, b0);
            a1 = TSimd.MultiplyAdd(TSimd.Splat(x[1]), w, a1);
            b1 = TSimd.MultiplyAdd(TSimd.Splat(x[1]), v, b1);
            a2 = TSimd.MultiplyAdd(TSimd.Splat(x[2]), w, a2);
            b2 = TSimd.MultiplyAdd(TSimd.Splat(x[2]), v, b2);
            a3 = TSimd.MultiplyAdd(TSimd.Splat(x[3]), w, a3);
            b3 = TSimd.MultiplyAdd(TSimd.Splat(x[3]), v, b3);
        }

        TSimd.Store(sums + (0 * width), a0);
        TSimd.Store(sums + (1 * width), b0);
        TSimd.Store(sums + (2 * width), a1);
        TSimd.Store(sums + (3 * width), b1);
        TSimd.Store(sums + (4 * width), a2);
        TSimd.Store(sums + (5 * width), b2);
        TSimd.Store(sums + (6 * width), a3);
        TSimd.Store(sums + (7 * width), b3);
    }

    /// <summary>Weights that lie where the file put them are asked for before they are needed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* weight)
    {
        if (TStorage.InPlace)
        {
            TSimd.Prefetch(weight);
            if (2 * TSimd.Width * TStorage.LengthBytes > 64)
            {
                TSimd.Prefetch(weight + 64);
            }
        }
    }
}

using System.Runtime.CompilerServices;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Linear;

/// <summary>
/// Dot products of rows with rows: a linear layer whose weights are output-major, and the scores of attention. One
/// vector of partial sums per product, whose lanes are added last: the same bits in whatever company it is computed.
/// </summary>
internal static unsafe class DotKernels<TSimd, TVector, TStorage>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
    where TStorage : IStorage
{
    /// <summary>Outputs, and rows, that are computed together.</summary>
    private const int Group = 4;

    /// <summary>One part of an output-major linear layer: a range of outputs for every row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(void* argument, int part, int worker)
    {
        ref LinearJob job = ref *(LinearJob*)argument;
        int first = part * job.ColumnsPerPart, count = Math.Min(job.ColumnsPerPart, job.OutputWidth - first);
        float* sums = job.WorkerScratch + (worker * job.WorkerScratchFloats);
        byte* weight = job.Weight + ((long)first * job.InputWidth * TStorage.LengthBytes);
        for (int row = 0; row < job.RowCount; row += Group)
        {
            int rows = Math.Min(Group, job.RowCount - row);
            Products(job.Input + ((long)row * job.InputWidth), rows, job.InputWidth, weight, job.InputWidth, count, job.InputWidth, sums, job.ColumnsPerPart);
            for (int r = 0; r < rows; r++)
            {
                LinearEpilogue<TSimd, TVector>.StoreRow(ref job, sums + (r * job.ColumnsPerPart), row + r, first, count);
            }
        }
    }

    /// <summary>products[r, j] = Σ_k x[r, k] · weight[j, k] for up to four rows.</summary>
    /// <param name="x">Rows, <paramref name="xStride"/> elements apart.</param>
    /// <param name="rows">1 to 4.</param>
    /// <param name="xStride">Elements from row to row.</param>
    /// <param name="weight">Rows, <paramref name="weightStride"/> elements apart.</param>
    /// <param name="weightStride">Elements from row to row.</param>
    /// <param name="count">Rows of weights.</param>
    /// <param name="width">Length of a product.</param>
    /// <param name="products">Rows, <paramref name="productStride"/> elements apart.</param>
    /// <param name="productStride">Elements from row to row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Products(
        float* x, int rows, long xStride, byte* weight, long weightStride, int count, int width, float* products, long productStride)
    {
        long strideBytes = weightStride * TStorage.LengthBytes;
        for (int j = 0; j < count; j += Group, weight += Group * strideBytes)
        {
            int outputs = Math.Min(Group, count - j);
            if (rows == Group && outputs == Group)
            {
                Square(x, xStride, weight, strideBytes, width, products + j, productStride);
                continue;
            }

            for (int r = 0; r < rows; r++)
            {
                float* row = x + (r * xStride), target = products + (r * productStride) + j;
                if (outputs == Group)
                {
                    Four(row, weight, strideBytes, width, target);
                }
                else
                {
                    for (int i = 0; i < outputs; i++)
                    {
                        target[i] = One(row, weight + (i * strideBytes), width);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float One(float* x, byte* weight, int width)
    {
        TVector sum = TSimd.Zero;
        int body = width - (width % TSimd.Width);
        for (int k = 0; k < body; k += TSimd.Width)
        {
            sum = TSimd.MultiplyAdd(TSimd.Load(x + k), TStorage.Load<TSimd, TVector>(weight + ((long)k * TStorage.LengthBytes)), sum);
        }

        return TSimd.Sum(body == width ? sum : AddTail(sum, x + body, weight + ((long)body * TStorage.LengthBytes), width - body));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(float* x, byte* weight, long stride, int width, float* products)
    {
        int body = width - (width % TSimd.Width);
        if (TailNeedsCall && body < width)
        {
            for (int i = 0; i < Group; i++)
            {
                products[i] = One(x, weight + (i * stride), width);
            }

            return;
        }

        TVector a = TSimd.Zero, b = TSimd.Zero, c = TSimd.Zero, d = TSimd.Zero;
        for (int k = 0; k < body; k += TSimd.Width)
        {
            byte* w = weight + ((long)k * TStorage.LengthBytes);
            TVector value = TSimd.Load(x + k);
            a = TSimd.MultiplyAdd(value, TStorage.Load<TSimd, TVector>(w), a);
            b = TSimd.MultiplyAdd(value, TStorage.Load<TSimd, TVector>(w + stride), b);
            c = TSimd.MultiplyAdd(value, TStorage.Load<TSimd, TVector>(w + (2 * stride)), c);
            d = TSimd.MultiplyAdd(value, TStorage.Load<TSimd, TVector>(w + (3 * stride)), d);
        }

        if (body < width)
        {
            byte* w = weight + ((long)body * TStorage.LengthBytes);
            a = AddTail(a, x + body, w, width - body);
            b = AddTail(b, x + body, w + stride, width - body);
            c = AddTail(c, x + body, w + (2 * stride), width - body);
            d = AddTail(d, x + body, w + (3 * stride), width - body);
        }

        TSimd.Sums(a, b, c, d, products);
    }

    /// <summary>Four rows by four outputs: a weight is widened once for two rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Square(float* x, long xStride, byte* weight, long stride, int width, float* products, long productStride)
    {
        int body = width - (width % TSimd.Width);
        if (TailNeedsCall && body < width)
        {
            for (int r = 0; r < Group; r++)
            {
                Four(x + (r * xStride), weight, stride, width, products + (r * productStride));
            }

            return;
        }

        // Two by two at a time where registers are few; the sums are the same.
        for (int r = 0; r < Group; r += 2)
        {
            float* x0 = x + (r * xStride), x1 = x0 + xStride;
            TVector a0 = TSimd.Zero, b0 = TSimd.Zero, c0 = TSimd.Zero, d0 = TSimd.Zero;
            TVector a1 = TSimd.Zero, b1 = TSimd.Zero, c1 = TSimd.Zero, d1 = TSimd.Zero;
            for (int k = 0; k < body; k += TSimd.Width)
            {
                byte* w = weight + ((long)k * TStorage.LengthBytes);
                TVector v0 = TSimd.Load(x0 + k), v1 = TSimd.Load(x1 + k);
                TVector a = TStorage.Load<TSimd, TVector>(w), b = TStorage.Load<TSimd, TVector>(w + stride);
                a0 = TSimd.MultiplyAdd(v0, a, a0);
                a1 = TSimd.MultiplyAdd(v1, a, a1);
                b0 = TSimd.MultiplyAdd(v0, b, b0);
                b1 = TSimd.MultiplyAdd(v1, b, b1);
                a = TStorage.Load<TSimd, TVector>(w + (2 * stride));
                b = TStorage.Load<TSimd, TVector>(w + (3 * stride));
                c0 = TSimd.MultiplyAdd(v0, a, c0);
                c1 = TSimd.MultiplyAdd(v1, a, c1);
                d0 = TSimd.MultiplyAdd(v0, b, d0);
                d1 = TSimd.MultiplyAdd(v1, b, d1);
            }

            if (body < width)
            {
                byte* w = weight + ((long)body * TStorage.LengthBytes);
                int tail = width - body;
                (a0, a1) = (AddTail(a0, x0 + body, w, tail), AddTail(a1, x1 + body, w, tail));
                (b0, b1) = (AddTail(b0, x0 + body, w + stride, tail), AddTail(b1, x1 + body, w + stride, tail));
                (c0, c1) = (AddTail(c0, x0 + body, w + (2 * stride), tail), AddTail(c1, x1 + body, w + (2 * stride), tail));
                (d0, d1) = (AddTail(d0, x0 + body, w + (3 * stride), tail), AddTail(d1, x1 + body, w + (3 * stride), tail));
            }

            float* target = products + (r * productStride);
            TSimd.Sums(a0, b0, c0, d0, target);
            TSimd.Sums(a1, b1, c1, d1, target + productStride);
        }
    }

    /// <summary>
    /// Whether a partial vector of weights is loaded by a call. With one anywhere in a method the compiler keeps the sums that
    /// live across it in memory, even inside the loop: measured, three times the time.
    /// </summary>
    private static bool TailNeedsCall
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TStorage.LengthBytes < sizeof(float);
    }

    /// <summary>Adds what is left beyond the whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector AddTail(TVector sum, float* x, byte* weight, int count) =>
        TSimd.MultiplyAdd(TSimd.LoadPartial(x, count), Storage.LoadPartial<TSimd, TVector, TStorage>(weight, count), sum);
}

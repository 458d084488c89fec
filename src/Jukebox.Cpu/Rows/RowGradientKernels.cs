using System.Runtime.CompilerServices;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Rows;

/// <summary>The gradient of a layer norm; a part is a piece of rows, whose sums for the parameters it keeps.</summary>
internal unsafe struct LayerNormGradientJob
{
    /// <summary>(R, C).</summary>
    public float* Input, OutputGradient;

    /// <summary>(R, C), or null.</summary>
    public float* Added;

    /// <summary>(R, C); may be the output gradient or what is added.</summary>
    public float* InputGradient;

    /// <summary>(C).</summary>
    public float* Gain;

    /// <summary>(piece, 2, <see cref="Stride"/>): of gains, then of biases.</summary>
    public float* Pieces;

    public int RowCount, Width, RowsPerPiece;
    public long Stride;
}

/// <summary>Cross entropy of <see cref="RowsPerPart"/> rows by part.</summary>
internal unsafe struct CrossEntropyJob
{
    /// <summary>(R, K).</summary>
    public float* Logits;

    /// <summary>(R, K), or null; may be the logits.</summary>
    public float* Gradient;

    /// <summary>(R).</summary>
    public int* Targets;

    /// <summary>(R).</summary>
    public float* Scales, Losses;

    public int RowCount, Width, RowsPerPart;
}

/// <summary>Rows that are added to rows of a table, by their indices and in order.</summary>
internal unsafe struct ScatterJob
{
    /// <summary>(N, …): <see cref="CountPerItem"/> of each item are used.</summary>
    public int* Indices;

    /// <summary>(N, …, C): the row of the first index of the first item.</summary>
    public float* Rows;

    /// <summary>(K, C).</summary>
    public float* Table;

    public int ItemCount, CountPerItem, Width, ColumnsPerPart;

    /// <summary>Indices, and rows, from item to item.</summary>
    public int IndexStride, RowStride;
}

/// <summary>Gradients of operations on rows.</summary>
internal static unsafe class RowGradientKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>
    /// With n = (x − mean) · scale and g = dy · gain: dx = scale · (g − mean(g) − n · mean(g · n)) + added, and the
    /// parameters' sums grow by dy · n and dy.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LayerNorm(void* argument, int part, int worker)
    {
        ref LayerNormGradientJob job = ref *(LayerNormGradientJob*)argument;
        int first = part * job.RowsPerPiece, end = Math.Min(first + job.RowsPerPiece, job.RowCount);
        float* gains = job.Pieces + (2 * part * job.Stride), biases = gains + job.Stride;
        new Span<float>(gains, job.Width).Clear();
        new Span<float>(biases, job.Width).Clear();
        for (int row = first; row < end; row++)
        {
            long at = (long)row * job.Width;
            float* input = job.Input + at, dy = job.OutputGradient + at;
            TVector mean = RowKernels<TSimd, TVector>.Moments(input, job.Width, out TVector scale);
            TVector sum = TSimd.Zero, normalSum = TSimd.Zero;
            for (int c = 0; c < job.Width; c += TSimd.Width)
            {
                int count = Math.Min(TSimd.Width, job.Width - c);
                TVector normal = TSimd.Multiply(TSimd.Subtract(Lanes<TSimd, TVector>.Load(input + c, count), mean), scale);
                TVector delta = Lanes<TSimd, TVector>.Load(dy + c, count);
                TVector scaled = TSimd.Multiply(delta, Lanes<TSimd, TVector>.Load(job.Gain + c, count));
                sum = TSimd.Add(sum, scaled);
                normalSum = TSimd.MultiplyAdd(scaled, normal, normalSum);
                Lanes<TSimd, TVector>.Store(gains + c, TSimd.MultiplyAdd(delta, normal, Lanes<TSimd, TVector>.Load(gains + c, count)), count);
                Lanes<TSimd, TVector>.Store(biases + c, TSimd.Add(delta, Lanes<TSimd, TVector>.Load(biases + c, count)), count);
            }

            TVector average = TSimd.Splat(TSimd.Sum(sum) / job.Width), slope = TSimd.Splat(TSimd.Sum(normalSum) / job.Width);
            for (int c = 0; c < job.Width; c += TSimd.Width)
            {
                int count = Math.Min(TSimd.Width, job.Width - c);
                TVector normal = TSimd.Multiply(TSimd.Subtract(Lanes<TSimd, TVector>.Load(input + c, count), mean), scale);
                TVector scaled = TSimd.Multiply(Lanes<TSimd, TVector>.Load(dy + c, count), Lanes<TSimd, TVector>.Load(job.Gain + c, count));
                TVector value = TSimd.Subtract(TSimd.Subtract(scaled, average), TSimd.Multiply(normal, slope));
                value = TSimd.Multiply(value, scale);
                value = job.Added == null ? value : TSimd.Add(value, Lanes<TSimd, TVector>.Load(job.Added + at + c, count));
                Lanes<TSimd, TVector>.Store(job.InputGradient + at + c, value, count);
            }
        }
    }

    /// <summary>Losses in bits, and the gradient of each times its scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CrossEntropy(void* argument, int part, int worker)
    {
        ref CrossEntropyJob job = ref *(CrossEntropyJob*)argument;
        int first = part * job.RowsPerPart, end = Math.Min(first + job.RowsPerPart, job.RowCount);
        const float bitsPerNat = 1.44269504f;
        for (int row = first; row < end; row++)
        {
            float* logits = job.Logits + ((long)row * job.Width);
            float* gradient = job.Gradient == null ? null : job.Gradient + ((long)row * job.Width);
            int target = job.Targets[row];
            float largest = Largest(logits, job.Width);
            double distance = (double)largest - logits[target];
            float sum = Exponentials(logits, largest, gradient, job.Width);
            job.Losses[row] = (float)((Math.Log(sum) + distance) * bitsPerNat);
            if (gradient != null)
            {
                float scale = job.Scales[row] * bitsPerNat;
                Multiply(gradient, scale / sum, job.Width);
                gradient[target] -= scale;
            }
        }
    }

    /// <summary>table[indices[i]] += rows[i] in order of i; a part is some columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scatter(void* argument, int part, int worker)
    {
        ref ScatterJob job = ref *(ScatterJob*)argument;
        int first = part * job.ColumnsPerPart, count = Math.Min(job.ColumnsPerPart, job.Width - first);
        for (int item = 0; item < job.ItemCount; item++)
        {
            int* indices = job.Indices + ((long)item * job.IndexStride);
            float* rows = job.Rows + ((long)item * job.RowStride * job.Width) + first;
            for (int i = 0; i < job.CountPerItem; i++, rows += job.Width)
            {
                ColumnKernels<TSimd, TVector>.AddTo(job.Table + ((long)indices[i] * job.Width) + first, rows, count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest(float* values, int count)
    {
        int body = count - (count % TSimd.Width);
        TVector largest = TSimd.Splat(values[count - 1]);
        for (int c = 0; c < body; c += TSimd.Width)
        {
            largest = TSimd.Max(TSimd.Load(values + c), largest);
        }

        float max = TSimd.MaxLane(largest);
        for (int c = body; c < count; c++)
        {
            max = Math.Max(max, values[c]);
        }

        return max;
    }

    /// <summary>Σ e^(values − largest); the terms go to <paramref name="terms"/> too, which may be null or the values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Exponentials(float* values, float largest, float* terms, int count)
    {
        int body = count - (count % TSimd.Width), tail = count - body;
        TVector max = TSimd.Splat(largest), sum = TSimd.Zero;
        for (int c = 0; c < body; c += TSimd.Width)
        {
            TVector term = VectorMath<TSimd, TVector>.Exp(TSimd.Subtract(TSimd.Load(values + c), max));
            sum = TSimd.Add(sum, term);
            if (terms != null)
            {
                TSimd.Store(terms + c, term);
            }
        }

        if (tail == 0)
        {
            return TSimd.Sum(sum);
        }

        TVector last = VectorMath<TSimd, TVector>.Exp(TSimd.Subtract(TSimd.LoadPartial(values + body, tail), max));
        if (terms != null)
        {
            TSimd.StorePartial(terms + body, last, tail);
        }

        return TSimd.Sum(sum) + SumOfFirst(last, tail);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float SumOfFirst(TVector vector, int count)
    {
        float* lanes = (float*)&vector;
        float sum = lanes[0];
        for (int i = 1; i < count; i++)
        {
            sum += lanes[i];
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(float* values, float factor, int count)
    {
        TVector scale = TSimd.Splat(factor);
        for (int c = 0; c < count; c += TSimd.Width)
        {
            int lanes = Math.Min(TSimd.Width, count - c);
            Lanes<TSimd, TVector>.Store(values + c, TSimd.Multiply(scale, Lanes<TSimd, TVector>.Load(values + c, lanes)), lanes);
        }
    }
}

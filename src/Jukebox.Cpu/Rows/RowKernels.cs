using System.Runtime.CompilerServices;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Rows;

/// <summary>Layer normalisation of <see cref="RowsPerPart"/> rows by part.</summary>
internal unsafe struct LayerNormJob
{
    public float* Input, Output;
    public float* Gain, Bias;
    public int RowCount, Width, RowsPerPart;
}

/// <summary>A scaled sum of <see cref="ElementsPerPart"/> elements by part.</summary>
internal unsafe struct ScaledAddJob
{
    public float* X, Delta, Output;
    public float Scale;
    public long Count, ElementsPerPart;
}

/// <summary>Kernels that work on one row at a time.</summary>
internal static unsafe class RowKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Two passes: the mean, then squared deviations; lanes are summed last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LayerNorm(void* argument, int part, int worker)
    {
        ref LayerNormJob job = ref *(LayerNormJob*)argument;
        int first = part * job.RowsPerPart, end = Math.Min(first + job.RowsPerPart, job.RowCount);
        for (int row = first; row < end; row++)
        {
            float* input = job.Input + ((long)row * job.Width), output = job.Output + ((long)row * job.Width);
            Normalise(input, job.Gain, job.Bias, output, job.Width);
        }
    }

    /// <summary>The mean of a row, and in <paramref name="scale"/> 1 / √(variance + 1e−5), in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Moments(float* input, int width, out TVector scale)
    {
        int body = width - (width % TSimd.Width), tail = width - body;
        TVector sum = TSimd.LoadPartial(input + body, tail);
        for (int c = 0; c < body; c += TSimd.Width)
        {
            sum = TSimd.Add(sum, TSimd.Load(input + c));
        }

        TVector mean = TSimd.Splat(TSimd.Sum(sum) / width);
        TVector squares = TSimd.Zero;
        for (int c = 0; c < body; c += TSimd.Width)
        {
            TVector deviation = TSimd.Subtract(TSimd.Load(input + c), mean);
            squares = TSimd.MultiplyAdd(deviation, deviation, squares);
        }

        float variance = TSimd.Sum(squares);
        for (int c = body; c < width; c++)
        {
            float deviation = input[c] - (TSimd.Sum(sum) / width);
            variance += deviation * deviation;
        }

        scale = TSimd.Splat(1 / MathF.Sqrt((variance / width) + 1e-5f));
        return mean;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Normalise(float* input, float* gain, float* bias, float* output, int width)
    {
        int body = width - (width % TSimd.Width), tail = width - body;
        TVector mean = Moments(input, width, out TVector scale);
        for (int c = 0; c < body; c += TSimd.Width)
        {
            TVector normal = TSimd.Multiply(TSimd.Subtract(TSimd.Load(input + c), mean), scale);
            TSimd.Store(output + c, TSimd.MultiplyAdd(normal, TSimd.Load(gain + c), TSimd.Load(bias + c)));
        }

        TVector last = TSimd.Multiply(TSimd.Subtract(TSimd.LoadPartial(input + body, tail), mean), scale);
        last = TSimd.MultiplyAdd(last, TSimd.LoadPartial(gain + body, tail), TSimd.LoadPartial(bias + body, tail));
        TSimd.StorePartial(output + body, last, tail);
    }

    /// <summary>output = x + scale · delta for <see cref="ScaledAddJob.ElementsPerPart"/> elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScaledAdd(void* argument, int part, int worker)
    {
        ref ScaledAddJob job = ref *(ScaledAddJob*)argument;
        long first = (long)part * job.ElementsPerPart;
        AddScaled(job.X + first, job.Delta + first, job.Scale, job.Output + first, (int)Math.Min(job.ElementsPerPart, job.Count - first));
    }

    /// <summary>output = x + scale · delta for some elements; output may be either input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(float* x, float* delta, float scale, float* output, int count)
    {
        TVector factor = TSimd.Splat(scale);
        int body = count - (count % TSimd.Width), tail = count - body;
        for (int c = 0; c < body; c += TSimd.Width)
        {
            TSimd.Store(output + c, TSimd.MultiplyAdd(factor, TSimd.Load(delta + c), TSimd.Load(x + c)));
        }

        TVector last = TSimd.MultiplyAdd(factor, TSimd.LoadPartial(delta + body, tail), TSimd.LoadPartial(x + body, tail));
        TSimd.StorePartial(output + body, last, tail);
    }

    /// <summary>output = stored values, or output += them; weights of any storage.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen<TStorage>(byte* source, float* output, int count, bool add)
        where TStorage : IStorage
    {
        int body = count - (count % TSimd.Width), tail = count - body;
        for (int c = 0; c < body; c += TSimd.Width)
        {
            TVector value = TStorage.Load<TSimd, TVector>(source + ((long)c * TStorage.LengthBytes));
            TSimd.Store(output + c, add ? TSimd.Add(TSimd.Load(output + c), value) : value);
        }

        TVector last = Storage.LoadPartial<TSimd, TVector, TStorage>(source + ((long)body * TStorage.LengthBytes), tail);
        TSimd.StorePartial(output + body, add ? TSimd.Add(TSimd.LoadPartial(output + body, tail), last) : last, tail);
    }
}

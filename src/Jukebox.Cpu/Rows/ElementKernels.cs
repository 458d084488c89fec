using System.Runtime.CompilerServices;
using Jukebox.Core.Contract;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Rows;

/// <summary>Arithmetic element by element; a part is <see cref="ElementsPerPart"/> of them.</summary>
internal unsafe struct ElementJob
{
    public float* X, Delta, Output;

    /// <summary>Moments of an optimiser.</summary>
    public float* First, Second;

    public long Count, ElementsPerPart;
    public double Keep;
    public AdamRule Rule;
}

/// <summary>What training does to one element at a time.</summary>
internal static unsafe class ElementKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>output = x · σ(1.702 · x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void QuickGelu(void* argument, int part, int worker)
    {
        ref ElementJob job = ref *(ElementJob*)argument;
        (long first, long end) = Range(job, part);
        for (long i = first; i < end; i += TSimd.Width)
        {
            int count = (int)Math.Min(TSimd.Width, end - i);
            Lanes<TSimd, TVector>.Store(job.Output + i, VectorMath<TSimd, TVector>.QuickGelu(Lanes<TSimd, TVector>.Load(job.X + i, count)), count);
        }
    }

    /// <summary>output = delta · (σ + 1.702 · x · σ · (1 − σ)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void QuickGeluGradient(void* argument, int part, int worker)
    {
        ref ElementJob job = ref *(ElementJob*)argument;
        (long first, long end) = Range(job, part);
        TVector one = TSimd.Splat(1), slope = TSimd.Splat(1.702f);
        for (long i = first; i < end; i += TSimd.Width)
        {
            int count = (int)Math.Min(TSimd.Width, end - i);
            TVector scaled = TSimd.Multiply(Lanes<TSimd, TVector>.Load(job.X + i, count), slope);
            TVector sigmoid = TSimd.Divide(one, TSimd.Add(VectorMath<TSimd, TVector>.Exp(TSimd.Subtract(TSimd.Zero, scaled)), one));
            TVector factor = TSimd.MultiplyAdd(TSimd.Multiply(scaled, sigmoid), TSimd.Subtract(one, sigmoid), sigmoid);
            TVector delta = Lanes<TSimd, TVector>.Load(job.Delta + i, count);
            Lanes<TSimd, TVector>.Store(job.Output + i, TSimd.Multiply(delta, factor), count);
        }
    }

    /// <summary>output = keep · output + (1 − keep) · x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Average(void* argument, int part, int worker)
    {
        ref ElementJob job = ref *(ElementJob*)argument;
        (long first, long end) = Range(job, part);
        TVector keep = TSimd.Splat((float)job.Keep), take = TSimd.Splat((float)(1 - job.Keep));
        for (long i = first; i < end; i += TSimd.Width)
        {
            int count = (int)Math.Min(TSimd.Width, end - i);
            TVector taken = TSimd.Multiply(take, Lanes<TSimd, TVector>.Load(job.X + i, count));
            TVector average = TSimd.MultiplyAdd(keep, Lanes<TSimd, TVector>.Load(job.Output + i, count), taken);
            Lanes<TSimd, TVector>.Store(job.Output + i, average, count);
        }
    }

    /// <summary>One step of Adam: output the parameters, delta their gradients.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Adam(void* argument, int part, int worker)
    {
        ref ElementJob job = ref *(ElementJob*)argument;
        (long start, long end) = Range(job, part);
        TVector firstDecay = TSimd.Splat((float)job.Rule.FirstDecay), firstShare = TSimd.Splat((float)(1 - job.Rule.FirstDecay));
        TVector secondDecay = TSimd.Splat((float)job.Rule.SecondDecay), secondShare = TSimd.Splat((float)(1 - job.Rule.SecondDecay));
        TVector epsilon = TSimd.Splat(job.Rule.Epsilon), decay = TSimd.Splat(job.Rule.WeightDecay);
        TVector step = TSimd.Splat(job.Rule.StepSize), divisor = TSimd.Splat(job.Rule.Divisor);
        for (long i = start; i < end; i += TSimd.Width)
        {
            int count = (int)Math.Min(TSimd.Width, end - i);
            TVector gradient = TSimd.Divide(Lanes<TSimd, TVector>.Load(job.Delta + i, count), divisor);
            TVector first = TSimd.Multiply(firstShare, gradient), second = TSimd.Multiply(TSimd.Multiply(secondShare, gradient), gradient);
            first = TSimd.MultiplyAdd(firstDecay, Lanes<TSimd, TVector>.Load(job.First + i, count), first);
            second = TSimd.MultiplyAdd(secondDecay, Lanes<TSimd, TVector>.Load(job.Second + i, count), second);
            Lanes<TSimd, TVector>.Store(job.First + i, first, count);
            Lanes<TSimd, TVector>.Store(job.Second + i, second, count);
            TVector parameter = Lanes<TSimd, TVector>.Load(job.Output + i, count);
            TVector direction = TSimd.Divide(first, TSimd.Add(TSimd.SquareRoot(second), epsilon));
            direction = TSimd.MultiplyAdd(decay, parameter, direction);
            Lanes<TSimd, TVector>.Store(job.Output + i, TSimd.Subtract(parameter, TSimd.Multiply(step, direction)), count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (long First, long End) Range(in ElementJob job, int part)
    {
        long first = part * job.ElementsPerPart;
        return (first, Math.Min(first + job.ElementsPerPart, job.Count));
    }
}

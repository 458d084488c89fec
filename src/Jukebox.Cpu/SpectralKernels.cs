using System.Runtime.CompilerServices;
using Jukebox.Core;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu;

/// <summary>
/// A spectral distance. Frames of all items are numbered through; a part of the transforms is two vectors of them, a part of
/// the other kernels is an item, or one of its signals.
/// </summary>
internal unsafe struct SpectralJob
{
    public float* X, Y;
    public int Length, FrameCount, TotalFrames;
    public SpectralResolution Resolution;
    public float* Window, Twiddles;
    public int* Places;

    /// <summary>(2, N, T + transform): x, then y, with reflected ends.</summary>
    public float* Padded;

    /// <summary>(frame, window): ∂ Σ D² / 2 ∂y before windowing, D being the differences of magnitudes; null where no gradient is wanted.</summary>
    public float* Frames;

    /// <summary>(frame, 2): Σ D² and Σ |X|².</summary>
    public double* Sums;

    public float* Gradient;

    /// <summary>(N): what the frames' gradients are multiplied by.</summary>
    public float* Factors;

    public float* Scratch;
    public long ScratchPerWorker;

    public readonly int PaddedLength => Length + Resolution.TransformLength;

    /// <summary>Zeros before the window in a transform.</summary>
    public readonly int FirstSample => (Resolution.TransformLength - Resolution.WindowLength) / 2;
}

/// <summary>
/// Spectra of two signals at once, x as the real and y as the imaginary part of one transform, a frame in each lane; and
/// their gradient, two frames of it as the real and imaginary parts of one inverse transform.
/// </summary>
internal static unsafe class SpectralKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Squares that are added in single precision before their sum goes to double.</summary>
    private const int BinsPerFlush = 16;

    /// <summary>Frames of a part.</summary>
    public static int FramesPerPart() => 2 * TSimd.Width;

    /// <summary>Floats of scratch that a worker needs for a transform.</summary>
    public static long ScratchFloats(int transformLength) => 4L * transformLength * TSimd.Width;

    /// <summary>Reflects the ends of one signal.</summary>
    public static void Pad(void* argument, int part, int worker)
    {
        ref SpectralJob job = ref *(SpectralJob*)argument;
        int items = job.TotalFrames / job.FrameCount, reach = job.Resolution.TransformLength / 2, length = job.Length;
        float* signal = part < items ? job.X + ((long)part * length) : job.Y + ((long)(part - items) * length);
        float* padded = job.Padded + ((long)part * job.PaddedLength);
        new ReadOnlySpan<float>(signal, length).CopyTo(new Span<float>(padded + reach, length));
        for (int i = 0; i < reach; i++)
        {
            padded[i] = signal[reach - i];
            padded[reach + length + i] = signal[length - 2 - i];
        }
    }

    /// <summary>Transforms two vectors of frames, adds up their squares, and transforms the gradient back.</summary>
    public static void Transform(void* argument, int part, int worker)
    {
        ref SpectralJob job = ref *(SpectralJob*)argument;
        int width = TSimd.Width, length = job.Resolution.TransformLength, first = part * 2 * width;
        int count0 = Math.Min(width, job.TotalFrames - first), count1 = Math.Clamp(job.TotalFrames - first - width, 0, width);
        float* z0 = job.Scratch + (worker * job.ScratchPerWorker), z1 = z0 + (2L * length * width);
        Gather(in job, first, count0, z0);
        Gather(in job, first + width, count1, z1);
        FourierKernels<TSimd, TVector>.Forward(z0, length, job.Twiddles);
        FourierKernels<TSimd, TVector>.Forward(z1, length, job.Twiddles);
        double* sums = stackalloc double[4 * width];
        new Span<double>(sums, 4 * width).Clear();
        for (int k = 0; k <= length / 2; k += BinsPerFlush)
        {
            Bins(in job, k, Math.Min(k + BinsPerFlush, (length / 2) + 1), z0, z1, sums);
        }

        for (int lane = 0; lane < count0 + count1; lane++)
        {
            double* from = sums + (lane < width ? lane : lane + width);
            job.Sums[2L * (first + lane)] = from[0];
            job.Sums[(2L * (first + lane)) + 1] = from[width];
        }

        if (job.Frames != null)
        {
            FourierKernels<TSimd, TVector>.Inverse(z0, length, job.Twiddles);
            Scatter(in job, first, count0, z0);
            Scatter(in job, first + width, count1, z0 + width);
        }
    }

    /// <summary>Overlaps the frames' gradients of one item, folds the reflected ends back, and adds them to the gradient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OverlapAdd(void* argument, int part, int worker)
    {
        ref SpectralJob job = ref *(SpectralJob*)argument;
        int window = job.Resolution.WindowLength, reach = job.Resolution.TransformLength / 2, length = job.Length;
        float* padded = job.Padded + ((long)part * job.PaddedLength), gradient = job.Gradient + ((long)part * length);
        new Span<float>(padded, job.PaddedLength).Clear();
        for (int f = 0; f < job.FrameCount; f++)
        {
            float* frame = job.Frames + ((((long)part * job.FrameCount) + f) * window);
            AddProducts(job.Window, frame, window, padded + ((long)f * job.Resolution.HopLength) + job.FirstSample);
        }

        float factor = job.Factors[part];
        RowKernels<TSimd, TVector>.AddScaled(gradient, padded + reach, factor, gradient, length);
        for (int i = 0; i < reach; i++)
        {
            gradient[reach - i] += factor * padded[i];
            gradient[length - 2 - i] += factor * padded[reach + length + i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddProducts(float* x, float* y, int count, float* sums)
    {
        int i = 0;
        for (; i <= count - TSimd.Width; i += TSimd.Width)
        {
            TSimd.Store(sums + i, TSimd.MultiplyAdd(TSimd.Load(x + i), TSimd.Load(y + i), TSimd.Load(sums + i)));
        }

        int tail = count - i;
        TVector last = TSimd.MultiplyAdd(TSimd.LoadPartial(x + i, tail), TSimd.LoadPartial(y + i, tail), TSimd.LoadPartial(sums + i, tail));
        TSimd.StorePartial(sums + i, last, tail);
    }

    /// <summary>Windowed frames, one a lane; zeros outside the window and in lanes without a frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather(in SpectralJob job, int first, int count, float* z)
    {
        int width = TSimd.Width, window = job.Resolution.WindowLength, before = job.FirstSample;
        new Span<float>(z, 2 * job.Resolution.TransformLength * width).Clear();
        float** x = stackalloc float*[width];
        for (int lane = 0; lane < count; lane++)
        {
            int item = (first + lane) / job.FrameCount, frame = (first + lane) % job.FrameCount;
            x[lane] = job.Padded + ((long)item * job.PaddedLength) + ((long)frame * job.Resolution.HopLength) + before;
        }

        long toY = (long)(job.TotalFrames / job.FrameCount) * job.PaddedLength;
        float* target = z + (2L * before * width);
        for (int m = 0; m < window; m++, target += 2 * width)
        {
            float factor = job.Window[m];
            for (int lane = 0; lane < count; lane++)
            {
                float* source = x[lane] + m;
                target[lane] = factor * source[0];
                target[width + lane] = factor * source[toY];
            }
        }
    }

    /// <summary>Takes a gradient out of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scatter(in SpectralJob job, int first, int count, float* z)
    {
        int width = TSimd.Width, window = job.Resolution.WindowLength;
        float* frames = job.Frames + ((long)first * window), source = z + (2L * job.FirstSample * width);
        for (int m = 0; m < window; m++, source += 2 * width)
        {
            float* target = frames + m;
            for (int lane = 0; lane < count; lane++, target += window)
            {
                *target = source[lane];
            }
        }
    }

    /// <summary>Squares of some frequencies of both vectors; where a gradient is wanted its spectrum replaces that of the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Bins(in SpectralJob job, int firstBin, int endBin, float* z0, float* z1, double* sums)
    {
        int width = TSimd.Width, length = job.Resolution.TransformLength;
        TVector differences0 = TSimd.Zero, energies0 = TSimd.Zero, differences1 = TSimd.Zero, energies1 = TSimd.Zero;
        for (int k = firstBin; k < endBin; k++)
        {
            nint place = (nint)job.Places[k] * 2 * width, mirrored = (nint)job.Places[(length - k) % length] * 2 * width;
            Bin(z0 + place, z0 + mirrored, ref differences0, ref energies0, out TVector r0, out TVector i0);
            Bin(z1 + place, z1 + mirrored, ref differences1, ref energies1, out TVector r1, out TVector i1);
            if (job.Frames == null)
            {
                continue;
            }

            // A real signal's spectrum is half of the one-sided one and half of its conjugate at the mirrored frequency.
            TVector half = TSimd.Splat(place == mirrored ? 1 : 0.5f);
            TSimd.Store(z0 + mirrored, TSimd.Multiply(half, TSimd.Add(r0, i1)));
            TSimd.Store(z0 + mirrored + width, TSimd.Multiply(half, TSimd.Subtract(r1, i0)));
            TSimd.Store(z0 + place, TSimd.Multiply(half, TSimd.Subtract(r0, i1)));
            TSimd.Store(z0 + place + width, TSimd.Multiply(half, TSimd.Add(r1, i0)));
        }

        Flush(differences0, sums);
        Flush(energies0, sums + width);
        Flush(differences1, sums + (2 * width));
        Flush(energies1, sums + (3 * width));
    }

    /// <summary>One frequency: D² and |X|² are added, and (|Y| − |X|) · Y / |Y| is the gradient, zero where Y is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Bin(
        float* z, float* mirrored, ref TVector differences, ref TVector energies, out TVector gradientRe, out TVector gradientIm)
    {
        int width = TSimd.Width;
        TVector half = TSimd.Splat(0.5f), zr = TSimd.Load(z), zi = TSimd.Load(z + width), mr = TSimd.Load(mirrored), mi = TSimd.Load(mirrored + width);
        TVector xr = TSimd.Multiply(half, TSimd.Add(zr, mr)), xi = TSimd.Multiply(half, TSimd.Subtract(zi, mi));
        TVector yr = TSimd.Multiply(half, TSimd.Add(zi, mi)), yi = TSimd.Multiply(half, TSimd.Subtract(mr, zr));
        TVector energy = TSimd.MultiplyAdd(xr, xr, TSimd.Multiply(xi, xi));
        TVector magnitude = TSimd.SquareRoot(TSimd.MultiplyAdd(yr, yr, TSimd.Multiply(yi, yi)));
        TVector difference = TSimd.Subtract(magnitude, TSimd.SquareRoot(energy));
        differences = TSimd.MultiplyAdd(difference, difference, differences);
        energies = TSimd.Add(energies, energy);

        // Where the magnitude is zero so are both parts of Y, and any finite quotient will do.
        TVector quotient = TSimd.Divide(difference, TSimd.Max(magnitude, TSimd.Splat(1e-18f)));
        gradientRe = TSimd.Multiply(quotient, yr);
        gradientIm = TSimd.Multiply(quotient, yi);
    }

    private static void Flush(TVector values, double* sums)
    {
        float* lanes = stackalloc float[TSimd.Width];
        TSimd.Store(lanes, values);
        for (int lane = 0; lane < TSimd.Width; lane++)
        {
            sums[lane] += lanes[lane];
        }
    }
}

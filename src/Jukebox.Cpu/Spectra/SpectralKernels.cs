using System.Runtime.CompilerServices;
using Jukebox.Core.Contract;
using Jukebox.Cpu.Rows;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Spectra;

/// <summary>
/// A spectral distance. The first half of an item's frames are paired with the second; a part of the transforms is as many
/// pairs, of all items, as a vector has lanes. A part of the other kernels is an item, or one of its signals.
/// </summary>
internal unsafe struct SpectralJob
{
    public float* X, Y;
    public int ItemCount, Length, FrameCount;
    public SpectralResolution Resolution;
    public float* Window, Twiddles;
    public int* Places;

    /// <summary>(2, N, T + transform): x, then y, with reflected ends.</summary>
    public float* Padded;

    /// <summary>(frame, window): ∂ Σ D² / 2 ∂y, D being the differences of magnitudes; null where no gradient is wanted.</summary>
    public float* Frames;

    /// <summary>(frame, 2): Σ D² and Σ |X|².</summary>
    public double* Sums;

    public float* Gradient;

    /// <summary>(N): what the frames' gradients are multiplied by.</summary>
    public float* Factors;

    public float* Scratch;
    public long ScratchPerWorker;

    /// <summary>Pairs of an item; where the number of frames is odd the last has but one.</summary>
    public readonly int PairCount => (FrameCount + 1) / 2;

    public readonly int PaddedLength => Length + Resolution.TransformLength;

    /// <summary>Zeros before the window in a transform.</summary>
    public readonly int FirstSample => (Resolution.TransformLength - Resolution.WindowLength) / 2;
}

/// <summary>
/// Spectra of two frames of a signal at once, as the real and the imaginary part of one transform, and as many such pairs as there
/// are lanes; their gradients alike. Two signals, or two items, never share a transform: the rounding errors of one would be
/// a spectrum of the other where that is silent.
/// </summary>
internal static unsafe class SpectralKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Squares that are added in single precision before their sum goes to double.</summary>
    private const int BinsPerFlush = 16;

    /// <summary>Pairs of frames of a part.</summary>
    public static int PairsPerPart() => TSimd.Width;

    /// <summary>
    /// Floats of scratch that a worker needs for two transforms, and for the last samples of a window that are not a whole
    /// vector, which are moved as one.
    /// </summary>
    public static long ScratchFloats(int transformLength) => 2 * TransformFloats(transformLength);

    /// <summary>Reflects the ends of one signal.</summary>
    public static void Pad(void* argument, int part, int worker)
    {
        ref SpectralJob job = ref *(SpectralJob*)argument;
        int items = job.ItemCount, reach = job.Resolution.TransformLength / 2, length = job.Length;
        float* signal = part < items ? job.X + ((long)part * length) : job.Y + ((long)(part - items) * length);
        float* padded = job.Padded + ((long)part * job.PaddedLength);
        new ReadOnlySpan<float>(signal, length).CopyTo(new Span<float>(padded + reach, length));
        for (int i = 0; i < reach; i++)
        {
            padded[i] = signal[reach - i];
            padded[reach + length + i] = signal[length - 2 - i];
        }
    }

    /// <summary>Transforms a vector of pairs of both signals, adds up their squares, and transforms the gradient back.</summary>
    public static void Transform(void* argument, int part, int worker)
    {
        ref SpectralJob job = ref *(SpectralJob*)argument;
        int width = TSimd.Width, length = job.Resolution.TransformLength;
        int* frames = stackalloc int[2 * width];
        Number(in job, part * width, frames);
        float* x = job.Scratch + (worker * job.ScratchPerWorker), y = x + TransformFloats(length);
        Gather(in job, job.Padded, frames, x);
        Gather(in job, job.Padded + ((long)job.ItemCount * job.PaddedLength), frames, y);
        FourierKernels<TSimd, TVector>.Forward(x, length, job.Twiddles);
        FourierKernels<TSimd, TVector>.Forward(y, length, job.Twiddles);
        double* sums = stackalloc double[4 * width];
        new Span<double>(sums, 4 * width).Clear();
        for (int k = 0; k <= length / 2; k += BinsPerFlush)
        {
            Bins(in job, k, Math.Min(k + BinsPerFlush, (length / 2) + 1), x, y, sums);
        }

        for (int i = 0; i < 2 * width; i++)
        {
            if (frames[i] >= 0)
            {
                job.Sums[2L * frames[i]] = sums[i];
                job.Sums[(2L * frames[i]) + 1] = sums[(2 * width) + i];
            }
        }

        if (job.Frames != null)
        {
            FourierKernels<TSimd, TVector>.Inverse(y, length, job.Twiddles);
            Scatter(in job, frames, y);
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
            ColumnKernels<TSimd, TVector>.AddTo(padded + ((long)f * job.Resolution.HopLength) + job.FirstSample, frame, window);
        }

        float factor = job.Factors[part];
        RowKernels<TSimd, TVector>.AddScaled(gradient, padded + reach, factor, gradient, length);
        for (int i = 0; i < reach; i++)
        {
            gradient[reach - i] += factor * padded[i];
            gradient[length - 2 - i] += factor * padded[reach + length + i];
        }
    }

    private static long TransformFloats(int length) => 2L * (length + TSimd.Width) * TSimd.Width;

    /// <summary>Numbers of the first frames of a part's pairs, then of the second ones; −1 where there is none.</summary>
    private static void Number(in SpectralJob job, int firstPair, int* frames)
    {
        int width = TSimd.Width, pairs = job.PairCount;
        for (int lane = 0; lane < width; lane++)
        {
            int item = (firstPair + lane) / pairs, frame = (firstPair + lane) % pairs;
            bool present = item < job.ItemCount;
            frames[lane] = present ? (item * job.FrameCount) + frame : -1;
            frames[width + lane] = present && frame + pairs < job.FrameCount ? (item * job.FrameCount) + frame + pairs : -1;
        }
    }

    /// <summary>
    /// Windowed frames of one signal, one in each lane of the real parts, then of the imaginary ones; zeros outside the window and
    /// where there is no frame.
    /// </summary>
    private static void Gather(in SpectralJob job, float* signals, int* frames, float* z)
    {
        int width = TSimd.Width, window = job.Resolution.WindowLength, end = job.FirstSample + window;
        new Span<float>(z, 2 * job.FirstSample * width).Clear();
        new Span<float>(z + (2L * end * width), 2 * (job.Resolution.TransformLength - end) * width).Clear();
        float** starts = stackalloc float*[2 * width];
        for (int i = 0; i < 2 * width; i++)
        {
            int item = frames[i] / job.FrameCount, frame = frames[i] % job.FrameCount;
            float* start = signals + ((long)item * job.PaddedLength) + ((long)frame * job.Resolution.HopLength) + job.FirstSample;
            starts[i] = frames[i] < 0 ? null : start;
        }

        float* block = stackalloc float[2 * width * width];
        new Span<float>(block, 2 * width * width).Clear();
        for (int m = 0; m < window; m += width)
        {
            GatherBlock(starts, m, job.Window + m, window - m, block, z + (2L * (job.FirstSample + m) * width));
        }
    }

    /// <summary>A vector of samples of every frame; those beyond the window are zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GatherBlock(float** starts, int at, float* window, int samples, float* block, float* target)
    {
        int width = TSimd.Width;
        TVector factor = Lanes<TSimd, TVector>.Load(window, samples);
        for (int i = 0; i < 2 * width; i++)
        {
            if (starts[i] != null)
            {
                TSimd.Store(block + (i * width), TSimd.Multiply(factor, Lanes<TSimd, TVector>.Load(starts[i] + at, samples)));
            }
        }

        TSimd.Transpose(block, width, target, 2 * width);
        TSimd.Transpose(block + (width * width), width, target + width, 2 * width);
    }

    /// <summary>Takes the windowed gradients out of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scatter(in SpectralJob job, int* frames, float* z)
    {
        int width = TSimd.Width, window = job.Resolution.WindowLength;
        float* block = stackalloc float[2 * width * width];
        for (int m = 0; m < window; m += width)
        {
            float* source = z + (2L * (job.FirstSample + m) * width);
            TSimd.Transpose(source, 2 * width, block, width);
            TSimd.Transpose(source + width, 2 * width, block + (width * width), width);
            TVector factor = Lanes<TSimd, TVector>.Load(job.Window + m, window - m);
            for (int i = 0; i < 2 * width; i++)
            {
                if (frames[i] >= 0)
                {
                    float* target = job.Frames + ((long)frames[i] * window) + m;
                    Lanes<TSimd, TVector>.Store(target, TSimd.Multiply(factor, TSimd.Load(block + (i * width))), window - m);
                }
            }
        }
    }

    /// <summary>Squares of some frequencies; where a gradient is wanted its spectrum replaces that of y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Bins(in SpectralJob job, int firstBin, int endBin, float* x, float* y, double* sums)
    {
        int width = TSimd.Width;
        TVector differences0 = TSimd.Zero, energies0 = TSimd.Zero, differences1 = TSimd.Zero, energies1 = TSimd.Zero;
        for (int k = firstBin; k < endBin; k++)
        {
            nint place = (nint)job.Places[2 * k] * 2 * width, mirrored = (nint)job.Places[(2 * k) + 1] * 2 * width;
            Separate(x + place, x + mirrored, out TVector xr0, out TVector xi0, out TVector xr1, out TVector xi1);
            Separate(y + place, y + mirrored, out TVector yr0, out TVector yi0, out TVector yr1, out TVector yi1);
            TVector quotient0 = Compare(xr0, xi0, yr0, yi0, ref differences0, ref energies0);
            TVector quotient1 = Compare(xr1, xi1, yr1, yi1, ref differences1, ref energies1);
            if (job.Frames == null)
            {
                continue;
            }

            // A real signal's spectrum is half of the one-sided one and half of its conjugate at the mirrored frequency.
            TVector half = TSimd.Splat(place == mirrored ? 1 : 0.5f);
            quotient0 = TSimd.Multiply(quotient0, half);
            quotient1 = TSimd.Multiply(quotient1, half);
            (yr0, yi0, yr1, yi1) = (TSimd.Multiply(yr0, quotient0), TSimd.Multiply(yi0, quotient0), TSimd.Multiply(yr1, quotient1), TSimd.Multiply(yi1, quotient1));
            TSimd.Store(y + mirrored, TSimd.Add(yr0, yi1));
            TSimd.Store(y + mirrored + width, TSimd.Subtract(yr1, yi0));
            TSimd.Store(y + place, TSimd.Subtract(yr0, yi1));
            TSimd.Store(y + place + width, TSimd.Add(yr1, yi0));
        }

        Flush(differences0, sums);
        Flush(differences1, sums + width);
        Flush(energies0, sums + (2 * width));
        Flush(energies1, sums + (3 * width));
    }

    /// <summary>One frequency of the two real signals that one complex one was.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Separate(float* z, float* mirrored, out TVector r0, out TVector i0, out TVector r1, out TVector i1)
    {
        int width = TSimd.Width;
        TVector half = TSimd.Splat(0.5f);
        TVector zr = TSimd.Multiply(half, TSimd.Load(z)), zi = TSimd.Multiply(half, TSimd.Load(z + width));
        TVector mr = TSimd.Multiply(half, TSimd.Load(mirrored)), mi = TSimd.Multiply(half, TSimd.Load(mirrored + width));
        (r0, i0, r1, i1) = (TSimd.Add(zr, mr), TSimd.Subtract(zi, mi), TSimd.Add(zi, mi), TSimd.Subtract(mr, zr));
    }

    /// <summary>Adds D² and |X|²; what Y is to be multiplied by for the gradient, D / |Y|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Compare(TVector xr, TVector xi, TVector yr, TVector yi, ref TVector differences, ref TVector energies)
    {
        TVector energy = TSimd.MultiplyAdd(xr, xr, TSimd.Multiply(xi, xi));
        energies = TSimd.Add(energies, energy);

        // D / |Y| = 1 − |X| / |Y| needs one root, where D needs two. Where |Y| is next to nothing beside |X| it counts as 2⁻³⁰ of
        // it: D is the same to a rounding, the quotient is finite, and its product with Y is zero where Y is. What is not a number
        // stays so: the maxima have it on their right.
        TVector other = TSimd.MultiplyAdd(yr, yr, TSimd.Multiply(yi, yi));
        other = TSimd.Max(TSimd.Multiply(energy, TSimd.Splat(1f / (1L << 60))), other);
        TVector ratio = TSimd.SquareRoot(TSimd.Divide(energy, TSimd.Max(TSimd.Splat(1e-37f), other)));
        TVector quotient = TSimd.Subtract(TSimd.Splat(1), ratio);
        differences = TSimd.MultiplyAdd(TSimd.Multiply(quotient, quotient), other, differences);
        return quotient;
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

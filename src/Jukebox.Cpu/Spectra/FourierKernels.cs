using System.Runtime.CompilerServices;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Spectra;

/// <summary>
/// Fourier transforms of as many complex signals as a vector has lanes: an element is a vector of real and one of imaginary
/// parts. In place and without reordering: the forward transform leaves its frequencies where the inverse one takes them,
/// at <see cref="SpectralPlan.Places"/>. Neither is normalised.
/// </summary>
internal static unsafe class FourierKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Elements of a block whose stages follow each other while it is in the first-level cache.</summary>
    private const int BlockLength = 64;

    /// <summary>z[k] = Σ_m z[m] · e^(−2πi·k·m/length).</summary>
    public static void Forward(float* z, int length, float* twiddles)
    {
        if (length > BlockLength)
        {
            ForwardStage(z, 1, length, twiddles);
            for (int quarter = 0; quarter < 4; quarter++)
            {
                Forward(z + ((nint)quarter * (length / 4) * 2 * TSimd.Width), length / 4, twiddles + TwiddlesOf(length));
            }

            return;
        }

        int blocks = 1;
        for (; length >= 4; length /= 4, blocks *= 4)
        {
            ForwardStage(z, blocks, length, twiddles);
            twiddles += TwiddlesOf(length);
        }

        if (length == 2)
        {
            Pairs(z, blocks);
        }
    }

    /// <summary>z[m] = Σ_k z[k] · e^(2πi·k·m/length).</summary>
    public static void Inverse(float* z, int length, float* twiddles)
    {
        if (length > BlockLength)
        {
            for (int quarter = 0; quarter < 4; quarter++)
            {
                Inverse(z + ((nint)quarter * (length / 4) * 2 * TSimd.Width), length / 4, twiddles + TwiddlesOf(length));
            }

            InverseStage(z, 1, length, twiddles);
            return;
        }

        // The stages of the forward transform, last one first.
        int span = length, blocks = 1;
        for (; span >= 4; span /= 4, blocks *= 4)
        {
            twiddles += TwiddlesOf(span);
        }

        if (span == 2)
        {
            Pairs(z, blocks);
        }

        while (span < length)
        {
            span *= 4;
            blocks /= 4;
            twiddles -= TwiddlesOf(span);
            InverseStage(z, blocks, span, twiddles);
        }
    }

    private static int TwiddlesOf(int length) => length / 4 * SpectralPlan.TwiddleFloats;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardStage(float* z, int blocks, int length, float* twiddles)
    {
        int width = TSimd.Width, step = 2 * width;
        nint quarter = (nint)(length / 4) * step;
        for (int block = 0; block < blocks; block++, z += 4 * quarter)
        {
            float* a = z, b = a + quarter, c = b + quarter, d = c + quarter, w = twiddles, end = b;
            for (; a < end; a += step, b += step, c += step, d += step, w += SpectralPlan.TwiddleFloats)
            {
                TVector ar = TSimd.Load(a), ai = TSimd.Load(a + width), br = TSimd.Load(b), bi = TSimd.Load(b + width);
                TVector cr = TSimd.Load(c), ci = TSimd.Load(c + width), dr = TSimd.Load(d), di = TSimd.Load(d + width);
                TVector sr = TSimd.Add(ar, cr), si = TSimd.Add(ai, ci), ur = TSimd.Subtract(ar, cr), ui = TSimd.Subtract(ai, ci);
                TVector tr = TSimd.Add(br, dr), ti = TSimd.Add(bi, di), vr = TSimd.Subtract(br, dr), vi = TSimd.Subtract(bi, di);
                TSimd.Store(a, TSimd.Add(sr, tr));
                TSimd.Store(a + width, TSimd.Add(si, ti));
                StoreProduct(b, TSimd.Add(ur, vi), TSimd.Subtract(ui, vr), w[0], w[1], w[2]);
                StoreProduct(c, TSimd.Subtract(sr, tr), TSimd.Subtract(si, ti), w[3], w[4], w[5]);
                StoreProduct(d, TSimd.Subtract(ur, vi), TSimd.Add(ui, vr), w[6], w[7], w[8]);
            }
        }
    }

    /// <summary>The conjugate transpose of <see cref="ForwardStage"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InverseStage(float* z, int blocks, int length, float* twiddles)
    {
        int width = TSimd.Width, step = 2 * width;
        nint quarter = (nint)(length / 4) * step;
        for (int block = 0; block < blocks; block++, z += 4 * quarter)
        {
            float* a = z, b = a + quarter, c = b + quarter, d = c + quarter, w = twiddles, end = b;
            for (; a < end; a += step, b += step, c += step, d += step, w += SpectralPlan.TwiddleFloats)
            {
                TVector ar = TSimd.Load(a), ai = TSimd.Load(a + width);
                TVector br = Product(TSimd.Load(b), w[0], TSimd.Load(b + width), w[1]), bi = Product(TSimd.Load(b + width), w[0], TSimd.Load(b), w[2]);
                TVector cr = Product(TSimd.Load(c), w[3], TSimd.Load(c + width), w[4]), ci = Product(TSimd.Load(c + width), w[3], TSimd.Load(c), w[5]);
                TVector dr = Product(TSimd.Load(d), w[6], TSimd.Load(d + width), w[7]), di = Product(TSimd.Load(d + width), w[6], TSimd.Load(d), w[8]);
                TVector sr = TSimd.Add(ar, cr), si = TSimd.Add(ai, ci), ur = TSimd.Subtract(ar, cr), ui = TSimd.Subtract(ai, ci);
                TVector tr = TSimd.Add(br, dr), ti = TSimd.Add(bi, di), vr = TSimd.Subtract(br, dr), vi = TSimd.Subtract(bi, di);
                TSimd.Store(a, TSimd.Add(sr, tr));
                TSimd.Store(a + width, TSimd.Add(si, ti));
                TSimd.Store(b, TSimd.Subtract(ur, vi));
                TSimd.Store(b + width, TSimd.Add(ui, vr));
                TSimd.Store(c, TSimd.Subtract(sr, tr));
                TSimd.Store(c + width, TSimd.Subtract(si, ti));
                TSimd.Store(d, TSimd.Add(ur, vi));
                TSimd.Store(d + width, TSimd.Subtract(ui, vr));
            }
        }
    }

    /// <summary>Transforms of two elements, which are their own inverse.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pairs(float* z, int blocks)
    {
        int width = TSimd.Width;
        for (int i = 0; i < blocks; i++, z += 4 * width)
        {
            for (int part = 0; part < 2 * width; part += width)
            {
                TVector a = TSimd.Load(z + part), b = TSimd.Load(z + part + (2 * width));
                TSimd.Store(z + part, TSimd.Add(a, b));
                TSimd.Store(z + part + (2 * width), TSimd.Subtract(a, b));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreProduct(float* to, TVector re, TVector im, float cosine, float sine, float negatedSine)
    {
        TSimd.Store(to, Product(re, cosine, im, negatedSine));
        TSimd.Store(to + TSimd.Width, Product(im, cosine, re, sine));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Product(TVector x, float factorX, TVector y, float factorY) =>
        TSimd.MultiplyAdd(x, TSimd.Splat(factorX), TSimd.Multiply(y, TSimd.Splat(factorY)));
}

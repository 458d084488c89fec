using System.Numerics;

namespace Jukebox.Audio.Spectra;

/// <summary>
/// Discrete Fourier transform of real numbers, X[k] = Σ x[n] · e^(−2πi·kn/N) for k ≤ N/2, without scaling; N is a power of two.
/// In double precision, for measuring. Holds scratch: one thread at a time.
/// </summary>
public sealed class RealFourier
{
    private readonly Complex[] _roots; // e^(−2πik/N), k < N/2
    private readonly Complex[] _packed; // even samples real, odd ones imaginary: half the length
    private readonly int[] _reversed;

    /// <summary>Prepares transforms of one length.</summary>
    /// <exception cref="ArgumentException">The length is no power of two, or less than 2.</exception>
    public RealFourier(int length)
    {
        if (length < 2 || !BitOperations.IsPow2(length))
        {
            throw new ArgumentException($"a transform of {length} samples: the length must be a power of two from 2 on", nameof(length));
        }

        Length = length;
        int half = length / 2, bits = BitOperations.Log2((uint)half);
        _packed = new Complex[half];
        _roots = new Complex[half];
        _reversed = new int[half];
        for (int k = 0; k < half; k++)
        {
            (double sine, double cosine) = Math.SinCos(-2 * Math.PI * k / length);
            _roots[k] = new Complex(cosine, sine);
            _reversed[k] = bits == 0 ? 0 : (_reversed[k >> 1] >> 1) | ((k & 1) << (bits - 1));
        }
    }

    /// <summary>Samples of a transform.</summary>
    public int Length { get; }

    /// <summary>Frequencies of its result: N/2 + 1.</summary>
    public int BinCount => (Length / 2) + 1;

    /// <summary>Transforms exactly <see cref="Length"/> samples into exactly <see cref="BinCount"/> frequencies.</summary>
    public void Transform(ReadOnlySpan<double> samples, Span<Complex> spectrum)
    {
        if (samples.Length != Length || spectrum.Length != BinCount)
        {
            throw new ArgumentException(
                $"a transform of {Length} samples was given {samples.Length}, and room for {spectrum.Length} of {BinCount} frequencies", nameof(samples));
        }

        int half = _packed.Length;
        for (int n = 0; n < half; n++)
        {
            _packed[_reversed[n]] = new Complex(samples[2 * n], samples[(2 * n) + 1]);
        }

        Butterflies();

        // The transforms of even and odd samples are what Z[k] and the conjugate of Z[half − k] have in common and what not.
        for (int k = 0; k <= half; k++)
        {
            Complex z = _packed[k == half ? 0 : k], mirrored = Complex.Conjugate(_packed[k == 0 ? 0 : half - k]);
            Complex even = (z + mirrored) * 0.5, odd = (z - mirrored) * new Complex(0, -0.5);
            spectrum[k] = even + (odd * (k == half ? new Complex(-1, 0) : _roots[k]));
        }
    }

    private void Butterflies()
    {
        Span<Complex> values = _packed;
        for (int span = 1; span < values.Length; span *= 2)
        {
            int stride = values.Length / span; // of the roots: e^(−πik/span) is root k · N / (2 · span)
            for (int start = 0; start < values.Length; start += 2 * span)
            {
                Span<Complex> low = values.Slice(start, span), high = values.Slice(start + span, span);
                for (int k = 0; k < low.Length; k++)
                {
                    Complex turned = high[k] * _roots[k * stride];
                    high[k] = low[k] - turned;
                    low[k] += turned;
                }
            }
        }
    }
}

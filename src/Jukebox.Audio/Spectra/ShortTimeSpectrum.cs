using System.Numerics;
using Jukebox.Core.Contract;

namespace Jukebox.Audio.Spectra;

/// <summary>
/// Magnitudes of a signal's short-time spectrum as the spectral losses define it: frames centred on multiples of the hop, the
/// signal mirrored at its ends, a periodic Hann window in the middle of the transform, no scaling. One thread at a time.
/// </summary>
public sealed class ShortTimeSpectrum
{
    private readonly RealFourier _fourier;
    private readonly double[] _window; // periodic Hann
    private readonly double[] _frame;
    private readonly Complex[] _spectrum;
    private readonly int _windowStart;

    /// <summary>Prepares spectra of one resolution.</summary>
    public ShortTimeSpectrum(in SpectralResolution resolution)
    {
        Resolution = resolution;
        _fourier = new RealFourier(resolution.TransformLength);
        _frame = new double[resolution.TransformLength];
        _spectrum = new Complex[_fourier.BinCount];
        _windowStart = (resolution.TransformLength - resolution.WindowLength) / 2;
        _window = new double[resolution.WindowLength];
        for (int n = 0; n < _window.Length; n++)
        {
            _window[n] = 0.5 * (1 - Math.Cos(2 * Math.PI * n / _window.Length));
        }
    }

    /// <summary>Transform, hop and window.</summary>
    public SpectralResolution Resolution { get; }

    /// <summary>Frequencies of a frame.</summary>
    public int BinCount => _fourier.BinCount;

    /// <summary>The fewest samples that can be mirrored at both ends.</summary>
    public int ShortestSignal => (Resolution.TransformLength / 2) + 1;

    /// <summary>Writes the magnitudes of one frame.</summary>
    /// <param name="samples">The whole signal, at least <see cref="ShortestSignal"/> samples.</param>
    /// <param name="frame">Which frame, below <see cref="SpectralResolution.FrameCount"/>.</param>
    /// <param name="magnitudes">Receives <see cref="BinCount"/> magnitudes.</param>
    public void Magnitudes(ReadOnlySpan<float> samples, int frame, Span<double> magnitudes) => Magnitudes(samples, 0, samples.Length, frame, magnitudes);

    /// <summary>Writes the magnitudes of one frame of a signal of which only a part is held.</summary>
    /// <param name="held">The part, with every sample that the frame looks at, half a transform to either side of its middle.</param>
    /// <param name="heldStart">Where the part begins in the signal.</param>
    /// <param name="lengthSamples">Samples of the whole signal, at least <see cref="ShortestSignal"/>.</param>
    /// <param name="frame">Which frame.</param>
    /// <param name="magnitudes">Receives <see cref="BinCount"/> magnitudes.</param>
    public void Magnitudes(ReadOnlySpan<float> held, long heldStart, long lengthSamples, long frame, Span<double> magnitudes)
    {
        long first = (frame * Resolution.HopLength) - (Resolution.TransformLength / 2) + _windowStart;
        for (int n = 0; n < _window.Length; n++)
        {
            long at = first + n;
            at = at < 0 ? -at : at;
            at = at >= lengthSamples ? (2 * (lengthSamples - 1)) - at : at;
            _frame[_windowStart + n] = _window[n] * held[(int)(at - heldStart)];
        }

        _fourier.Transform(_frame, _spectrum);
        for (int k = 0; k < magnitudes.Length; k++)
        {
            (double real, double imaginary) = (_spectrum[k].Real, _spectrum[k].Imaginary);
            magnitudes[k] = Math.Sqrt((real * real) + (imaginary * imaginary));
        }
    }
}

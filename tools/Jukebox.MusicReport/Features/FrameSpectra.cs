using Jukebox.Audio.Spectra;

namespace Jukebox.MusicReport.Features;

/// <summary>Every frame's magnitudes of an excerpt, side by side.</summary>
internal sealed class FrameSpectra
{
    private readonly double[] _magnitudes; // (frames, bins)

    /// <summary>Computes them.</summary>
    /// <param name="samples">The excerpt.</param>
    /// <param name="spectrum">Scratch of one thread, and the resolution.</param>
    public FrameSpectra(ReadOnlySpan<float> samples, ShortTimeSpectrum spectrum)
    {
        BinCount = spectrum.BinCount;
        FrameCount = spectrum.Resolution.FrameCount(samples.Length);
        _magnitudes = new double[FrameCount * BinCount];
        for (int frame = 0; frame < FrameCount; frame++)
        {
            spectrum.Magnitudes(samples, frame, _magnitudes.AsSpan(frame * BinCount, BinCount));
        }
    }

    /// <summary>Number of frames.</summary>
    public int FrameCount { get; }

    /// <summary>Frequencies of a frame.</summary>
    public int BinCount { get; }

    /// <summary>Magnitudes of a frame.</summary>
    public ReadOnlySpan<double> this[int frame] => _magnitudes.AsSpan(frame * BinCount, BinCount);
}

using Jukebox.Audio.Spectra;
using Jukebox.Core.Contract;

namespace Jukebox.MusicReport.Features;

/// <summary>Everything that is measured of an excerpt.</summary>
/// <param name="Timbre">How it sounds: <see cref="TimbreFeatures.Count"/> numbers.</param>
/// <param name="Pitch">What it plays.</param>
/// <param name="Level">How loud it is.</param>
internal sealed record ExcerptFeatures(double[] Timbre, PitchFeatures Pitch, LevelFeatures Level)
{
    /// <summary>Timbre and pitch classes in one row: what sets of excerpts are compared by.</summary>
    public double[] Row { get; } = [.. Timbre, .. Pitch.Classes];
}

/// <summary>Measures excerpts, one after the other. Holds scratch: one for each thread.</summary>
internal sealed class ExcerptAnalyzer
{
    /// <summary>The rate that all audio is brought to.</summary>
    public const int SampleRateHz = 22050;

    private const double TimbreBinHz = SampleRateHz / 1024.0;
    private const double PitchBinHz = (double)SampleRateHz / PitchTransform;
    private const int PitchTransform = 8192;
    private const int PitchHop = 2048;

    private static readonly MelBands Bands = new(32, 60, 10_000, TimbreBinHz);

    private readonly ShortTimeSpectrum _timbre = new(new SpectralResolution(1024, 512, 1024));
    private readonly ShortTimeSpectrum _pitch = new(new SpectralResolution(PitchTransform, PitchHop, PitchTransform));

    /// <summary>The fewest samples that can be measured.</summary>
    public static int ShortestExcerpt => SampleRateHz;

    /// <summary>Measures how one excerpt sounds, and nothing else.</summary>
    public double[] Timbre(float[] samples) => TimbreFeatures.Of(new FrameSpectra(samples, _timbre), Bands, TimbreBinHz);

    /// <summary>Measures one excerpt.</summary>
    public ExcerptFeatures Analyze(float[] samples)
    {
        var pitch = new FrameSpectra(samples, _pitch);
        return new ExcerptFeatures(
            Timbre(samples),
            PitchFeatures.Of(
                pitch, PitchBinHz,
                frame => IsWithin(samples, frame * PitchHop) && !LevelFeatures.IsSilent(samples.AsSpan((frame * PitchHop) - (PitchHop / 2), PitchHop))),
            LevelFeatures.Of(samples, SampleRateHz));
    }

    /// <summary>Whether a frame has nothing in it that was mirrored at an end, which would make a tone two.</summary>
    private static bool IsWithin(float[] samples, int centre) => centre >= PitchTransform / 2 && centre + (PitchTransform / 2) <= samples.Length;
}

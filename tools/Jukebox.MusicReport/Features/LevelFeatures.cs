namespace Jukebox.MusicReport.Features;

/// <summary>How loud an excerpt is.</summary>
/// <param name="SilentShare">Share of it, in frames of 50 ms, whose root mean square is below −50 dB of full scale.</param>
/// <param name="ClippedShare">Share of its samples that are at full scale.</param>
internal sealed record LevelFeatures(double SilentShare, double ClippedShare)
{
    private const double FrameSeconds = 0.05;
    private const double SilenceRootMeanSquare = 0.00316; // −50 dB
    private const float FullScale = 0.999f;

    /// <summary>Measures an excerpt.</summary>
    public static LevelFeatures Of(ReadOnlySpan<float> samples, int sampleRateHz)
    {
        int length = (int)(FrameSeconds * sampleRateHz), frames = Math.Max(1, samples.Length / length), silent = 0, clipped = 0;
        for (int frame = 0; frame < frames; frame++)
        {
            silent += IsSilent(samples.Slice(frame * length, Math.Min(length, samples.Length))) ? 1 : 0;
        }

        foreach (float sample in samples)
        {
            clipped += Math.Abs(sample) >= FullScale ? 1 : 0;
        }

        return new LevelFeatures((double)silent / frames, (double)clipped / samples.Length);
    }

    /// <summary>Whether nothing is to be heard in a stretch.</summary>
    public static bool IsSilent(ReadOnlySpan<float> samples)
    {
        double squares = 0;
        foreach (float sample in samples)
        {
            squares += sample * sample;
        }

        return squares < SilenceRootMeanSquare * SilenceRootMeanSquare * samples.Length;
    }
}

using System.Globalization;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;

namespace Jukebox.Models.Priors;

/// <summary>
/// Rows of the three time tables for one window. The arithmetic is float32 in the reference's order, because a
/// position that falls into the next bin is a different embedding.
/// </summary>
/// <param name="Total">Row for the length of the whole song.</param>
/// <param name="Absolute">Row for each token's position in seconds.</param>
/// <param name="Relative">Row for each token's position as a fraction of the song.</param>
public sealed record TimeBins(int Total, int[] Absolute, int[] Relative)
{
    /// <summary>Bins of a window.</summary>
    /// <param name="spec">Ranges and number of bins.</param>
    /// <param name="sampleRateHz">Samples per second.</param>
    /// <param name="totalLength">Samples of the whole imagined song.</param>
    /// <param name="offset">Samples before the window.</param>
    /// <param name="length">Samples of the window.</param>
    /// <param name="tokenCount">Music tokens of the window.</param>
    /// <exception cref="LabelException">A length is outside the model's range.</exception>
    public static TimeBins Of(LabelSpec spec, int sampleRateHz, long totalLength, long offset, long length, int tokenCount)
    {
        double shortest = spec.MinDurationSeconds * sampleRateHz, longest = spec.MaxDurationSeconds * sampleRateHz;
        float total = totalLength, start = offset, end = offset + length;
        Check(spec, sampleRateHz, total, start, end);
        float startFraction = start / total, endFraction = Math.Clamp(end / total, 0f, 1f);
        return new TimeBins(
            Bin(total, shortest, longest, spec.TimeBins),
            Bins(start, end, 0, longest, spec.TimeBins, tokenCount),
            Bins(startFraction, endFraction, 0, 1, spec.TimeBins, tokenCount));
    }

    private static void Check(LabelSpec spec, int sampleRateHz, float total, float start, float end)
    {
        float shortest = (float)(spec.MinDurationSeconds * sampleRateHz), longest = (float)(spec.MaxDurationSeconds * sampleRateHz);
        if (!(total >= shortest && total < longest))
        {
            throw new LabelException(
                $"A total length of {Seconds(total, sampleRateHz)} s is outside the model's range, from {Seconds(shortest, sampleRateHz)} s "
                + $"to less than {Seconds(longest, sampleRateHz)} s; choose a total length within it (it describes the whole imagined song, and may be longer than what is sampled).");
        }

        if (!(start >= 0 && start < longest && start / total < 1))
        {
            throw new LabelException(
                $"A window that starts at {Seconds(start, sampleRateHz)} s lies outside a song of {Seconds(total, sampleRateHz)} s; "
                + $"choose a larger total length (less than {Seconds(longest, sampleRateHz)} s) or sample less.");
        }

        if (!(end <= longest))
        {
            throw new LabelException(
                $"A window that ends at {Seconds(end, sampleRateHz)} s goes beyond the model's range of {Seconds(longest, sampleRateHz)} s; sample less or start earlier.");
        }
    }

    private static int[] Bins(float start, float end, double min, double max, int bins, int count)
    {
        var result = new int[count];
        for (int i = 0; i < count; i++)
        {
            float position = start + ((end - start) * (i / (float)count));
            result[i] = Bin(position, min, max, bins);
        }

        return result;
    }

    private static int Bin(float position, double min, double max, int bins) =>
        (int)MathF.Floor(bins * ((position - (float)min) / (float)(max - min)));

    private static string Seconds(float samples, int sampleRateHz) =>
        (samples / (double)sampleRateHz).ToString("0.##", CultureInfo.InvariantCulture);
}

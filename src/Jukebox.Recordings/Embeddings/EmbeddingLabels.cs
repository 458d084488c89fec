using Jukebox.Models.Format;
using Jukebox.Models.Priors;

namespace Jukebox.Recordings.Embeddings;

/// <summary>
/// What a top prior is told of a recording of which nothing is known: artist and genre 0, which stand for unknown, and times in samples,
/// as the extractors of music features state them.
/// </summary>
public static class EmbeddingLabels
{
    /// <summary>Length of the song that jukemirlib, jukemir, EDGE and LLark claim every clip to begin, whatever it is.</summary>
    private const int ClaimedSeconds = 62;

    /// <summary>The label row that is the same for every clip: the beginning of a song of 62 s. Empty for an unlabelled prior.</summary>
    /// <param name="prior">A top prior.</param>
    /// <param name="samplesPerToken">Audio samples of one of its tokens.</param>
    /// <param name="sampleRateHz">Samples per second.</param>
    public static long[] Fixed(PriorSpec prior, int samplesPerToken, int sampleRateHz) =>
        Row(prior, samplesPerToken, WholeTokens((long)ClaimedSeconds * sampleRateHz, samplesPerToken), 0);

    /// <summary>
    /// The label row of a window of a recording of known length, as Sheet Sage has it: lengths that the model does not know count as the nearest
    /// that it does, and windows of a longer recording as the last.
    /// </summary>
    /// <param name="prior">A top prior.</param>
    /// <param name="samplesPerToken">Audio samples of one of its tokens.</param>
    /// <param name="sampleRateHz">Samples per second.</param>
    /// <param name="totalSeconds">Length of the recording.</param>
    /// <param name="offsetSeconds">Where in it what was taken begins; not negative.</param>
    /// <param name="startToken">First token of the window within what was taken.</param>
    public static long[] Real(PriorSpec prior, int samplesPerToken, int sampleRateHz, double totalSeconds, double offsetSeconds, long startToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offsetSeconds);
        if (prior.Labels is not { } labels)
        {
            return [];
        }

        long shortest = (long)Math.Ceiling(labels.MinDurationSeconds * sampleRateHz / samplesPerToken) * samplesPerToken;
        long longest = WholeTokens((long)(labels.MaxDurationSeconds * sampleRateHz), samplesPerToken);
        long total = WholeTokens(Math.Clamp((long)(totalSeconds * sampleRateHz), shortest, longest), samplesPerToken);
        long offset = WholeTokens((long)(offsetSeconds * sampleRateHz), samplesPerToken) + (startToken * samplesPerToken);
        return Row(prior, samplesPerToken, total, Math.Max(0, Math.Min(offset, total - ((long)prior.ContextLength * samplesPerToken))));
    }

    private static long WholeTokens(long samples, int samplesPerToken) => samples / samplesPerToken * samplesPerToken;

    /// <summary>Total length, offset, length of a window, artist, genres, and lyrics that are none.</summary>
    private static long[] Row(PriorSpec prior, int samplesPerToken, long total, long offset)
    {
        if (prior.Labels is not { } labels)
        {
            return [];
        }

        var row = new long[prior.LabelLength];
        (row[0], row[1], row[2]) = (total, offset, (long)prior.ContextLength * samplesPerToken);
        row.AsSpan(LabelConditioner.FirstGenre + 1, labels.MaxGenres - 1).Fill(-1); // one genre, the unknown; the row's artist and it are 0
        return row;
    }
}

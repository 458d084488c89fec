using Jukebox.Models.Format;
using Jukebox.Models.Priors;

namespace Jukebox.Recordings.Embeddings;

/// <summary>Rows of a prior's tables of names.</summary>
/// <param name="Artist">The artist's; 0 is unknown.</param>
/// <param name="Genres">The genre's words; 0 is unknown.</param>
public sealed record EmbeddingNames(long Artist, long[] Genres)
{
    /// <summary>Nothing is known.</summary>
    public static EmbeddingNames Unknown { get; } = new(0, [0]);
}

/// <summary>
/// What a top prior is told of a recording: artist and genre, unknown as a rule, and times in samples, as the extractors of music features
/// state them.
/// </summary>
public static class EmbeddingLabels
{
    /// <summary>Length of the song that jukemirlib, jukemir, EDGE and LLark claim every clip to begin, whatever it is.</summary>
    private const int ClaimedSeconds = 62;

    /// <summary>The label row that is the same for every clip: the beginning of a song of 62 s, unless another length is given. Empty for an unlabelled prior.</summary>
    /// <param name="prior">A top prior.</param>
    /// <param name="samplesPerToken">Audio samples of one of its tokens.</param>
    /// <param name="sampleRateHz">Samples per second.</param>
    /// <param name="names">Artist and genre; none for unknown.</param>
    /// <param name="totalSeconds">Length of the song; none for 62 s.</param>
    public static long[] Fixed(
        PriorSpec prior, int samplesPerToken, int sampleRateHz, EmbeddingNames? names = null, double? totalSeconds = null) =>
        Row(prior, samplesPerToken, names, WholeTokens((long)((totalSeconds ?? ClaimedSeconds) * sampleRateHz), samplesPerToken), 0);

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
    /// <param name="names">Artist and genre; none for unknown.</param>
    public static long[] Real(
        PriorSpec prior, int samplesPerToken, int sampleRateHz, double totalSeconds, double offsetSeconds, long startToken, EmbeddingNames? names = null)
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
        return Row(prior, samplesPerToken, names, total, Math.Max(0, Math.Min(offset, total - ((long)prior.ContextLength * samplesPerToken))));
    }

    private static long WholeTokens(long samples, int samplesPerToken) => samples / samplesPerToken * samplesPerToken;

    /// <summary>Total length, offset, length of a window, artist, genres, and lyrics that are none.</summary>
    private static long[] Row(PriorSpec prior, int samplesPerToken, EmbeddingNames? names, long total, long offset)
    {
        if (prior.Labels is not { } labels)
        {
            return [];
        }

        var row = new long[prior.LabelLength];
        (row[0], row[1], row[2]) = (total, offset, (long)prior.ContextLength * samplesPerToken);
        names ??= EmbeddingNames.Unknown;
        row[LabelConditioner.FirstGenre - 1] = names.Artist;
        row.AsSpan(LabelConditioner.FirstGenre, labels.MaxGenres).Fill(-1);
        names.Genres.CopyTo(row, LabelConditioner.FirstGenre);
        return row;
    }
}

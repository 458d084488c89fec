using Jukebox.Models.Format;

namespace Jukebox.Models.Labels;

/// <summary>What a song is to be: the same for every prior, each of which reads it in its own way.</summary>
public sealed record LabelRequest
{
    /// <summary>Artist as a person writes it; empty for none.</summary>
    public string Artist { get; init; } = "";

    /// <summary>Genre as a person writes it; empty for none.</summary>
    public string Genre { get; init; } = "";

    /// <summary>Lyrics as given.</summary>
    public string Lyrics { get; init; } = "";

    /// <summary>Samples of the whole imagined song.</summary>
    public required long TotalSamples { get; init; }

    /// <summary>Where in it the sampled audio begins.</summary>
    public long OffsetSamples { get; init; }
}

/// <summary>Label row of one window, and where its lyric tokens stand in the full lyrics.</summary>
/// <param name="Row">Total length, offset, length, artist, genres, lyric tokens (<see cref="PriorSpec.LabelLength"/> numbers).</param>
/// <param name="LyricIndices">For each lyric token its position in the lyrics, −1 for padding.</param>
public sealed record WindowLabels(long[] Row, int[] LyricIndices);

/// <summary>One item's labels as one prior reads them. Unlabelled priors have empty rows.</summary>
public sealed class ItemLabels
{
    private const int OffsetColumn = 1;
    private const int LengthColumn = 2;
    private const int ArtistColumn = 3;

    private readonly PriorSpec _prior;
    private readonly int _samplesPerToken;

    private ItemLabels(PriorSpec prior, int samplesPerToken, long[] row, int[] lyricTokens)
    {
        _prior = prior;
        _samplesPerToken = samplesPerToken;
        Row = row;
        LyricTokens = lyricTokens;
    }

    /// <summary>The row of the labels as built: <see cref="PriorSpec.LabelLength"/> numbers.</summary>
    public long[] Row { get; }

    /// <summary>Tokens of the full lyrics; empty for a prior without lyrics.</summary>
    public int[] LyricTokens { get; }

    /// <summary>What the names became; null where the labels were not built from names.</summary>
    public ResolvedLabels? Resolved { get; private init; }

    /// <summary>The cleaned lyrics; null where the labels were not built from text, or the prior has no lyrics.</summary>
    public LyricsText? Lyrics { get; private init; }

    /// <summary>What was not found; empty where all is well.</summary>
    public IReadOnlyList<LabelWarning> Warnings => Resolved?.Warnings ?? [];

    /// <summary>Builds labels from names and lyrics.</summary>
    /// <param name="prior">The prior.</param>
    /// <param name="samplesPerToken">Audio samples per token of its level.</param>
    /// <param name="tables">Label tables of the model.</param>
    /// <param name="request">The song.</param>
    /// <exception cref="LabelException">Too many genre words, or an offset outside the song.</exception>
    public static ItemLabels Build(PriorSpec prior, int samplesPerToken, LabelTables tables, LabelRequest request)
    {
        if (prior.Labels is null)
        {
            return new ItemLabels(prior, samplesPerToken, [], []);
        }

        if (prior.LyricsLength > 0 && prior.LyricsVocabulary != LyricsVocabulary.Of(prior.Labels.Generation).Count)
        {
            throw new LabelException($"Level {prior.Level}: the model spells lyrics with {prior.LyricsVocabulary} characters, "
                + $"but labels of generation {prior.Labels.Generation} have {LyricsVocabulary.Of(prior.Labels.Generation).Count}; convert the checkpoint again.");
        }

        ResolvedLabels resolved = tables.Resolve(prior, request.Artist, request.Genre);
        LyricsText? lyrics = prior.LyricsLength > 0 ? LyricsText.Clean(request.Lyrics, prior.Labels.Generation) : null;
        long[] row = BuildRow(prior, samplesPerToken, request, resolved.ArtistId, resolved.GenreIds, lyrics?.Tokens ?? []);
        return new ItemLabels(prior, samplesPerToken, row, lyrics?.Tokens ?? []) { Resolved = resolved, Lyrics = lyrics };
    }

    /// <summary>Builds labels from a finished row and the full lyrics' tokens.</summary>
    public static ItemLabels FromRow(PriorSpec prior, int samplesPerToken, ReadOnlySpan<long> row, ReadOnlySpan<int> lyricTokens)
    {
        if (row.Length != prior.LabelLength)
        {
            throw new ArgumentException($"a label row of level {prior.Level} has {prior.LabelLength} numbers, not {row.Length}", nameof(row));
        }

        return new ItemLabels(prior, samplesPerToken, row.ToArray(), lyricTokens.ToArray());
    }

    /// <summary>Labels of the window that starts at a token.</summary>
    /// <param name="startToken">First token, counted from the start of the sampled audio.</param>
    /// <param name="arithmetic">Rounding of the lyrics' window: that of sampling, or that of training.</param>
    /// <exception cref="LabelException">The window starts beyond the song's total length.</exception>
    public WindowLabels ForWindow(long startToken, LyricsWindow.Arithmetic arithmetic = LyricsWindow.Arithmetic.Single)
    {
        if (_prior.Labels is null)
        {
            return new WindowLabels([], []);
        }

        long[] row = (long[])Row.Clone();
        row[OffsetColumn] += startToken * _samplesPerToken;
        row[LengthColumn] = WindowSamples(_prior, _samplesPerToken);
        LyricsWindow lyrics = LyricsWindow.Cut(
            LyricTokens, _prior.LyricsLength, row[0], row[OffsetColumn], row[LengthColumn], arithmetic);
        WriteLyrics(row, lyrics);
        return new WindowLabels(row, lyrics.Indices);
    }

    private static long WindowSamples(PriorSpec prior, int samplesPerToken) => (long)prior.ContextLength * samplesPerToken;

    private static long[] BuildRow(
        PriorSpec prior, int samplesPerToken, LabelRequest request, int artistId, int[] genreIds, int[] lyricTokens)
    {
        var row = new long[prior.LabelLength];
        row[0] = request.TotalSamples;
        row[OffsetColumn] = request.OffsetSamples;
        row[LengthColumn] = WindowSamples(prior, samplesPerToken);
        row[ArtistColumn] = artistId;
        Span<long> genres = row.AsSpan(ArtistColumn + 1, prior.Labels!.MaxGenres);
        genres.Fill(-1);
        for (int i = 0; i < genreIds.Length; i++)
        {
            genres[i] = genreIds[i];
        }

        WriteLyrics(row, LyricsWindow.Cut(
            lyricTokens, prior.LyricsLength, row[0], row[OffsetColumn], row[LengthColumn], LyricsWindow.Arithmetic.Double));
        return row;
    }

    private static void WriteLyrics(long[] row, LyricsWindow lyrics)
    {
        int first = row.Length - lyrics.Tokens.Length;
        for (int i = 0; i < lyrics.Tokens.Length; i++)
        {
            row[first + i] = lyrics.Tokens[i];
        }
    }
}

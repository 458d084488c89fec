using Jukebox.Models.Format;
using Jukebox.Songs.Request;

namespace Jukebox.Songs.Folder;

/// <summary>The song that another one goes on from: its description and as many of its codes as are asked for.</summary>
internal sealed class SourceSong
{
    private readonly int[] _tokens; // by level: tokens that every chosen item has

    private SourceSong(string path, SongDescription description, int[] rows, int[] tokens)
    {
        FolderPath = path;
        Description = description;
        Rows = rows;
        _tokens = tokens;
    }

    public string FolderPath { get; }

    public SongDescription Description { get; }

    /// <summary>The chosen items' places in the folder's lists.</summary>
    public int[] Rows { get; }

    /// <summary>The chosen items.</summary>
    public int[] Items => [.. Rows.Select(row => Description.Items[row])];

    /// <summary>Reads the description, checks that the model is the same, and counts the codes.</summary>
    public static SourceSong Read(SourceRequest source, ModelReference reference, ModelDescription model)
    {
        SongDescription description = SongFolder.ReadDescription(source.Song, reference, model);
        int[] rows = [.. (source.Items ?? description.Items).Select(item => Array.IndexOf(description.Items, item))];
        if (rows.Length == 0 || rows.Contains(-1))
        {
            throw new SamplingException($"{source.Song} has the items {string.Join(", ", description.Items)}, not {string.Join(", ", source.Items ?? [])}.");
        }

        var tokens = new int[model.VqVae.Levels];
        for (int level = 0; level < tokens.Length; level++)
        {
            int[][] codes = SongFolder.ReadCodes(source.Song, level);
            tokens[level] = codes.Length == 0 ? 0 : rows.Min(row => codes[row].Length);
        }

        return new SourceSong(source.Song, description, rows, tokens);
    }

    /// <summary>
    /// The stretch that is asked for, in whole top-level tokens. Where it is to be upsampled it is widened to whole tokens
    /// and, where the song has them, to at least <paramref name="leastTokens"/>; where it goes on it ends before the cut.
    /// </summary>
    public (int Start, int End) Cut(SourceRequest source, int topHop, int sampleRateHz, int leastTokens, bool widen)
    {
        int available = _tokens[^1];
        double tokensPerSecond = (double)sampleRateHz / topHop;
        int start = (int)Math.Floor((source.StartSeconds * tokensPerSecond) + 1e-6);
        double cut = (source.EndSeconds ?? (available / tokensPerSecond)) * tokensPerSecond;
        double tokens = widen ? Math.Ceiling(cut - 1e-6) : Math.Floor(cut + 1e-6);

        // A song that was asked to have 6 s ends within its last token before: who says 6 means that end.
        int end = (int)Math.Clamp(tokens > available && cut - available < 1 ? available : tokens, int.MinValue, int.MaxValue);
        if (start < 0 || end <= start || end > available)
        {
            throw new SamplingException(
                $"{source.Song} has {available / tokensPerSecond:0.00} s at its coarsest level; the stretch from {source.StartSeconds:0.00} to {cut / tokensPerSecond:0.00} s is not within it.");
        }

        end = Math.Min(available, Math.Max(end, start + leastTokens));
        start = Math.Max(0, Math.Min(start, end - leastTokens));
        return (start, end);
    }

    /// <summary>
    /// By level: known tokens of the stretch. When a song is refined, its prompt counts at the levels to be sampled, but
    /// not what was sampled there before.
    /// </summary>
    public int[] KnownAt(int start, int end, SamplingMode mode, int[] sampled, Func<int, int> tokensPerTop) =>
        [.. _tokens.Select((tokens, level) =>
        {
            int limit = mode == SamplingMode.Upsample && sampled.Contains(level) ? Math.Min(tokens, Description.KnownTokens[level]) : tokens;
            return Math.Max(0, Math.Min(limit, end * tokensPerTop(level)) - (start * tokensPerTop(level)));
        })];
}

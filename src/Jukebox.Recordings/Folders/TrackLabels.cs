using Jukebox.Models.Format;
using Jukebox.Models.Labels;

namespace Jukebox.Recordings.Folders;

/// <summary>The label rows of windows of recordings, as one prior reads them.</summary>
internal sealed class TrackLabels(PriorSpec prior, int samplesPerToken, LabelTables tables)
{
    private readonly Dictionary<Track, ItemLabels> _built = new(ReferenceEqualityComparer.Instance);

    /// <summary>
    /// Total length, offset, length, artist, genres, lyric tokens of the window that starts at a token of the prior's level;
    /// lengths are the recording's own.
    /// </summary>
    /// <exception cref="LabelException">A genre has too many words.</exception>
    public long[] RowOf(Track track, long startToken) => Of(track).ForWindow(startToken, LyricsWindow.Arithmetic.Double).Row;

    /// <summary>Names that the tables do not have, each once: they count as unknown.</summary>
    public IReadOnlyList<string> UnknownNames(IEnumerable<Track> tracks) =>
        [.. tracks.SelectMany(track => Of(track).Warnings).Select(warning => $"{warning.Kind.Singular()} '{warning.Unknown}'").Distinct().Order(StringComparer.Ordinal)];

    private ItemLabels Of(Track track)
    {
        if (!_built.TryGetValue(track, out ItemLabels? labels))
        {
            labels = ItemLabels.Build(prior, samplesPerToken, tables, new LabelRequest
            {
                Artist = track.Artist,
                Genre = track.Genre,
                Lyrics = track.Lyrics,
                TotalSamples = track.LengthSamples,
            });
            _built.Add(track, labels);
        }

        return labels;
    }
}

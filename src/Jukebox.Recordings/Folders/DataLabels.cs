using System.Text;
using Jukebox.Core.Text;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;

namespace Jukebox.Recordings.Folders;

/// <summary>A label table that is still to be written.</summary>
/// <param name="Path">Its file within a folder.</param>
/// <param name="Text"><c>name;id</c> per line.</param>
/// <param name="Rows">Rows that an embedding for it has.</param>
internal sealed record LabelTableText(string Path, string Text, int Rows);

/// <summary>
/// Label tables made from the names of recordings: row 0 is "unknown", the others follow in the order of the names. A table
/// that a model has stays as it is, and new names come after its last row.
/// </summary>
internal static class DataLabels
{
    private const string Unknown = "unknown";

    /// <summary>The tables of artists and of genres of a label generation.</summary>
    /// <param name="generation">Label generation.</param>
    /// <param name="tracks">The recordings.</param>
    /// <param name="kept">Tables that stay, or none.</param>
    public static (LabelTableText Artists, LabelTableText Genres) Of(int generation, IReadOnlyList<Track> tracks, LabelTables? kept) => (
        TableOf(generation, LabelKind.Artist, tracks.Select(track => LabelNames.Normalise(generation, ComposedText.Tidy(track.Artist))), kept),
        TableOf(generation, LabelKind.Genre, tracks.SelectMany(track => LabelNames.GenreParts(generation, ComposedText.Tidy(track.Genre))), kept));

    private static LabelTableText TableOf(int generation, LabelKind kind, IEnumerable<string> names, LabelTables? tables)
    {
        LabelTable? kept = tables?.Find(generation, kind);
        IEnumerable<KeyValuePair<string, int>> entries = kept?.Entries ?? [KeyValuePair.Create(Unknown, 0)];
        int rows = (kept?.MaxId ?? 0) + 1;
        var text = new StringBuilder();
        foreach ((string name, int id) in entries.OrderBy(entry => entry.Value).ThenBy(entry => entry.Key, StringComparer.Ordinal))
        {
            text.Append($"{name};{id}\n");
        }

        foreach (string name in names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (name.Length > 0 && name != Unknown && !(kept?.TryFindTidy(name, out _) ?? false))
            {
                text.Append($"{name};{rows++}\n");
            }
        }

        return new LabelTableText(ModelDescription.LabelFileName(generation, kind.Singular()), text.ToString(), rows);
    }
}

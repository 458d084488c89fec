using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Text;

namespace Jukebox.Models.Labels;

/// <summary>What a label table names.</summary>
public enum LabelKind
{
    /// <summary>Artists.</summary>
    Artist,

    /// <summary>Genres: single words in generation 2, whole genres in generation 3.</summary>
    Genre,
}

/// <summary>
/// One id file: <c>name;id</c> per line, UTF-8. Names compare ordinally: some shipped ones differ only by an
/// invisible direction mark. On a repeated name the last line wins; an id may have several names.
/// </summary>
public sealed class LabelTable
{
    /// <summary>Files beyond this are refused; the largest published one has 0.2 MB.</summary>
    public const int LimitBytes = 16 << 20;

    private const string Remedy = "use the id file that belongs to the model";

    private readonly FrozenDictionary<string, int> _ids;
    private readonly Lazy<FrozenDictionary<string, int>> _tidy; // of the names that are not tidy themselves

    private LabelTable(string path, int generation, LabelKind kind, Dictionary<string, int> ids)
    {
        Path = path;
        Generation = generation;
        Kind = kind;
        _ids = ids.ToFrozenDictionary(StringComparer.Ordinal);
        _tidy = new(() => _ids.Select(entry => KeyValuePair.Create(ComposedText.Tidy(entry.Key), entry.Value)).Where(entry => !_ids.ContainsKey(entry.Key))
            .DistinctBy(entry => entry.Key).ToFrozenDictionary(StringComparer.Ordinal));
        MaxId = ids.Count == 0 ? -1 : ids.Values.Max();
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Label generation, 2 or 3.</summary>
    public int Generation { get; }

    /// <summary>What it names.</summary>
    public LabelKind Kind { get; }

    /// <summary>Names and ids, in no particular order.</summary>
    public IEnumerable<KeyValuePair<string, int>> Entries => _ids;

    /// <summary>Number of distinct names.</summary>
    public int Count => _ids.Count;

    /// <summary>Largest id, or −1 for an empty table.</summary>
    public int MaxId { get; }

    /// <summary>Reads an id file.</summary>
    /// <exception cref="DamagedFileException">It is too large, not UTF-8, or a line is not <c>name;id</c>; the line is named.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static LabelTable Read(string path, int generation, LabelKind kind)
    {
        string text = TextFile.Read(path, LimitBytes, Remedy);
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        using var reader = new StringReader(text);
        int lineNumber = 0;
        while (reader.ReadLine() is { } line)
        {
            lineNumber++;
            if (line.AsSpan().Trim().Length > 0)
            {
                (string name, int id) = ParseLine(path, lineNumber, line);
                ids[name] = id;
            }
        }

        return new LabelTable(path, generation, kind, ids);
    }

    /// <summary>Id of a name that <see cref="LabelNames"/> has normalised.</summary>
    public bool TryFind(string normalisedName, out int id) => _ids.TryGetValue(normalisedName, out id);

    /// <summary>
    /// Id of a name as a person or a file system may spell it: as it stands where the table has that, else composed, without
    /// blanks at the ends and with single ones within.
    /// </summary>
    public bool TryFindTidy(string normalisedName, out int id) =>
        TryFind(normalisedName, out id) || (ComposedText.Tidy(normalisedName) is var tidy && (TryFind(tidy, out id) || _tidy.Value.TryGetValue(tidy, out id)));

    /// <summary>Every name of an id in ordinal order; none where the id has no name.</summary>
    public string[] NamesOf(int id) =>
        [.. _ids.Where(entry => entry.Value == id).Select(entry => entry.Key).Order(StringComparer.Ordinal)];

    /// <summary>Checks that every id has a row in the model's embedding.</summary>
    /// <exception cref="DamagedFileException">One lies beyond it.</exception>
    public void CheckRows(int rowCount)
    {
        if (MaxId >= rowCount)
        {
            throw new DamagedFileException(Path, -1, $"it has the id {MaxId} but the model knows only {rowCount} {Kind.Plural()}", Remedy);
        }
    }

    private static (string Name, int Id) ParseLine(string path, int lineNumber, string line)
    {
        ReadOnlySpan<char> entry = line.AsSpan().Trim();
        int semicolon = entry.IndexOf(';');
        if (semicolon < 0 || entry[(semicolon + 1)..].Contains(';'))
        {
            throw BadLine(path, lineNumber, line, "is not 'name;id' with exactly one semicolon");
        }

        return int.TryParse(entry[(semicolon + 1)..], NumberStyles.Integer, CultureInfo.InvariantCulture, out int id) && id >= 0
            ? (LabelNames.Lower(entry[..semicolon].ToString()), id)
            : throw BadLine(path, lineNumber, line, "has no whole number after its semicolon");
    }

    private static DamagedFileException BadLine(string path, int lineNumber, string line, string problem)
    {
        var shown = new StringBuilder();
        foreach (char c in line.AsSpan(0, Math.Min(line.Length, 40)))
        {
            shown.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        }

        return new DamagedFileException(path, -1, $"line {lineNumber}, '{shown}', {problem}", Remedy);
    }
}

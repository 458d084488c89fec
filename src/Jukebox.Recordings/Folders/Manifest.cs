using System.Globalization;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Text;

namespace Jukebox.Recordings.Folders;

/// <summary>What a side table says of one track.</summary>
/// <param name="Line">Line of the table, from 1.</param>
/// <param name="File">File as the table names it.</param>
/// <param name="Artist">Artist, or empty.</param>
/// <param name="Genre">Genre, or empty.</param>
/// <param name="Lyrics">Lyrics, a backslash being a new line, or empty.</param>
/// <param name="Split">What the track is used for.</param>
public sealed record ManifestRow(int Line, string File, string Artist, string Genre, string Lyrics, TrackSplit Split);

/// <summary>
/// A side table of tracks: UTF-8 (or UTF-16 with its mark), a header line, columns separated by tabs, fields quoted where a spreadsheet did so. The column
/// <c>file</c> must be there;
/// <c>artist</c>, <c>genre</c>, <c>lyrics</c> and <c>split</c> are used where they are, others are left alone. An empty
/// field or "-" says nothing. A file is found by its path below the folder, or else by its name, with or without extension;
/// a row that one file has by its path no other has by its name.
/// </summary>
public sealed class Manifest
{
    /// <summary>Name of the table that is looked for in a folder of audio.</summary>
    public const string FileName = "manifest.tsv";

    private const int LimitBytes = 64 << 20;
    private const string Remedy = "mend the table, or name another one with --manifest";

    private readonly Dictionary<string, ManifestRow?> _byPath = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ManifestRow?> _byName = new(StringComparer.Ordinal);
    private readonly string _path;

    private Manifest(string path, IReadOnlyList<ManifestRow> rows)
    {
        (_path, Rows) = (path, rows);
        foreach (ManifestRow row in rows)
        {
            string file = ComposedText.Of(row.File.Replace('\\', '/'));
            Add(_byPath, file, row);
            Add(_byPath, WithoutExtension(file), row);
            Add(_byName, NameOf(file), row);
            Add(_byName, WithoutExtension(NameOf(file)), row);
        }
    }

    /// <summary>The rows, in order.</summary>
    public IReadOnlyList<ManifestRow> Rows { get; }

    /// <summary>The table of a folder of audio.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="path">The table, or none for the one in the folder, where there is one.</param>
    /// <exception cref="RecordingException">The named table is not there.</exception>
    /// <exception cref="DamagedFileException">The table is not sound: see <see cref="Read"/>.</exception>
    public static Manifest? Of(string folder, string? path)
    {
        string file = path ?? Path.Combine(folder, FileName);
        return File.Exists(file) ? Read(file)
            : path is null ? null
            : throw new RecordingException($"There is no table '{path}'; give a file with tab-separated columns file, artist, genre, split with --manifest.");
    }

    /// <summary>Reads a table.</summary>
    /// <exception cref="DamagedFileException">It is too large, not UTF-8, lacks the file column, or a line does not fit; the line is named.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static Manifest Read(string path)
    {
        using IEnumerator<(int Line, string[] Fields)> lines = TabSeparated.Read(TextFile.Read(path, LimitBytes, Remedy)).GetEnumerator();
        string[] header = lines.MoveNext() ? lines.Current.Fields : [];
        Dictionary<string, int> columns = ColumnsOf(path, header);
        var rows = new List<ManifestRow>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        while (lines.MoveNext())
        {
            (int line, string[] fields) = lines.Current;
            if (fields.All(string.IsNullOrWhiteSpace))
            {
                continue;
            }

            if (fields.Length > header.Length)
            {
                throw Damaged(path, line, $"has {fields.Length} fields, the header {header.Length}");
            }

            string Field(string column) => columns.TryGetValue(column, out int index) && index < fields.Length ? Stated(fields[index]) : "";
            string file = Field("file");
            if (file.Length == 0)
            {
                throw Damaged(path, line, "names no file");
            }

            if (!seen.TryAdd(file, line))
            {
                throw Damaged(path, line, $"names '{Shown(file)}', as line {seen[file]} does");
            }

            rows.Add(new ManifestRow(line, file, Label(Field("artist")), Label(Field("genre")), Field("lyrics"), SplitOf(path, line, Field("split"))));
        }

        return new Manifest(path, rows);
    }

    /// <summary>What the table says of each file of a folder, or none.</summary>
    /// <param name="relativePaths">Paths below the folder of audio, with '/': all that there are, since each can take a row from others.</param>
    /// <exception cref="DamagedFileException">Several rows could mean one of them.</exception>
    public ManifestRow?[] RowsOf(IReadOnlyList<string> relativePaths)
    {
        relativePaths = [.. relativePaths.Select(ComposedText.Of)];
        ManifestRow?[] rows = [.. relativePaths.Select(path => Find(_byPath, path, path))];
        var taken = rows.OfType<ManifestRow>().ToHashSet();
        for (int i = 0; i < rows.Length; i++)
        {
            if (rows[i] is null && Find(_byName, NameOf(relativePaths[i]), relativePaths[i]) is { } named && !taken.Contains(named))
            {
                rows[i] = named;
            }
        }

        return rows;
    }

    /// <summary>Which rows name none of the recordings that there are, in a sentence; none where all do. A slip in a name is found so.</summary>
    /// <param name="taken">The rows that recordings have, as <see cref="RowsOf"/> gives them.</param>
    public string? Unmatched(IEnumerable<ManifestRow?> taken)
    {
        ManifestRow[] left = [.. Rows.Except(taken.OfType<ManifestRow>()).OrderBy(row => row.Line)];
        return left.Length == 0 ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"{_path}: {left.Length} of its {Rows.Count} rows {(left.Length == 1 ? "names" : "name")} no recording that is there, the first in line {left[0].Line}: '{Shown(left[0].File)}'.");
    }

    private ManifestRow? Find(Dictionary<string, ManifestRow?> rows, string key, string relativePath) =>
        !rows.TryGetValue(key, out ManifestRow? row) && !rows.TryGetValue(WithoutExtension(key), out row) ? null
        : row ?? throw new DamagedFileException(_path, -1, $"several of its rows could mean '{relativePath}'", "give their files with folder and extension");

    /// <summary>A key that two rows share is kept with none, so that asking for it is a mistake.</summary>
    private static void Add(Dictionary<string, ManifestRow?> rows, string key, ManifestRow row)
    {
        if (!rows.TryAdd(key, row) && rows[key] != row)
        {
            rows[key] = null;
        }
    }

    private static Dictionary<string, int> ColumnsOf(string path, string[] header)
    {
        var columns = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < header.Length; i++)
        {
            string name = header[i].Trim();
            if (name.Length > 0 && !columns.TryAdd(name, i))
            {
                throw Damaged(path, 1, $"has two columns '{Shown(name)}'");
            }
        }

        return columns.ContainsKey("file") ? columns : throw Damaged(path, 1, "has no column 'file' (columns are separated by tabs)");
    }

    private static TrackSplit SplitOf(string path, int line, string text) => text.ToLowerInvariant() switch
    {
        "" => TrackSplit.Unstated,
        "train" => TrackSplit.Train,
        "valid" or "val" or "validation" or "dev" or "test" => TrackSplit.Valid,
        _ => throw Damaged(path, line, $"has the split '{Shown(text)}', which is neither train nor valid"),
    };

    private static string Stated(string field)
    {
        string text = field.Trim();
        return text == "-" ? "" : text;
    }

    /// <summary>A name as a label table can hold it: a semicolon would end it there.</summary>
    private static string Label(string name) => new string([.. name.Select(c => c == ';' || char.IsControl(c) ? ' ' : c)]).Trim();

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static string WithoutExtension(string path)
    {
        int dot = path.LastIndexOf('.');
        return dot > path.LastIndexOf('/') + 1 ? path[..dot] : path;
    }

    private static string Shown(string text) => new([.. text.Take(60).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)]);

    private static DamagedFileException Damaged(string path, int line, string problem) => new(path, -1, $"line {line} {problem}", Remedy);
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Jukebox.Conversion.Containers;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;

namespace Jukebox.Conversion.Sources;

/// <summary>
/// The tables of artists and genres: copied from a folder in the reference's format (<c>name;id</c> lines), or made from
/// a Hugging Face repository's <c>artists.json</c> and <c>genres.json</c>, where names of the second generation end in <c>.v2</c>.
/// </summary>
internal sealed class LabelTableFiles
{
    private const string SecondGenerationSuffix = ".v2";
    private static readonly string[] Kinds = ["artist", "genre"];

    /// <summary>Folders of the reference's repository in which its tables lie.</summary>
    private static readonly string[] SubFolders = ["", "labels", "ids", Path.Combine("jukebox", "data", "ids"), Path.Combine("data", "ids")];

    private readonly SourceSet _set;
    private readonly string? _folder;
    private readonly IReadOnlyList<PriorSpec> _priors;
    private readonly List<string> _notes;

    /// <summary>Prepares to find the tables.</summary>
    /// <param name="set">The sources, beside which they may lie.</param>
    /// <param name="folder">The folder that the user names, if any.</param>
    /// <param name="priors">The priors that use them.</param>
    /// <param name="notes">Takes what the user should know.</param>
    /// <exception cref="ConversionException">The folder is none.</exception>
    public LabelTableFiles(SourceSet set, string? folder, IReadOnlyList<PriorSpec> priors, List<string> notes)
    {
        (_set, _folder, _priors, _notes) = (set, folder, priors, notes);
        if (folder is not null && !Directory.Exists(folder))
        {
            throw new ConversionException(File.Exists(folder)
                ? $"{folder}: it is a file; name the folder that the label tables lie in."
                : $"{folder}: there is no such folder; name the one that the label tables lie in.");
        }
    }

    /// <summary>Where the tables came from, for the description.</summary>
    public string Origin { get; private set; } = "no label tables";

    /// <summary>Whether a path within a folder is that of a label table.</summary>
    public static bool IsOne(string path) =>
        Array.Exists([2, 3], generation => Array.Exists(Kinds, kind => path == ModelDescription.LabelFileName(generation, kind)));

    /// <summary>Writes the tables that the priors use below a folder and adds their digests.</summary>
    /// <exception cref="ConversionException">A folder was named that has none of them.</exception>
    /// <exception cref="DamagedFileException">A table is not valid.</exception>
    public void Write(string target, SortedDictionary<string, FileDigest> digests)
    {
        string[] needed = [.. _priors.Where(prior => prior.Labels is not null).Select(prior => prior.Labels!.Generation).Distinct().Order()
            .SelectMany(generation => Kinds.Select(kind => ModelDescription.LabelFileName(generation, kind)))];
        if (needed.Length == 0)
        {
            Origin = "the model takes no labels";
            if (_folder is not null)
            {
                _notes.Add($"the model takes no labels; nothing was taken from {_folder}.");
            }

            return;
        }

        var missing = new List<string>();
        foreach (string name in needed)
        {
            byte[]? table = Find(Path.GetFileName(name));
            if (table is null)
            {
                missing.Add(Path.GetFileName(name));
                continue;
            }

            string path = Path.Combine(target, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, table);
            digests.Add(name, new FileDigest(table.Length, Convert.ToHexStringLower(SHA256.HashData(table))));
        }

        if (_folder is not null && missing.Count == needed.Length)
        {
            throw new ConversionException(
                $"{_folder}: it has none of the label tables {string.Join(", ", missing)}; name the folder jukebox/data/ids of OpenAI's repository.");
        }

        Describe(needed.Length, missing);
    }

    private void Describe(int needed, List<string> missing)
    {
        if (missing.Count < needed)
        {
            Origin = $"label tables from {Path.GetFileName(Path.GetFullPath(_folder ?? _set.LabelFolder!))}";
        }

        if (missing.Count > 0)
        {
            Origin += $", without {string.Join(", ", missing)}";
            _notes.Add(
                $"the label tables {string.Join(", ", missing)} are absent: artists and genres can be given by number only; they lie in jukebox/data/ids of https://github.com/openai/jukebox (noncommercial licence), add them with --labels.");
        }
    }

    private byte[]? Find(string fileName)
    {
        foreach (string? root in (string?[])[_folder, _set.LabelFolder])
        {
            string? path = root is null ? null : SubFolders.Select(sub => Path.Combine(root, sub, fileName)).FirstOrDefault(File.Exists);
            if (path is not null)
            {
                byte[] table = SourceFile.ReadAll(path, JsonText.LengthLimitBytes, "a label table");
                _set.RequireStated(path, new FileDigest(table.Length, Convert.ToHexStringLower(SHA256.HashData(table))));
                return CheckRows(path, SourceFile.WithoutMark(table));
            }

            if (root is not null && FromHuggingFace(root, fileName) is { } made)
            {
                return made;
            }
        }

        return null;
    }

    private static byte[] CheckRows(string path, byte[] table)
    {
        int offsetBytes = 0;
        foreach (ReadOnlySpan<byte> line in new LineEnumerator(table))
        {
            int separator = line.IndexOf((byte)';');
            ReadOnlySpan<byte> id = line[(separator + 1)..].TrimEnd(" \r\t"u8);
            if (line.Length > 0 && (separator < 0 || !int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            {
                throw new DamagedFileException(path, offsetBytes, "a line of the label table is not 'name;number'", "download the table again");
            }

            offsetBytes += line.Length + 1;
        }

        return table;
    }

    /// <summary>The table of one generation and kind out of the repository's, which has both generations in one file.</summary>
    private static byte[]? FromHuggingFace(string root, string fileName)
    {
        string kind = fileName.Contains("artist", StringComparison.Ordinal) ? "artists.json" : "genres.json";
        bool isSecond = fileName.StartsWith("v2", StringComparison.Ordinal);
        string path = Path.Combine(root, kind);
        if (!File.Exists(path))
        {
            return null;
        }

        var rows = new List<(string Name, long Id)>();
        using JsonDocument document = JsonText.Read(path);
        JsonText.Guard(path, () =>
        {
            foreach (JsonProperty entry in document.RootElement.EnumerateObject())
            {
                bool isOfSecond = entry.Name.EndsWith(SecondGenerationSuffix, StringComparison.Ordinal);
                if (isOfSecond == isSecond)
                {
                    rows.Add((isOfSecond ? entry.Name[..^SecondGenerationSuffix.Length] : entry.Name, entry.Value.GetInt64()));
                }
            }
        });
        if (rows.Find(row => row.Name.AsSpan().ContainsAny(";\n\r") || row.Id is < 0 or > int.MaxValue) is { Name: not null } bad)
        {
            throw new DamagedFileException(path, -1, $"'{Text.Quote(bad.Name)}' with the number {bad.Id} cannot be a row of a label table", "download the file again");
        }

        var text = new StringBuilder();
        foreach ((string name, long id) in rows.OrderBy(row => row.Id))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name};{id}\n");
        }

        return rows.Count > 0 ? Encoding.UTF8.GetBytes(text.ToString()) : null;
    }
}

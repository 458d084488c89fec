using Jukebox.Audio.Reading;
using Jukebox.Core.Files;
using Jukebox.Recordings.Embeddings;
using Jukebox.Recordings.VectorFiles;
using Jukebox.Songs.Folder;
using Jukebox.Studio.Recordings;

namespace Jukebox.Studio.Embeddings;

/// <summary>Something that vectors are made of.</summary>
/// <param name="Name">Name of its results below their folder, with '/', without an ending.</param>
/// <param name="Range">The recording, or the folder of a song.</param>
/// <param name="SongRow">Which item of a song, by its place; none for a recording.</param>
public sealed record EmbedInput(string Name, AudioRange Range, int? SongRow = null)
{
    /// <summary>What to call it.</summary>
    public string Text => SongRow is { } row ? FormattableString.Invariant($"{Range.Path}, item {row}") : Range.ToString();
}

/// <summary>Finds what a command line names, and gives each a name for its results.</summary>
public static class EmbedInputs
{
    /// <summary>Ending of a file of codes.</summary>
    private const string CodesEnding = ".codes";

    /// <summary>
    /// The inputs in the order of their names: files and stretches by their own names, folders with their tree, songs item by item, the files of a list with
    /// the tree below the folder that they share.
    /// </summary>
    /// <param name="named">Files, stretches, folders, songs; "-" for standard input.</param>
    /// <param name="listed">Paths of a list.</param>
    /// <param name="withEndings">Whether names keep the endings of the files.</param>
    /// <param name="settings">What decides which files come of a name.</param>
    /// <param name="note">Told what of folders was not looked at.</param>
    /// <param name="cancellation">Stops waiting for what comes through a pipe.</param>
    /// <exception cref="StudioException">Something is not there, nothing is left, or two would write one file.</exception>
    public static EmbedInput[] Find(
        IReadOnlyList<string> named, IReadOnlyList<string> listed, bool withEndings, EmbeddingSettings settings, Action<string> note, CancellationToken cancellation)
    {
        string common = CommonFolder(listed);
        EmbedInput[] inputs =
        [
            .. named.SelectMany(text => Of(text, withEndings, note, cancellation))
                .Concat(listed.SelectMany(text => Of(text, withEndings, note, cancellation).Select(input => Below(input, common))))
                .OrderBy(input => input.Name, StringComparer.Ordinal),
        ];
        RequireDifferentFiles(inputs, settings);
        return inputs.Length > 0
            ? inputs
            : throw new StudioException($"There is no audio in {string.Join(", ", named.Concat(listed).Take(3).Select(path => $"'{path}'"))}.");
    }

    private static IEnumerable<EmbedInput> Of(string text, bool withEndings, Action<string> note, CancellationToken cancellation)
    {
        string? song = SongOf(text);
        if (song is not null)
        {
            int items = SongFolder.ReadDescription(song).Items.Length;
            string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(song)));
            return Enumerable.Range(0, items).Select(row =>
                new EmbedInput(items == 1 ? name : FormattableString.Invariant($"{name}.item_{row}"), new AudioRange(song), row));
        }

        AudioRange range = Directory.Exists(text) ? new AudioRange(text) : AudioRange.Parse(text);
        if (RecordingFinder.Look(range.Path, cancellation) is { } content)
        {
            foreach (string line in content.Overlooked)
            {
                note(line);
            }

            return content.Names.Select(name => new EmbedInput(Stem(name, withEndings), new AudioRange(Path.Combine(text, name))));
        }

        string file = range.Path == PipedRecording.StandardInput ? "stdin" : Path.GetFileName(range.Path);
        string stretch = range.ToString()[range.Path.Length..].Replace(':', '.');
        return [new EmbedInput(Stem(file, withEndings) + stretch, range)];
    }

    /// <summary>The song that is meant by its folder, by its description or by a file of its codes; none for anything else.</summary>
    private static string? SongOf(string text) =>
        Directory.Exists(text) && SongFolder.HoldsSong(text) ? text
        : Path.GetFileName(text) == SongFolder.DescriptionFileName ? Path.GetDirectoryName(Path.GetFullPath(text))
        : text.EndsWith(CodesEnding, StringComparison.Ordinal)
            && Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(text))) is { } folder && SongFolder.HoldsSong(folder) ? folder
        : null;

    private static string Stem(string name, bool withEnding) =>
        withEnding || Path.GetExtension(name).Length == 0 ? name : name[..^Path.GetExtension(name).Length];

    /// <summary>The deepest folder that all files of a list lie in.</summary>
    private static string CommonFolder(IReadOnlyList<string> listed)
    {
        string? common = null;
        foreach (string text in listed)
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(AudioRange.Parse(text).Path)) ?? Path.GetPathRoot(Path.GetFullPath(text))!;
            common ??= folder;
            while (!(folder + Path.DirectorySeparatorChar).StartsWith(Path.TrimEndingDirectorySeparator(common) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
                && Path.GetDirectoryName(common) is { } above)
            {
                common = above;
            }
        }

        return common ?? "";
    }

    private static EmbedInput Below(EmbedInput input, string common)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(input.Range.Path)) ?? common;
        string below = Path.GetRelativePath(common, folder).Replace(Path.DirectorySeparatorChar, '/');
        return below == "." ? input : input with { Name = $"{below}/{input.Name}" };
    }

    private static void RequireDifferentFiles(EmbedInput[] inputs, EmbeddingSettings settings)
    {
        var taken = new Dictionary<string, EmbedInput>(FilePath.Comparison == StringComparison.Ordinal ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
        foreach (EmbedInput input in inputs)
        {
            foreach (string file in EmbeddingFiles.NamesOf(input.Name, settings))
            {
                if (!taken.TryAdd(file, input))
                {
                    throw new StudioException(
                        $"{taken[file].Text} and {input.Text} would both become {file}; use --name full, which keeps endings, or separate folders.");
                }
            }
        }
    }
}

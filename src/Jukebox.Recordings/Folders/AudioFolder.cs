using System.Globalization;
using Jukebox.Core.Files;

namespace Jukebox.Recordings.Folders;

/// <summary>What was found in a folder of recordings.</summary>
/// <param name="Names">Paths of everything that is taken for audio, below the folder, with '/', in the order of their names.</param>
/// <param name="Overlooked">What was left out, a line for each kind, with counts.</param>
public sealed record AudioFolderContent(string[] Names, IReadOnlyList<string> Overlooked);

/// <summary>
/// Finds the audio in a folder and in all folders below it, links to folders among them. What is hidden, closed or no file is left out
/// and counted.
/// </summary>
public static class AudioFolder
{
    /// <summary>Endings of the names of files that are taken for audio: what is read here, and what ffmpeg reads, videos with sound among it.</summary>
    public static IReadOnlyList<string> Extensions { get; } =
    [
        ".wav", ".flac", ".mp3", ".opus", ".ogg", ".m4a", ".aac", ".aif", ".aiff", ".aifc",
        ".3g2", ".3gp", ".aa3", ".ac3", ".amr", ".ape", ".asf", ".au", ".avi", ".awb", ".bwf", ".caf", ".dff", ".dsf", ".dts", ".eac3", ".flv",
        ".m2ts", ".m4b", ".m4r", ".m4v", ".mka", ".mkv", ".mlp", ".mov", ".mp1", ".mp2", ".mp4", ".mpc", ".mpeg", ".mpg", ".mpga", ".mts", ".oga",
        ".ogv", ".ogx", ".oma", ".ra", ".rf64", ".rm", ".shn", ".snd", ".spx", ".tak", ".thd", ".ts", ".tta", ".vob", ".voc", ".w64", ".wave",
        ".webm", ".wma", ".wmv", ".wv",
    ];

    // What belongs to recordings without being one: lyrics and tables.
    private static readonly string[] Companions = [".txt", ".tsv", ".csv", ".json"];

    /// <summary>The names of <see cref="Look"/>.</summary>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static string[] NamesBelow(string folder) => Look(folder).Names;

    /// <summary>
    /// Looks through a folder. No folder is entered twice, however many links lead to it: what lies below the folder itself keeps its
    /// own path. What a training run among them has played is left out, or the next run would learn from it.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static AudioFolderContent Look(string folder)
    {
        // The folder that was named must be there; of those below it, one that is closed does not matter.
        using (IEnumerator<string> first = Directory.EnumerateFileSystemEntries(folder).GetEnumerator())
        {
            first.MoveNext();
        }

        var walk = new Walk();
        walk.Links.Enqueue((Path.GetFullPath(folder), ""));
        while (walk.Links.TryDequeue(out (string Path, string Prefix) next))
        {
            walk.Enter(new DirectoryInfo(RealPath(next.Path)), next.Prefix);
        }

        return new AudioFolderContent([.. walk.Names.Order(StringComparer.Ordinal)], [.. walk.Overlooked()]);
    }

    /// <summary>A full path without links.</summary>
    private static string RealPath(string path)
    {
        if (Path.GetDirectoryName(path) is not { } parent)
        {
            return path;
        }

        string here = Path.Combine(RealPath(parent), Path.GetFileName(path));
        return Directory.ResolveLinkTarget(here, returnFinalTarget: true) is { } target ? RealPath(target.FullName) : here;
    }

    /// <summary>What is collected on the way.</summary>
    private sealed class Walk
    {
        private readonly HashSet<string> _entered = [];
        private readonly SortedDictionary<string, int> _otherEndings = new(StringComparer.Ordinal);
        private readonly List<string> _closed = [], _noFiles = [], _unreadable = [];
        private int _hidden;

        public List<string> Names { get; } = [];

        public Queue<(string Path, string Prefix)> Links { get; } = new();

        /// <summary>Takes the audio of a folder and of the folders in it; links to folders are left for later.</summary>
        public void Enter(DirectoryInfo folder, string prefix)
        {
            if (!_entered.Add(folder.FullName))
            {
                return;
            }

            FileSystemInfo[] entries;
            try
            {
                entries = folder.GetFileSystemInfos();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _closed.Add(prefix.TrimEnd('/'));
                return;
            }

            foreach (FileSystemInfo entry in entries.OrderBy(entry => entry.Name, StringComparer.Ordinal))
            {
                if (entry.Name.StartsWith('.'))
                {
                    // macOS keeps the attributes of song.wav in ._song.wav.
                    _hidden++;
                }
                else if (FilePath.IsUnreadable(entry.FullName))
                {
                    _unreadable.Add(prefix + entry.Name);
                }
                else if (entry is DirectoryInfo inner)
                {
                    TakeFolder(folder, inner, prefix);
                }
                else
                {
                    TakeFile(entry, prefix + entry.Name);
                }
            }
        }

        public IEnumerable<string> Overlooked()
        {
            if (_otherEndings.Count > 0)
            {
                yield return "Not taken for recordings: "
                    + string.Join(", ", _otherEndings.Select(ending => string.Create(CultureInfo.InvariantCulture, $"{ending.Value} {ending.Key}"))) + ".";
            }

            if (_hidden > 0)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"Hidden, and not looked at: {_hidden}.");
            }

            if (_closed.Count > 0)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"Folders that cannot be listed: {_closed.Count}, the first '{_closed[0]}'.");
            }

            if (_noFiles.Count > 0)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture, $"Named like recordings but no files (pipes, devices): {_noFiles.Count}, the first '{_noFiles[0]}'.");
            }

            if (_unreadable.Count > 0)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture, $"With names that are not UTF-8, which cannot be opened here (rename them): {_unreadable.Count}, the first '{_unreadable[0]}'.");
            }
        }

        private void TakeFolder(DirectoryInfo folder, DirectoryInfo inner, string prefix)
        {
            if (inner.Name == PlayedByRuns.SamplesFolder && PlayedByRuns.HoldsRun(folder.FullName))
            {
                return;
            }

            if (inner.LinkTarget is null)
            {
                Enter(inner, $"{prefix}{inner.Name}/");
            }
            else
            {
                Links.Enqueue((inner.FullName, $"{prefix}{inner.Name}/"));
            }
        }

        private void TakeFile(FileSystemInfo file, string name)
        {
            string ending = file.Extension.ToLowerInvariant();
            if (!Extensions.Contains(ending))
            {
                if (!Companions.Contains(ending))
                {
                    string shown = ending.Length > 0 ? ending : "without an ending";
                    _otherEndings[shown] = _otherEndings.GetValueOrDefault(shown) + 1;
                }
            }
            else if (RegularFile.KindOf(file.FullName) is FileKind.Regular or FileKind.Missing)
            {
                // A link that leads nowhere is a recording that cannot be read, and named as such.
                Names.Add(name);
            }
            else
            {
                _noFiles.Add(name);
            }
        }
    }
}

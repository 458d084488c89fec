using Jukebox.Core.Files;

namespace Jukebox.Recordings.Folders;

/// <summary>Finds the audio in a folder and in all folders below it, links to folders among them.</summary>
public static class AudioFolder
{
    /// <summary>Endings of the names of files that are taken for audio.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".wav", ".flac", ".mp3", ".opus", ".ogg", ".m4a", ".aac", ".aif", ".aiff"];

    /// <summary>
    /// Paths below a folder of everything that is taken for audio, with '/', in the order of their names. No folder is entered
    /// twice, however many links lead to it: what lies below the folder itself keeps its own path. What a training run among them
    /// has played is left out, or the next run would learn from it.
    /// </summary>
    /// <exception cref="IOException">The folder, or one below it, cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static string[] NamesBelow(string folder)
    {
        var names = new List<string>();
        var entered = new HashSet<string>(StringComparer.FromComparison(FilePath.Comparison));
        var links = new Queue<(string Path, string Prefix)>([(Path.GetFullPath(folder), "")]);
        while (links.TryDequeue(out (string Path, string Prefix) next))
        {
            Walk(new DirectoryInfo(RealPath(next.Path)), next.Prefix, entered, names, links);
        }

        return [.. names.Order(StringComparer.Ordinal)];
    }

    /// <summary>Takes the audio of a folder and of the folders in it; links to folders are left for later.</summary>
    private static void Walk(DirectoryInfo folder, string prefix, HashSet<string> entered, List<string> names, Queue<(string Path, string Prefix)> links)
    {
        if (!entered.Add(folder.FullName))
        {
            return;
        }

        names.AddRange(folder.EnumerateFiles()
            .Where(file => Extensions.Contains(file.Extension, StringComparer.OrdinalIgnoreCase))
            .Select(file => prefix + file.Name));
        foreach (DirectoryInfo inner in folder.EnumerateDirectories().OrderBy(inner => inner.Name, StringComparer.Ordinal))
        {
            if (inner.Name == PlayedByRuns.SamplesFolder && PlayedByRuns.HoldsRun(folder.FullName))
            {
                continue;
            }

            if (inner.LinkTarget is null)
            {
                Walk(inner, $"{prefix}{inner.Name}/", entered, names, links);
            }
            else
            {
                links.Enqueue((inner.FullName, $"{prefix}{inner.Name}/"));
            }
        }
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
}

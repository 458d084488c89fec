namespace Jukebox.Cli;

/// <summary>
/// The folder that is meant where a file within it is named: people complete <c>song/song.json</c>, and the original names a file within
/// the folder of a level.
/// </summary>
internal static class GivenFolder
{
    /// <summary>The song folder that a path is or lies in; the path itself where there is none, for the error to name.</summary>
    public static string Song(string path) => Holding(path, "song.json", 2);

    /// <summary>Likewise the folder of a training run.</summary>
    public static string Run(string path) => Holding(path, "run.json", 1);

    /// <summary>The nearest folder that holds a file, from a path upwards.</summary>
    /// <param name="path">File or folder.</param>
    /// <param name="name">File that makes a folder one of the kind.</param>
    /// <param name="most">Levels that are looked through above it.</param>
    private static string Holding(string path, string name, int most)
    {
        string? folder = path;
        for (int level = 0; level <= most && !string.IsNullOrEmpty(folder); level++)
        {
            if (File.Exists(Path.Combine(folder, name)))
            {
                return folder;
            }

            string? parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder));
            folder = parent is "" ? "." : parent;
        }

        return path;
    }
}

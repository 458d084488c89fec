namespace Jukebox.Core.Files;

/// <summary>Where a path leads.</summary>
public static class FilePath
{
    /// <summary>How this system tells paths apart: on Windows and macOS names that differ in case are the same, as a rule.</summary>
    public static StringComparison Comparison { get; } =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>
    /// Whether a name has bytes that are not UTF-8: they are replaced where this program learns of them, so nothing is found under it.
    /// </summary>
    public static bool IsUnreadable(string path) =>
        !OperatingSystem.IsWindows() && path.Contains('\uFFFD') && !File.Exists(path) && !Directory.Exists(path);

    /// <summary>Whether two paths lead to the same place, links followed.</summary>
    public static bool AreSame(string one, string other) => string.Equals(Real(one), Real(other), Comparison);

    /// <summary>Whether a path is a folder or leads to something below it, links followed.</summary>
    /// <param name="path">The path; what it names need not be there.</param>
    /// <param name="folder">The folder, likewise.</param>
    public static bool IsWithin(string path, string folder) => (Real(path) + Path.DirectorySeparatorChar).StartsWith(
        Real(folder) + Path.DirectorySeparatorChar, Comparison);

    /// <summary>The path from the root, with every link on it followed.</summary>
    /// <param name="path">The path; what it names need not be there.</param>
    public static string Real(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), real = Path.GetPathRoot(full)!;
        foreach (string part in full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);
            FileSystemInfo info = Directory.Exists(real) ? new DirectoryInfo(real) : new FileInfo(real);
            real = info.LinkTarget is null ? real : info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? real;
        }

        return Path.TrimEndingDirectorySeparator(real);
    }
}

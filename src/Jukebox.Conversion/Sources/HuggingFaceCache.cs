using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Conversion.Sources;

/// <summary>
/// The cache of Hugging Face's tools: <c>models--OWNER--NAME/snapshots/COMMIT</c> are folders of links to
/// <c>blobs/</c>, where large files are named by their SHA-256, and <c>refs/main</c> says which commit is the current one.
/// </summary>
/// <param name="home">The user's home folder, if there is one.</param>
/// <param name="environment">Value of an environment variable, or null.</param>
internal sealed class HuggingFaceCache(string? home, Func<string, string?> environment)
{
    private const int DigestCharacters = 64;

    /// <summary>The caches' folders, where Hugging Face's own tools look first coming first.</summary>
    public IReadOnlyList<string> Roots
    {
        get
        {
            string? cache = Folder("XDG_CACHE_HOME") ?? (home is null ? null : Path.Combine(home, ".cache"));
            string?[] roots =
            [
                Folder("HF_HUB_CACHE"), Folder("HUGGINGFACE_HUB_CACHE"),
                Folder("HF_HOME") is { } own ? Path.Combine(own, "hub") : null,
                cache is null ? null : Path.Combine(cache, "huggingface", "hub"),
            ];
            return [.. roots.OfType<string>().Distinct()];
        }
    }

    /// <summary>Name of a published set's folder in a cache.</summary>
    public static string FolderName(string set) => $"models--openai--jukebox-{set.Replace('_', '-')}";

    /// <summary>The snapshot of a published set in the first cache that has a complete one, or null.</summary>
    public string? Find(string set) => Roots.Select(root => SnapshotOf(Path.Combine(root, FolderName(set)))).FirstOrDefault(snapshot => snapshot is not null);

    /// <summary>Whether a folder is that of a repository in a cache.</summary>
    public static bool IsOne(string folder) => Directory.Exists(Path.Combine(folder, "snapshots")) && !HuggingFaceRepository.IsOne(folder);

    /// <summary>The current snapshot if it is complete, else the newest that is, or null.</summary>
    /// <param name="folder">The repository's folder in a cache.</param>
    public static string? SnapshotOf(string folder)
    {
        string snapshots = Path.Combine(folder, "snapshots");
        if (!Directory.Exists(snapshots))
        {
            return null;
        }

        try
        {
            string? current = CurrentOf(folder);
            return Directory.EnumerateDirectories(snapshots)
                .Where(HuggingFaceRepository.IsComplete)
                .OrderByDescending(snapshot => Path.GetFileName(snapshot) == current)
                .ThenByDescending(Directory.GetLastWriteTimeUtc)
                .ThenBy(snapshot => snapshot, StringComparer.Ordinal)
                .FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The SHA-256 that a file is named by, if it is a link into a cache and large enough to be named so.</summary>
    public static string? DigestOf(string path)
    {
        string real = FilePath.Real(path);
        string name = Path.GetFileName(real);
        bool isBlob = Path.GetFileName(Path.GetDirectoryName(real)) == "blobs" && real != Path.GetFullPath(path);
        return isBlob && name.Length == DigestCharacters && name.All(char.IsAsciiHexDigitLower) ? name : null;
    }

    private static string? CurrentOf(string folder)
    {
        string path = Path.Combine(folder, "refs", "main");
        try
        {
            return File.Exists(path) ? System.Text.Encoding.ASCII.GetString(Containers.SourceFile.ReadAll(path, 1024, "a commit's name")).Trim() : null;
        }
        catch (Exception e) when (e is ConversionException or DamagedFileException)
        {
            return null;
        }
    }

    /// <summary>A folder that a variable names, a leading <c>~</c> being the home folder as in Hugging Face's tools; none where it is empty.</summary>
    private string? Folder(string variable)
    {
        string? value = environment(variable);
        return string.IsNullOrWhiteSpace(value) ? null
            : home is not null && (value == "~" || value.StartsWith("~/", StringComparison.Ordinal)) ? Path.Combine(home, value[1..].TrimStart('/'))
            : value;
    }
}

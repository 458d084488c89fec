using Jukebox.Core.Files;

namespace Jukebox.Conversion.Sources;

/// <summary>
/// Finds the files of a published model where programs have left them: below the home folder and the current one, and
/// where Hugging Face's tools keep what they download.
/// </summary>
/// <param name="home">The user's home folder, if there is one.</param>
/// <param name="current">The current folder, if there is one.</param>
/// <param name="environment">Value of an environment variable, or null; without it no variable is set.</param>
public sealed class SourceFinder(string? home, string? current, Func<string, string?>? environment = null)
{
    private readonly HuggingFaceCache _cache = new(home, environment ?? (_ => null));

    /// <summary>Folders with sub-folders <c>5b</c>, <c>5b_lyrics</c>, <c>1b_lyrics</c>.</summary>
    private string[] Roots =>
    [
        .. Below(home, Path.Combine(".cache", "jukebox", "models"), Path.Combine(".cache", "jukebox-assets", "models")),
        .. Below(current, Path.Combine("jukebox", "models"), Path.Combine("jukebox-webui", "_data", "jukebox", "models"), "models"),
    ];

    /// <summary>Folders with the files of 5b side by side.</summary>
    private string[] FlatRoots => Below(home, Path.Combine(".cache", "jukemirlib"), ".sheetsage");

    /// <summary>Paths to convert, of those that were named and a published set that was named, or of either.</summary>
    /// <param name="paths">Files and folders; a folder that holds files of the set stands for these. With none, the set is sought.</param>
    /// <param name="name">The set, or none: then paths are taken as they are.</param>
    /// <exception cref="ConversionException">Files are missing; the message says which, where they were sought and where they are published.</exception>
    public IReadOnlyList<string> Resolve(IReadOnlyList<string> paths, string? name) => name is null ? paths
        : paths.Count == 0 ? Find(name)
        : [.. paths.SelectMany(path => FindBelow(path, name) ?? [path])];

    /// <summary>Paths to convert for a published set: its four files, or a Hugging Face repository in that cache.</summary>
    /// <param name="name">The set.</param>
    /// <exception cref="ConversionException">Files are missing; the message says which, where they were sought and where they are published.</exception>
    public IReadOnlyList<string> Find(string name)
    {
        string?[] found = [.. PublishedFiles.Of(name).Select(file => FindIn(Roots, file) ?? FindFlat(file))];
        if (!found.Contains(null))
        {
            return [.. found.OfType<string>()];
        }

        return _cache.Find(name) is { } repository
            ? [repository]
            : throw Missing(name, found, [.. Roots, .. FlatRoots, .. _cache.Roots.Select(root => Path.Combine(root, HuggingFaceCache.FolderName(name)))]);
    }

    /// <summary>The same below a folder that the user named, which may be the root of the sets or lie above it.</summary>
    /// <returns>The files, or null if the folder has none of them.</returns>
    /// <exception cref="ConversionException">Only some are there.</exception>
    public IReadOnlyList<string>? FindBelow(string folder, string name)
    {
        string[] roots = [folder, Path.Combine(folder, "models"), Path.Combine(folder, "jukebox", "models")];
        string?[] found = [.. PublishedFiles.Of(name).Select(file => FindIn(roots, file))];
        if (Array.TrueForAll(found, path => path is null))
        {
            return null;
        }

        return found.Contains(null) ? throw Missing(name, found, roots) : [.. found.OfType<string>()];
    }

    private static string[] Below(string? folder, params string[] names) =>
        string.IsNullOrEmpty(folder) ? [] : Array.ConvertAll(names, name => Path.Combine(folder, name));

    private static string? FindIn(IEnumerable<string> roots, string file) =>
        roots.Select(root => Path.Combine(root, Path.Combine(file.Split('/')))).FirstOrDefault(RegularFile.Exists);

    private string? FindFlat(string file) => file.StartsWith("5b/", StringComparison.Ordinal)
        ? FlatRoots.Select(root => Path.Combine(root, Path.GetFileName(file))).FirstOrDefault(RegularFile.Exists)
        : null;

    private ConversionException Missing(string name, string?[] found, string[] sought)
    {
        string[] missing = [.. PublishedFiles.Of(name).Where((_, i) => found[i] is null)];
        string them = missing.Length == 1 ? "it" : "them";
        string target = string.IsNullOrEmpty(home) ? "a folder 'models'" : Path.Combine(home, ".cache", "jukebox", "models");
        return new ConversionException(
            $"{name} needs {string.Join(", ", missing)}, which {(missing.Length == 1 ? "is" : "are")} not below {string.Join(", ", sought)}; "
            + $"download {them} ({string.Join(" ", missing.Select(file => PublishedFiles.Url + file))}) into {target} in the same sub-folders, or name the files.");
    }
}

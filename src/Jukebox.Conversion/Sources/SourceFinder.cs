namespace Jukebox.Conversion.Sources;

/// <summary>
/// Finds the files of a published model where programs have left them: below the home folder and the current one.
/// </summary>
/// <param name="home">The user's home folder.</param>
/// <param name="current">The current folder.</param>
public sealed class SourceFinder(string home, string current)
{
    /// <summary>Folders with sub-folders <c>5b</c>, <c>5b_lyrics</c>, <c>1b_lyrics</c>.</summary>
    private string[] Roots =>
    [
        Path.Combine(home, ".cache", "jukebox", "models"),
        Path.Combine(home, ".cache", "jukebox-assets", "models"),
        Path.Combine(current, "jukebox", "models"),
        Path.Combine(current, "jukebox-webui", "_data", "jukebox", "models"),
        Path.Combine(current, "models"),
    ];

    /// <summary>Folders with the files of 5b side by side.</summary>
    private string[] FlatRoots => [Path.Combine(home, ".cache", "jukemirlib"), Path.Combine(home, ".sheetsage")];

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

        return FindRepository(name) is { } repository ? [repository] : throw Missing(name, found);
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

    private static string? FindIn(IEnumerable<string> roots, string file) =>
        roots.Select(root => Path.Combine(root, Path.Combine(file.Split('/')))).FirstOrDefault(File.Exists);

    private string? FindFlat(string file) => file.StartsWith("5b/", StringComparison.Ordinal)
        ? FlatRoots.Select(root => Path.Combine(root, Path.GetFileName(file))).FirstOrDefault(File.Exists)
        : null;

    /// <summary>A snapshot in Hugging Face's cache.</summary>
    private string? FindRepository(string name)
    {
        string snapshots = Path.Combine(home, ".cache", "huggingface", "hub", $"models--openai--jukebox-{name.Replace('_', '-')}", "snapshots");
        return Directory.Exists(snapshots) ? Directory.EnumerateDirectories(snapshots).Order(StringComparer.Ordinal).FirstOrDefault(HuggingFaceRepository.IsOne) : null;
    }

    private ConversionException Missing(string name, string?[] found, string[]? sought = null)
    {
        string[] missing = [.. PublishedFiles.Of(name).Where((_, i) => found[i] is null)];
        return new ConversionException(
            $"{name} needs {string.Join(", ", missing)}, which {(missing.Length == 1 ? "is" : "are")} not below {string.Join(", ", sought ?? [.. Roots, .. FlatRoots])}; "
            + $"download {(missing.Length == 1 ? "it" : "them")} ({string.Join(" ", missing.Select(file => PublishedFiles.Url + file))}) into {Path.Combine(home, ".cache", "jukebox", "models")} in the same sub-folders, or name the files.");
    }
}

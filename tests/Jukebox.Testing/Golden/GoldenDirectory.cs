using Xunit;

namespace Jukebox.Testing.Golden;

/// <summary>
/// Where golden cases are: <c>JUKEBOX_GOLDEN_DIR</c> when it is set, else the copies that the repository carries
/// (<c>tests/Jukebox.Testing/Golden/data</c>). Cases are directories found by prefix; sizes, seeds and hyperparameters
/// are read from their files.
/// </summary>
public static class GoldenDirectory
{
    /// <summary>The environment variable.</summary>
    public const string Variable = "JUKEBOX_GOLDEN_DIR";

    /// <summary>Root of the golden cases.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Names of the case directories that begin with a prefix, as rows of a theory.</summary>
    public static TheoryData<string> Cases(string prefix)
    {
        var rows = new TheoryData<string>();
        foreach (string path in Directory.EnumerateDirectories(Root, prefix + "*").Order(StringComparer.Ordinal))
        {
            rows.Add(Path.GetFileName(path));
        }

        return rows;
    }

    /// <summary>A file within the root; skips the test, saying so, where the root lacks it.</summary>
    public static string Require(params string[] parts)
    {
        string path = Path.Combine([Root, .. parts]);
        Skip.IfNot(File.Exists(path) || Directory.Exists(path), $"{path} is not there; set {Variable} to a full golden directory");
        return path;
    }

    private static string FindRoot()
    {
        string? given = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(given))
        {
            return Directory.Exists(given) ? Path.GetFullPath(given) : throw new DirectoryNotFoundException($"{Variable} names {given}, which does not exist");
        }

        return Path.Combine(AppContext.BaseDirectory, "Golden", "data");
    }
}

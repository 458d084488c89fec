namespace Jukebox.Tests.Sampling;

/// <summary>A folder that goes when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder()
    {
        FolderPath = Directory.CreateTempSubdirectory("jukebox-test-").FullName;
    }

    public string FolderPath { get; }

    public string this[string name] => Path.Combine(FolderPath, name);

    /// <summary>Every file below a folder by its relative name, without the lock.</summary>
    public static SortedDictionary<string, byte[]> Files(string folder)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(path) != ".lock")
            {
                files.Add(Path.GetRelativePath(folder, path), File.ReadAllBytes(path));
            }
        }

        return files;
    }

    /// <summary>Asserts that two folders hold the same files with the same bytes.</summary>
    public static void AssertSame(string expected, string actual, string when)
    {
        SortedDictionary<string, byte[]> left = Files(expected), right = Files(actual);
        Xunit.Assert.True(left.Keys.SequenceEqual(right.Keys), $"{when}: {string.Join(", ", right.Keys)} instead of {string.Join(", ", left.Keys)}");
        foreach ((string name, byte[] bytes) in left)
        {
            int same = bytes.AsSpan().CommonPrefixLength(right[name]);
            Xunit.Assert.True(
                same == bytes.Length && same == right[name].Length,
                $"{when}: {name} differs from byte {same} on ({right[name].Length} bytes instead of {bytes.Length})");
        }
    }

    public void Dispose() => Directory.Delete(FolderPath, recursive: true);
}

using Xunit;

namespace Jukebox.Testing;

/// <summary>A folder of its own for a test, deleted with everything in it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Makes a folder that is there for all tests of the process, and deleted when it ends.</summary>
    public static string OfTheProcess()
    {
        var folder = new TemporaryFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        return folder.Path;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("jukebox-test-").FullName;

    /// <summary>A path within it.</summary>
    public string this[params string[] parts] => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Every file below a folder by its relative name, without the lock.</summary>
    public static SortedDictionary<string, byte[]> Files(string folder)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (System.IO.Path.GetFileName(path) != ".lock")
            {
                files.Add(System.IO.Path.GetRelativePath(folder, path), File.ReadAllBytes(path));
            }
        }

        return files;
    }

    /// <summary>Asserts that two folders hold the same files with the same bytes.</summary>
    public static void AssertSame(string expected, string actual, string when)
    {
        SortedDictionary<string, byte[]> left = Files(expected), right = Files(actual);
        Assert.True(left.Keys.SequenceEqual(right.Keys), $"{when}: {string.Join(", ", right.Keys)} instead of {string.Join(", ", left.Keys)}");
        foreach ((string name, byte[] bytes) in left)
        {
            int same = bytes.AsSpan().CommonPrefixLength(right[name]);
            Assert.True(
                same == bytes.Length && same == right[name].Length,
                $"{when}: {name} differs from byte {same} on ({right[name].Length} bytes instead of {bytes.Length})");
        }
    }

    /// <summary>Writes a file, with folders as needed, and gives its path.</summary>
    public string Write(string name, byte[] content)
    {
        string path = this[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Writes a text file, with folders as needed, and gives its path.</summary>
    public string Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}

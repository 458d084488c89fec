using Xunit;

namespace Jukebox.Tests.Integrity;

/// <summary>Flips one bit at places of chance of a folder's files, one trial after the other, and looks at what comes of each.</summary>
internal static class FlippedBits
{
    public const int Places = 200;

    /// <summary>Files count by the root of their length, so that small ones get their share.</summary>
    /// <param name="original">The folder; each trial has a copy of it.</param>
    /// <param name="work">Where the copy is made.</param>
    /// <param name="seed">Decides the places.</param>
    /// <param name="trial">Given the copy and the place; says what is wrong with what came of it, or null.</param>
    public static void Try(string original, string work, ulong seed, Func<string, string, string?> trial)
    {
        var random = new TestRandom(seed);
        SortedDictionary<string, byte[]> files = TemporaryFolder.Files(original);
        (string Name, double Weight)[] weights = [.. files.Where(file => file.Value.Length > 0 && Path.GetFileName(file.Key) != ".owner").Select(file => (file.Key, Math.Sqrt(file.Value.Length)))];
        var wrong = new List<string>();
        for (int i = 0; i < Places; i++)
        {
            double at = (random.Signed() + 1) / 2 * weights.Sum(file => file.Weight);
            string name = weights.SkipWhile(file => (at -= file.Weight) > 0).Select(file => file.Name).FirstOrDefault(weights[^1].Name);
            int place = random.Next(files[name].Length), bit = random.Next(8);
            if (Directory.Exists(work))
            {
                Directory.Delete(work, recursive: true);
            }

            foreach ((string file, byte[] content) in files)
            {
                string path = Path.Combine(work, file);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                byte[] written = content;
                if (file == name)
                {
                    written = [.. content];
                    written[place] ^= (byte)(1 << bit);
                }

                File.WriteAllBytes(path, written);
            }

            if (trial(work, name) is { } problem)
            {
                wrong.Add($"{name}, byte {place}, bit {bit}: {problem}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(10)));
    }
}

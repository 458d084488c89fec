using System.Diagnostics;
using System.Globalization;
using Jukebox.Audio.Writing;
using Jukebox.Recordings.VectorFiles;
using Jukebox.Testing.Golden;
using Jukebox.Tests.Cli;
using Xunit;

namespace Jukebox.Tests.Embeddings;

/// <summary>Kills the real program, as <c>kill -9</c> does, in the middle of a folder of clips, and gives the same command again.</summary>
public sealed class EmbedCrashTests : IDisposable
{
    private const int Clips = 12;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>How many kills; <c>JUKEBOX_CRASH_KILLS</c> asks for more.</summary>
    private static int Kills => int.Parse(Environment.GetEnvironmentVariable("JUKEBOX_CRASH_KILLS") ?? "25", CultureInfo.InvariantCulture);

    /// <summary>The same bytes, and nothing is computed twice but what was in hand: what has a line keeps it.</summary>
    [SkippableFact]
    public void AKilledRunGoesOnToTheSameBytesWhereverItWasKilled()
    {
        using var golden = new EmbedCase("embed_tools");
        string music = Directory.CreateDirectory(_folder["music"]).FullName;
        var random = new TestRandom(8);
        for (int clip = 0; clip < Clips; clip++)
        {
            WaveFile.Write(Path.Combine(music, $"{clip:00}.wav"), random.Floats(4000 + random.Next(60_000), 0.5f), 44100);
        }

        string[] command = ["embed", music, "--model", golden.Model.Path, "--preset", "sheetsage", "--layers", "3,6", "--batch", "2", "--codes", "--output"];
        ProgramProcess.Run([.. command, _folder["whole"]]);

        SortedDictionary<string, byte[]> expected = Vectors(_folder["whole"]);
        Assert.Equal(3 * Clips, expected.Count);
        long length = new FileInfo(EmbeddingManifest.PathOf(_folder["whole"], 1, 1)).Length;
        for (int kill = 0; kill < Kills; kill++)
        {
            string results = _folder["out"], manifest = EmbeddingManifest.PathOf(results, 1, 1);
            Kill(manifest, random.Next((int)length - 1), random.Next(4), [.. command, results]);
            string[] kept = Lines(manifest);
            ProgramProcess.Run([.. command, results]);

            SortedDictionary<string, byte[]> actual = Vectors(results);
            Assert.True(expected.Keys.SequenceEqual(actual.Keys), $"kill {kill}: {string.Join(", ", actual.Keys)}");
            Assert.All(expected, file => Assert.True(file.Value.AsSpan().SequenceEqual(actual[file.Key]), $"kill {kill}: {file.Key} differs"));
            Assert.Equal(kept, Lines(manifest)[..kept.Length]);
            Assert.Equal(Clips, Lines(manifest).Length);
            Directory.Delete(results, recursive: true);
        }
    }

    /// <summary>Starts the program and kills it as soon as its manifest is longer than a size, plus a moment.</summary>
    private static void Kill(string manifest, long sizeBytes, int milliseconds, string[] arguments)
    {
        using Process process = ProgramProcess.Start(arguments);
        var file = new FileInfo(manifest);
        var clock = Stopwatch.StartNew();
        do
        {
            Assert.True(clock.Elapsed < ProgramProcess.Limit, $"the manifest never came to {sizeBytes} bytes");
            Thread.Sleep(1);
            file.Refresh();
        }
        while (!process.HasExited && !(file.Exists && file.Length > sizeBytes));

        Thread.Sleep(milliseconds);
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Whole lines.</summary>
    private static string[] Lines(string manifest)
    {
        string[] lines = File.ReadAllText(manifest).Split('\n');
        return lines[..^1];
    }

    private static SortedDictionary<string, byte[]> Vectors(string folder)
    {
        SortedDictionary<string, byte[]> files = TemporaryFolder.Files(folder);
        files.Remove("embed.jsonl");
        files.Remove("inputs.jsonl");
        return files;
    }
}

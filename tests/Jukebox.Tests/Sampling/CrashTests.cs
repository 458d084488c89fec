using System.Diagnostics;
using System.Globalization;
using Jukebox.Songs.Folder;
using Jukebox.Testing.Golden;
using Jukebox.Tests.Cli;
using Xunit;

namespace Jukebox.Tests.Sampling;

/// <summary>Kills the real program, as <c>kill -9</c> does, and lets it resume.</summary>
public sealed class CrashTests : IDisposable
{
    private const string CaseName = "pipeline_5b_lyrics_primed";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>How many kills; <c>JUKEBOX_CRASH_KILLS</c> asks for more.</summary>
    private static int Kills => int.Parse(Environment.GetEnvironmentVariable("JUKEBOX_CRASH_KILLS") ?? "25", CultureInfo.InvariantCulture);

    [SkippableFact]
    public void AKilledSongResumesToTheSameBytesWhereverItWasKilled()
    {
        string model = GoldenModels.Folder(CaseName);
        string request = _folder["request.json"];
        File.WriteAllText(request, """
            {
              "seconds": 0.33, "total_seconds": 35, "count": 2, "seed": 3,
              "labels": [{ "artist": "", "genre": "", "lyrics": "I met a traveller from an antique land" }],
              "levels": [{ "level": 2, "hop_fraction": 0.25, "batch_size": 2 }, { "level": 1, "batch_size": 1 }, { "level": 0, "batch_size": 2 }]
            }
            """);
        string whole = _folder["whole"];
        ProgramProcess.Run("sample", "--model", model, "--request", request, "--output", whole);

        SortedDictionary<string, byte[]> files = TemporaryFolder.Files(whole);
        var random = new TestRandom(20);
        string[] targets = [.. files.Keys.Where(name => name.EndsWith(".codes", StringComparison.Ordinal) || name.EndsWith(".wav", StringComparison.Ordinal))];
        for (int kill = 0; kill < Kills; kill++)
        {
            string song = _folder["song"];
            string target = targets[kill % targets.Length];
            long size = random.Next(files[target].Length);
            KillAt(song, target, size, random.Next(3), "sample", "--model", model, "--request", request, "--output", song);
            if (kill % 4 == 0)
            {
                KillAt(song, targets[^1], random.Next(files[targets[^1]].Length), 0, "sample", "--resume", song);
            }

            ProgramProcess.Run("sample", "--resume", song);

            TemporaryFolder.AssertSame(whole, song, $"kill {kill} at byte {size} of {target}");
            Directory.Delete(song, recursive: true);
        }
    }

    /// <summary>Starts the program and kills it as soon as a file is longer than a size, plus a moment.</summary>
    private static void KillAt(string song, string target, long sizeBytes, int milliseconds, params string[] arguments)
    {
        using Process process = ProgramProcess.Start(arguments);
        var file = new FileInfo(Path.Combine(song, target));
        var clock = Stopwatch.StartNew();
        do
        {
            Assert.True(clock.Elapsed < ProgramProcess.Limit, $"{target} never came to {sizeBytes} bytes");
            Thread.Sleep(1);
            file.Refresh();
        }
        while (!process.HasExited && !(File.Exists(Path.Combine(song, "song.json")) && file.Exists && file.Length > sizeBytes));

        Thread.Sleep(milliseconds);
        long[] journaled = Journaled(song);
        process.Kill();
        process.WaitForExit();
        Assert.All(Journaled(song).Zip(journaled), pair => Assert.True(pair.First >= pair.Second, "codes that were in the journal are gone"));
    }

    /// <summary>Codes by level that a reader finds.</summary>
    private static long[] Journaled(string song) =>
        [.. Enumerable.Range(0, 3).Select(level => SongFolder.ReadCodes(song, level).Sum(codes => (long)codes.Length))];
}

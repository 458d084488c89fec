using System.Diagnostics;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Labels;
using Jukebox.Songs;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Xunit;

namespace Jukebox.Tests.Sampling;

public sealed class SongFolderTests : IDisposable
{
    private const double TokenSeconds = 128 / 44100.0;
    private static readonly SampleRequest Request = new()
    {
        Seconds = 30 * TokenSeconds,
        Count = 3,
        Seed = 11,
        Labels = [new SongLabel("a", "b", "c"), new SongLabel("d", "e", "f")],
        Levels = [new LevelRequest { Level = 1, BatchSize = 2 }],
    };

    private readonly TemporaryFolder _folder = new();
    private readonly StubSongModel _model = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void InterruptionAtEveryTokenGivesTheSameBytes()
    {
        string whole = _folder["whole"];
        Assert.Equal(SamplingOutcome.Finished, Create(whole));
        string song = _folder["song"];
        Assert.Equal(SamplingOutcome.Interrupted, Create(song, stopAfter: 1));
        int runs = 1;
        while (Resume(song, stopAfter: 1) == SamplingOutcome.Interrupted)
        {
            runs++;
        }

        // Rows that go side by side get their token together: 3, 2 + 1 and 3 of them.
        Assert.Equal(30 + (2 * 120) + 480, runs);
        TemporaryFolder.AssertSame(whole, song, "after an interruption at every token");
    }

    [Fact]
    public void AFolderCutAtAnyPointOfAnyFileResumesToTheSameBytes()
    {
        string whole = _folder["whole"];
        Create(whole);
        SortedDictionary<string, byte[]> files = TemporaryFolder.Files(whole);
        var random = new TestRandom(3);
        for (int trial = 0; trial < 60; trial++)
        {
            string song = _folder[$"song{trial}"];
            foreach ((string name, byte[] bytes) in files)
            {
                string path = Path.Combine(song, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(path, name == "song.json" || random.Next(3) == 0 ? bytes : bytes[..random.Next(bytes.Length + 1)]);
            }

            Assert.Equal(SamplingOutcome.Finished, Resume(song));
            TemporaryFolder.AssertSame(whole, song, $"trial {trial}");
        }
    }

    [Fact]
    public void ASongIsNotOverwrittenUnlessForced()
    {
        string song = _folder["song"];
        Create(song, stopAfter: 5);
        SortedDictionary<string, byte[]> before = TemporaryFolder.Files(song);
        var error = Assert.Throws<SamplingException>(() => Create(song));
        Assert.Contains("already holds a song", error.Message);
        Assert.Contains("--resume", error.Message);
        Assert.Contains("--force", error.Message);
        Assert.Equal(before.Values, TemporaryFolder.Files(song).Values);

        using SongFolder forced = SongFolder.Create(song, _model.Resolve(Request with { SampleLevels = [2] }), force: true);
        Assert.Equal([".owner", "song.json"], TemporaryFolder.Files(song).Keys);
    }

    /// <summary>Without its description too, hours of codes are a song's; what a song is made from is not deleted for it.</summary>
    [Fact]
    public void NothingOfASongIsDeletedThatForceWasNotGivenForOrThatTheNewOneNeeds()
    {
        string song = _folder["song"];
        Create(song, stopAfter: 2);
        SongDescription description = _model.Resolve(Request);
        SamplingException made = Assert.Throws<SamplingException>(() => SongFolder.Create(
            song, description with { Request = description.Request with { Source = new SourceRequest(_folder["other", "..", "song"]) } }, force: true));
        Assert.Contains("would be deleted, and the song is made from it; choose another folder with --output.", made.Message);
        string wave = SongFolder.WavePath(song, 2, 0);
        Directory.CreateDirectory(Path.GetDirectoryName(wave)!);
        File.WriteAllText(wave, "mine");
        Assert.Throws<SamplingException>(() => SongFolder.Create(song, description with { Request = description.Request with { Prompts = [new PromptRequest(wave)] } }, force: true));

        File.Delete(Path.Combine(song, "song.json"));
        SortedDictionary<string, byte[]> before = TemporaryFolder.Files(song);
        SamplingException lost = Assert.Throws<SamplingException>(() => SongFolder.Create(song, description, force: false));
        Assert.StartsWith($"{song} holds {Path.Combine("codes", "level_")}", lost.Message);
        Assert.EndsWith(".codes but no song; choose another folder, or overwrite it with --force.", lost.Message);
        Assert.Equal(before.Keys, TemporaryFolder.Files(song).Keys);
        SongFolder.Create(song, description, force: true).Dispose();
        Assert.False(File.Exists(wave));
    }

    [Fact]
    public void AFolderInUseNamesTheOtherProcess()
    {
        string song = _folder["song"];
        using (SongFolder.Create(song, _model.Resolve(Request), force: false))
        {
            string message = Assert.Throws<StorageException>(() => SongFolder.Resume(song)).Message;
            Assert.Contains("is in use by", message);
            Assert.Contains($"process {Environment.ProcessId} on {Environment.MachineName}", message);
        }

        Assert.Equal(SamplingOutcome.Finished, Resume(song));
    }

    [SkippableFact]
    public void ALockHeldByAnotherProcessCountsAndDiesWithIt()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs flock(1)");
        string song = _folder["song"];
        Create(song, stopAfter: 2);
        using Process holder = Process.Start(new ProcessStartInfo("flock", ["--exclusive", Path.Combine(song, ".lock"), "sleep", "60"]))!;
        Assert.True(SpinWait.SpinUntil(() => IsLocked(song), TimeSpan.FromSeconds(20)), "flock never took the lock");
        holder.Kill(entireProcessTree: true);
        holder.WaitForExit();
        Assert.True(SpinWait.SpinUntil(() => !IsLocked(song), TimeSpan.FromSeconds(20)), "the lock outlived its process");
        Assert.Equal(SamplingOutcome.Finished, Resume(song));
    }

    [Fact]
    public void AnotherModelIsRefusedByName()
    {
        string song = _folder["song"];
        Create(song, stopAfter: 5);
        using SongFolder folder = SongFolder.Resume(song);
        var other = new StubSongModel(StubSongModel.Describe() with { Name = "other" }, "abc");
        string message = Assert.Throws<SamplingException>(() => new Sampler(other, folder, StubSongModel.ReadPrompt).Run()).Message;
        Assert.Contains("'stub'", message);
        Assert.Contains("'other'", message);
        Assert.Contains(other.Fingerprint, message);
        Assert.Contains(_model.Fingerprint, message);
    }

    [Fact]
    public void DamageInTheMiddleStopsTheRunAndRepairGoesOnToTheSameBytes()
    {
        string whole = _folder["whole"], song = _folder["song"];
        Create(whole);
        Create(song, stopAfter: 100);
        string journal = SongFolder.JournalPath(song, 2);
        byte[] bytes = File.ReadAllBytes(journal);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(journal, bytes);
        Assert.Throws<DamagedFileException>(() => Resume(song));
        Assert.Equal(bytes, File.ReadAllBytes(journal));
        Assert.Throws<DamagedFileException>(() => SongFolder.ReadCodes(song, 2));
        Assert.Equal(SamplingOutcome.Finished, Resume(song, repair: true));
        File.Delete(journal + ".damaged");
        TemporaryFolder.AssertSame(whole, song, "after a repair");
    }

    /// <summary>Codes of another song must not become a part of this one, whatever its seed, artist, level or temperature.</summary>
    [Theory]
    [InlineData("seed")]
    [InlineData("label")]
    [InlineData("temperature")]
    [InlineData("level")]
    public void TheJournalOfAnotherSongIsRefusedAndRepairPutsItAsideWhole(string difference)
    {
        SampleRequest other = difference switch
        {
            "seed" => Request with { Seed = 12 },
            "label" => Request with { Labels = [new SongLabel("a", "b", "c"), new SongLabel("d", "e", "g")] },
            "temperature" => Request with { Levels = [new LevelRequest { Level = 2, Temperature = 0.98 }, .. Request.Levels!] },
            _ => Request,
        };
        string whole = _folder["whole"], song = _folder["song"], foreign = _folder["foreign"];
        Create(whole);
        Create(song, stopAfter: 100);
        Create(foreign, request: other);
        string journal = SongFolder.JournalPath(song, 2);
        byte[] codes = File.ReadAllBytes(SongFolder.JournalPath(foreign, difference == "level" ? 1 : 2));
        File.WriteAllBytes(journal, codes);
        string message = Assert.Throws<DamagedFileException>(() => Resume(song)).Message;
        Assert.Contains("it is the journal of another song, level or model", message);
        Assert.Throws<DamagedFileException>(() => SongFolder.ReadCodes(song, 2));
        Assert.Equal(codes, File.ReadAllBytes(journal));

        Assert.Equal(SamplingOutcome.Finished, Resume(song, repair: true));
        Assert.Equal(codes, File.ReadAllBytes(journal + ".damaged"));
        File.Delete(journal + ".damaged");
        TemporaryFolder.AssertSame(whole, song, "after the other song's codes were put aside");
    }

    [Theory]
    [InlineData("\"seed\": 11", "\"seed\": 12")]
    [InlineData("\"artist\": \"a\"", "\"artist\": \"b\"")]
    [InlineData("\"temperature\": 0.99", "\"temperature\": 0.9")]
    public void ADescriptionThatWasEditedIsRefusedAndSoAreItsJournalsWithoutTheDigest(string before, string after)
    {
        string song = _folder["song"], file = Path.Combine(song, "song.json");
        Create(song, stopAfter: 100);
        string text = File.ReadAllText(file);
        Assert.Contains(before, text);
        File.WriteAllText(file, text.Replace(before, after));
        Assert.Contains("song.json: it was changed after it was written", Assert.Throws<DamagedFileException>(() => Resume(song)).Message);

        string edited = File.ReadAllText(file);
        File.WriteAllText(file, edited[..edited.LastIndexOf(",\n  \"digest\"", StringComparison.Ordinal)] + "\n}\n");
        Assert.Contains("asked to be another after it was begun", Assert.Throws<DamagedFileException>(() => Resume(song)).Message);
    }

    /// <summary>A batch size is no part of a song, so it may change; rows that are not equally far then go one after the other.</summary>
    [Fact]
    public void AnotherBatchSizeOnTheWayDrawsTheSameCodes()
    {
        string whole = _folder["whole"], song = _folder["song"], file = Path.Combine(song, "song.json");
        Create(whole);
        Create(song, stopAfter: 35);
        string text = File.ReadAllText(file);
        File.WriteAllText(file, text[..text.LastIndexOf(",\n  \"digest\"", StringComparison.Ordinal)].Replace("\"batch_size\": 2", "\"batch_size\": 3") + "\n}\n");
        Assert.Equal(SamplingOutcome.Finished, Resume(song));
        Assert.All(Enumerable.Range(0, 3), level => Assert.Equal(SongFolder.ReadCodes(whole, level), SongFolder.ReadCodes(song, level)));
    }

    [Fact]
    public void APrimedSongResumesWithoutItsPrompt()
    {
        SampleRequest request = Request with { Prompts = [new PromptRequest("6")] };
        string whole = _folder["whole"], song = _folder["song"];
        Create(whole, request: request);
        Create(song, request: request, stopAfter: 50);
        using (SongFolder folder = SongFolder.Resume(song))
        {
            new Sampler(_model, folder, (_, _) => throw new FileNotFoundException("the prompt is gone")).Run();
        }

        TemporaryFolder.AssertSame(whole, song, "without the prompt");
    }

    [Fact]
    public void AContinuedSongResumesWithoutItsSource()
    {
        string source = _folder["source"], song = _folder["song"];
        Create(source);
        SampleRequest request = new() { Source = new SourceRequest(source), MoreSeconds = 10 * TokenSeconds };
        Create(song, request: request, stopAfter: 3);
        Directory.Move(source, _folder["elsewhere"]);
        Assert.Equal(SamplingOutcome.Finished, Resume(song));
        Assert.Equal(SongFolder.ReadCodes(_folder["elsewhere"], 0)[2], SongFolder.ReadCodes(song, 0)[2][..480]);
    }

    /// <summary>The prompt lies in the folder of songs, the source beside the song that goes on from it; the second is begun but has no codes yet.</summary>
    [Fact]
    public void AFolderOfSongsThatIsMovedGoesOnWorking()
    {
        string songs = _folder["songs"], moved = _folder["moved"], prompt = _folder.Write(Path.Combine("songs", "takes", "6"), "a recording");
        Create(Path.Combine(songs, "first"), request: Request with { Prompts = [new PromptRequest(prompt)] }, stopAfter: 50);
        Create(Path.Combine(songs, "source"));
        SampleRequest more = new() { Source = new SourceRequest(Path.Combine(songs, "source")), MoreSeconds = 10 * TokenSeconds };
        SongFolder.Create(Path.Combine(songs, "second"), _model.Resolve(more), force: false).Dispose();
        Assert.Contains("\"file\": \"../takes/6\"", File.ReadAllText(Path.Combine(songs, "first", "song.json")));
        Directory.Move(songs, moved);
        Assert.Equal(Path.Combine(moved, "takes", "6"), SongFolder.ReadDescription(Path.Combine(moved, "first")).Request.Prompts![0].File);
        Assert.Equal(SamplingOutcome.Finished, Resume(Path.Combine(moved, "first")));
        Assert.Equal(SamplingOutcome.Finished, Resume(Path.Combine(moved, "second")));
        Assert.Equal(SongFolder.ReadCodes(Path.Combine(moved, "source"), 0)[2], SongFolder.ReadCodes(Path.Combine(moved, "second"), 0)[2][..480]);
    }

    [Fact]
    public void ARecordingOrSongThatIsAnotherByNowIsRefused()
    {
        string prompt = _folder.Write("6", "a recording");
        SongFolder.Create(_folder["first"], _model.Resolve(Request with { Prompts = [new PromptRequest(prompt)] }), force: false).Dispose();
        File.WriteAllText(prompt, "another recording");
        Assert.Contains("is not there any more as the song began with it", Assert.Throws<SamplingException>(() => Resume(_folder["first"])).Message);

        Create(_folder["source"]);
        SongFolder.Create(_folder["second"], _model.Resolve(new() { Source = new SourceRequest(_folder["source"]), MoreSeconds = 10 * TokenSeconds }), force: false).Dispose();
        Directory.Delete(_folder["source"], recursive: true);
        Create(_folder["source"], request: Request with { Seed = 12 });
        Assert.Contains("is another song now", Assert.Throws<SamplingException>(() => Resume(_folder["second"])).Message);
    }

    [Fact]
    public void ASongWithoutADescriptionSaysSo()
    {
        Directory.CreateDirectory(_folder["empty"]);
        Assert.Contains("holds no song", Assert.Throws<SamplingException>(() => SongFolder.Resume(_folder["empty"])).Message);
    }

    private static bool IsLocked(string song)
    {
        try
        {
            SongFolder.Resume(song).Dispose();
            return false;
        }
        catch (StorageException e)
        {
            return e.Message.Contains("in use", StringComparison.Ordinal);
        }
    }

    private SamplingOutcome Create(string path, int stopAfter = int.MaxValue, SampleRequest? request = null)
    {
        using SongFolder folder = SongFolder.Create(path, _model.Resolve(request ?? Request), force: false);
        return Run(folder, stopAfter);
    }

    private SamplingOutcome Resume(string path, int stopAfter = int.MaxValue, bool repair = false)
    {
        using SongFolder folder = SongFolder.Resume(path, repair);
        return Run(folder, stopAfter);
    }

    private SamplingOutcome Run(SongFolder folder, int stopAfter)
    {
        using var stop = new CancellationTokenSource();
        int steps = 0;
        return new Sampler(_model, folder, StubSongModel.ReadPrompt, progress =>
        {
            if (progress.Phase == SamplingPhase.Sampling && ++steps >= stopAfter)
            {
                stop.Cancel();
            }
        }).Run(stop.Token);
    }
}

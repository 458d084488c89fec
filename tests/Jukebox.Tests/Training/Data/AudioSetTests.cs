using Jukebox.Audio.Writing;
using Jukebox.Core.Errors;
using Jukebox.Cpu.Backend;
using Jukebox.Recordings;
using Jukebox.Recordings.Folders;
using Jukebox.Recordings.Windows;
using Jukebox.Training;
using Jukebox.Training.Batches;
using Jukebox.Training.Settings;
using Jukebox.Training.VqVaes;
using Xunit;

namespace Jukebox.Tests.Training.Data;

/// <summary>A folder of recordings, good and bad.</summary>
public sealed class AudioSetTests : IDisposable
{
    private const int RateHz = 8000;

    private readonly TemporaryFolder _folder = new();

    private string Cache => _folder["cache"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void RecordingsAreFoundInOrderWithWhatTheTableSays()
    {
        WriteWave("data/b.wav", 3000, 0.5f);
        WriteWave("data/a/x.wav", 2000, 0.25f);
        _folder.Write("data/notes.txt", "no audio");
        _folder.Write("data/b.txt", "la la");
        _folder.Write("data/manifest.tsv", "file\tartist\tgenre\tsplit\nmidi/x.mid\tBach\torgan\tvalid\n");
        AudioSet set = Open("data");
        Assert.Equal(["a/x.wav", "b.wav"], set.Tracks.Select(track => track.Name));
        Assert.Equal(("Bach", "organ", "", TrackSplit.Valid, 2000L), (set.Tracks[0].Artist, set.Tracks[0].Genre, set.Tracks[0].Lyrics, set.Tracks[0].Split, set.Tracks[0].LengthSamples));
        Assert.Equal(("", "la la", TrackSplit.Unstated), (set.Tracks[1].Artist, set.Tracks[1].Lyrics, set.Tracks[1].Split));
        var samples = new float[10];
        set.Read(set.Tracks[0], 1990, samples);
        Assert.All(samples, sample => Assert.Equal(0.25f, sample, 1e-4f));
    }

    [Fact]
    public void WhatCannotBeReadIsNamedAndCounted()
    {
        WriteWave("data/good.wav", 1000, 0);
        _folder.Write("data/bad.wav", "RIFF but no wave");
        _folder.Write("data/worse.flac", "fLaC");
        AudioSet set = Open("data");
        Assert.Equal(3, set.FileCount);
        Assert.Equal(["bad.wav", "worse.flac"], set.Unreadable.Select(file => file.Name));
        Assert.All(set.Unreadable, file => Assert.Contains(file.Name, file.Reason, StringComparison.Ordinal));
        Assert.Single(set.Tracks);
    }

    [Fact]
    public void AMissingAnEmptyAndAnUnreadableFolderAreRefused()
    {
        AssertRefused(() => Open("nowhere"), "There is no folder");
        Directory.CreateDirectory(_folder["empty"]);
        AssertRefused(() => Open("empty"), "holds no audio (wav, flac, mp3");
        _folder.Write("broken/bad.wav", "RIFF");
        AssertRefused(() => Open("broken"), "none of its 1 audio files can be read; the first: ");
    }

    [Fact]
    public void ADamagedCacheEntryIsMadeAgain()
    {
        WriteWave("data/a.wav", 1000, 0.5f);
        Open("data");
        string entry = Assert.Single(Directory.GetFiles(_folder["cache", "pcm"]));
        byte[] whole = File.ReadAllBytes(entry);
        File.WriteAllBytes(entry, whole[..500]);
        Open("data");
        Assert.Equal(whole, File.ReadAllBytes(entry));
    }

    [Fact]
    public void ARunFindsItsRecordingsAgainWhateverElseHasCome()
    {
        WriteWave("data/a.wav", 1000, 0.5f);
        IReadOnlyList<Track> tracks = Open("data").Tracks;
        WriteWave("data/b.wav", 1000, 0.5f);
        Assert.Equal(tracks, Reopen(tracks).Tracks);
        File.Delete(_folder["data", "a.wav"]);
        Assert.Equal(tracks, Reopen(tracks).Tracks); // the cache has it
        Directory.Delete(Cache, recursive: true);
        AssertRefused(() => Reopen(tracks), "a.wav is not what the run began with");
        WriteWave("data/a.wav", 1000, 0.25f);
        AssertRefused(() => Reopen(tracks), "a.wav is not what the run began with");
    }

    [Fact]
    public void ChannelsAreBlendedWhereThereAreTwo()
    {
        WriteWave("data/mono.wav", 1000, 0.5f);
        WriteFrames("data/stereo.wav", 1000, i => [i / 1000f, -i / 3000f]);
        AudioSet set = Open("data");
        AssertBlends(set, 1, i => i / 3000f, i => i / 3000f, i => i / 3000f); // the mean, as long as the sides were not asked for
        for (int cached = 0; cached < 2; cached++)
        {
            PrepareSides(set);
            AssertBlends(set, 0, _ => 0.5f, _ => 0.5f, _ => 0.5f);
            AssertBlends(set, 1, i => i / 1000f, i => i / 3000f, i => -i / 3000f);
            set = Reopen(set.Tracks);
        }

        Directory.Delete(Cache, recursive: true);
        set = Reopen(set.Tracks);
        WriteFrames("data/stereo.wav", 1000, _ => [0.5f, 0]);
        RecordingException changed = Assert.Throws<RecordingException>(() => PrepareSides(set));
        Assert.Contains("stereo.wav is not what the run began with", changed.Message, StringComparison.Ordinal);
    }

    /// <summary>Each window has a share of its own, the same at each asking; what is measured on is the mean.</summary>
    [Fact]
    public void WindowsAreBlendedByTheDrawsOfTheirStep()
    {
        WriteFrames("data/a.wav", 4000, _ => [0.5f, -0.5f]);
        AudioSet set = Open("data");
        PrepareSides(set);
        TrainingSettings settings = TrainingPresets.Find("tiny_vqvae") with { WindowSamples = 100, BatchSize = 4, Windows = new() { Blend = true } };
        WindowSplit split = TrackSelection.Of(set, 100, settings.Windows).Split(track => track.LengthSamples, 100, 4, settings.Windows);
        var windows = new AudioWindows(set, split, settings);
        var order = new BatchOrder(settings.Seed, split.Train.Count, 4);
        foreach (long step in (long[])[0, 5, 0])
        {
            float[] samples = windows.BatchOf(step).Samples;
            for (int i = 0; i < samples.Length; i++)
            {
                Assert.Equal(order.BlendOf(step, i / 100) - 0.5, samples[i], 1e-4);
            }
        }

        Assert.All(windows.Validation(), batch => Assert.All(batch.Samples, sample => Assert.Equal(0, sample)));
        using var backend = new CpuBackend(new CpuOptions(null, 1));
        Assert.Throws<TrainingException>(() => Bandwidths.Measure(backend, [[new float[2048]]]));
        float[][][] survey = [.. windows.Survey(2)];
        Assert.Equal([0.5f, -0.5f, 0.5f, -0.5f], survey.SelectMany(channels => channels.Select(channel => channel[7])), (a, b) => Math.Abs(a - b) < 1e-4);
        settings.Windows.Blend = false;
        windows = new AudioWindows(set, split, settings);
        Assert.All(windows.BatchOf(0).Samples, sample => Assert.Equal(0, sample));
        Assert.All(windows.Survey(2), channels => Assert.All(Assert.Single(channels), sample => Assert.Equal(0, sample)));
    }

    /// <summary>Scales are those of the channels; the spectrum is that of their mean.</summary>
    [Fact]
    public void ScalesAreMeasuredOnAllChannels()
    {
        using var backend = new CpuBackend(new CpuOptions(null, 1));
        var random = new TestRandom(3);
        float[] left = random.Floats(4096, 1), right = random.Floats(4096, 1), mean = [.. left.Zip(right, (l, r) => (l + r) / 2)];
        var both = Bandwidths.Measure(backend, [[left, right]]);
        double[] all = [.. left.Concat(right).Select(x => (double)x)];
        double average = all.Average();
        Assert.Equal(all.Average(Math.Abs), both.Absolute, 1e-9);
        Assert.Equal(all.Average(x => x * x) - (average * average), both.Square, 1e-9);
        Assert.Equal(Bandwidths.Measure(backend, [[mean]]).Spectral, both.Spectral, 1e-6 * both.Spectral);
    }

    /// <summary>A mistake of the table is no fault of the recordings, and neither is a cache that cannot be written.</summary>
    [Fact]
    public void WhatIsWrongBesideTheRecordingsLeavesNoneOut()
    {
        WriteWave("data/a.wav", 1000, 0.5f);
        WriteWave("data/b.wav", 1000, 0.25f);
        _folder.Write("data/manifest.tsv", "file\nx/a.mid\ny/a.mid\n");
        Assert.Contains("several of its rows could mean 'a.wav'", Assert.Throws<DamagedFileException>(() => Open("data")).Message, StringComparison.Ordinal);
        File.Delete(_folder["data", "manifest.tsv"]);
        _folder.Write("cache/pcm", "a file where a folder should be");
        Assert.ThrowsAny<IOException>(() => Open("data"));
    }

    [Fact]
    public void TooShortASetSaysWhatWasFound()
    {
        WriteWave("data/a.wav", 1000, 0);
        _folder.Write("data/bad.wav", "RIFF");
        AudioSet set = Open("data");
        AssertRefused(
            () => TrackSelection.Of(set, 2000, new WindowSettings()),
            "of 2 audio files, 1 cannot be read, 1 are shorter than 0.25 s; add recordings of a length between, or change the limits.");
        TrackSelection selection = TrackSelection.Of(set, 500, new WindowSettings());
        AssertRefused(
            () => selection.Split(track => track.LengthSamples, 500, 4, new WindowSettings()),
            "its 1 usable recordings give 1 windows to learn from, fewer than a batch of 4; add recordings, or use a smaller --batch.");
    }

    [Fact]
    public void TheTableDecidesTheSplitWhereItSaysAnythingElseThePartOfTheWindowsDoes()
    {
        Track[] tracks = [TrackOf("a", 100, TrackSplit.Unstated), TrackOf("b", 60, TrackSplit.Valid), TrackOf("c", 50, TrackSplit.Train)];
        WindowSplit split = WindowSplit.Of(tracks, track => track.LengthSamples, 10, 0.9);
        Assert.Equal((15L, 6L), (split.Train.Count, split.Valid.Count));
        Assert.Equal(["a", "c"], split.Train.Tracks.Select(track => track.Name));

        WindowSplit plain = WindowSplit.Of([.. tracks.Select(track => track with { Split = TrackSplit.Unstated })], track => track.LengthSamples, 10, 0.9);
        Assert.Equal((18L, 3L), (plain.Train.Count, plain.Valid.Count));
        Assert.Equal(18, plain.Valid.First);
    }

    private static Track TrackOf(string name, long length, TrackSplit split) => new(name, "", length, "", "", "", split);

    private static void AssertRefused(Action action, string said) =>
        Assert.Contains(said, Assert.ThrowsAny<JukeboxException>(action).Message, StringComparison.Ordinal);

    private AudioSet Open(string folder) => AudioSet.Open(_folder[folder], null, Cache, RateHz, 2, (_, _) => { }, CancellationToken.None);

    private AudioSet Reopen(IReadOnlyList<Track> tracks) => AudioSet.Reopen(_folder["data"], tracks, Cache, RateHz, 2, (_, _) => { }, CancellationToken.None);

    private static void PrepareSides(AudioSet set) => set.PrepareSides(set.Tracks, 2, (_, _) => { }, CancellationToken.None);

    private static void AssertBlends(AudioSet set, int track, Func<int, float> left, Func<int, float> evenly, Func<int, float> right)
    {
        const int First = 500;
        foreach ((float share, Func<int, float> expected) in ((float, Func<int, float>)[])[(1, left), (0.5f, evenly), (0, right)])
        {
            var samples = new float[10];
            set.ReadBlend(set.Tracks[track], First, share, samples);
            Assert.All(samples, (sample, i) => Assert.Equal(expected(First + i), sample, 1e-4f));
        }
    }

    private void WriteWave(string name, int samples, float value) => WriteFrames(name, samples, _ => [value]);

    private void WriteFrames(string name, int count, Func<int, float[]> frameAt)
    {
        string path = _folder[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using WaveWriter writer = WaveWriter.Create(path, RateHz, frameAt(0).Length);
        writer.Write([.. Enumerable.Range(0, count).SelectMany(frameAt)]);
        writer.Flush();
    }
}

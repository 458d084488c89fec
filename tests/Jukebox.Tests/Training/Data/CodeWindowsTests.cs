using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Models.VqVaes;
using Jukebox.Recordings.Codes;
using Jukebox.Recordings.Folders;
using Jukebox.Recordings.Windows;
using Jukebox.Training.Batches;
using Jukebox.Training.Priors;
using Jukebox.Training.Settings;
using Xunit;

namespace Jukebox.Tests.Training.Data;

/// <summary>Windows of codes against the codes of whole recordings.</summary>
public sealed class CodeWindowsTests : IClassFixture<TrainedToy>, IDisposable
{
    private const string Hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly CpuBackend _backend = new(new CpuOptions(null, 1));
    private readonly ModelFolder _model;
    private readonly VqVae _vqvae;
    private readonly AudioSet _set;
    private readonly string _cache;

    public CodeWindowsTests(TrainedToy toy)
    {
        _model = ModelFolder.Open(toy.Model);
        _vqvae = VqVae.Load(_backend, _model.OpenVqVae(), _model.Description.VqVae);
        _cache = toy.Folder[$"cache-{Guid.NewGuid():N}"];
        _set = AudioSet.Open(toy.Data, null, _cache, TrainedToy.RateHz, 1, (_, _) => { }, CancellationToken.None);
        (LabelTableText artists, LabelTableText genres) = DataLabels.Of(3, _set.Tracks, null);
        toy.Folder.Write(Path.Combine(_cache, artists.Path), artists.Text);
        toy.Folder.Write(Path.Combine(_cache, genres.Path), genres.Text);
    }

    private VqVaeSpec Spec => _model.Description.VqVae;

    public void Dispose()
    {
        _vqvae.Dispose();
        _model.Dispose();
        _backend.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void EveryWindowIsASliceWithItsUpperCodesAndLabels(int level)
    {
        PriorSpec prior = PriorOf(level);
        CodeWindows windows = WindowsOf(prior, Encoded(prior));
        int hop = Spec.SamplesPerToken(level), unit = CodeWindows.UnitTokens(prior, Spec);
        Assert.Equal(level == 1 ? 1 : 4, unit);
        Assert.True(windows.Split.Valid.Count > 0);
        foreach (PriorBatch batch in Enumerable.Range(0, 20).Select(step => windows.BatchOf(step)).Concat(windows.Validation()))
        {
            for (int i = 0; i < batch.Codes.Length; i++)
            {
                long[] row = batch.Labels[i];
                Track track = Assert.Single(_set.Tracks, track => track.LengthSamples == row[0]);
                Assert.Equal(0, row[1] % (hop * unit));
                int first = (int)(row[1] / hop);
                Assert.Equal(CodesOf(track, level)[first..(first + prior.ContextLength)], batch.Codes[i]);
                Assert.Equal(prior.ContextLength * hop, row[2]);
                Assert.Equal(track.Artist == "Ada" ? 1 : 2, row[3]);
                Assert.Equal(track.Genre == "organ" ? 1 : 2, row[4]);
                if (level == 0)
                {
                    Assert.Equal(CodesOf(track, 1)[(first / unit)..((first + prior.ContextLength) / unit)], batch.UpperCodes![i]);
                }
            }

            Assert.Equal(level == 1, batch.UpperCodes is null);
        }
    }

    [Fact]
    public void LyricsFollowTheWindow()
    {
        PriorSpec prior = PriorOf(1) with { Lyrics = LyricsMode.SameSequence, LyricsLength = 4, LyricsVocabulary = 79 };
        Track track = _set.Tracks[0];
        Assert.Equal("la la la", track.Lyrics);
        var labels = new TrackLabels(prior, Spec.SamplesPerToken(1), LabelTables.Open(_cache));
        int[] tokens = LyricsText.Clean(track.Lyrics, 3).Tokens;
        long[] early = labels.RowOf(track, 0), late = labels.RowOf(track, (track.LengthSamples - 2048) / Spec.SamplesPerToken(1));
        Assert.Equal(tokens[..4], early[^4..].Select(token => (int)token));
        Assert.Equal(tokens[^4..], late[^4..].Select(token => (int)token));
    }

    [Fact]
    public void DamagedAndForeignCodesAreComputedAgain()
    {
        PriorSpec prior = PriorOf(1);
        CodeCache codes = Encoded(prior);
        Track track = _set.Tracks[0];
        string entry = Directory.GetFiles(Path.Combine(_cache, "codes"), $"{track.Hash[..32]}*", SearchOption.AllDirectories).Single();
        byte[] whole = File.ReadAllBytes(entry);
        foreach (byte[] damaged in (byte[][])[[], whole[..^1], [.. whole, 0], [.. whole[..^1], (byte)(whole[^1] ^ 1)]])
        {
            File.WriteAllBytes(entry, damaged);
            Assert.False(codes.Has(track, 1));
            codes.Compute(track, [1], _vqvae, CancellationToken.None);
            Assert.True(codes.Has(track, 1));
            Assert.Equal(whole, File.ReadAllBytes(entry));
        }

        Assert.False(new CodeCache(_cache, HashesOf(Hash[1..] + "0"), Spec, _set).Has(track, 1));
    }

    [Fact]
    public void LevelsSideBySideGiveTheFilesThatEachGivesAlone()
    {
        CodeCache codes = Encoded(PriorOf(0));
        string[] files = [.. Directory.GetFiles(Path.Combine(_cache, "codes"), "*", SearchOption.AllDirectories).Order()];
        byte[][] together = Array.ConvertAll(files, File.ReadAllBytes);
        Assert.Equal(_set.Tracks.Count * Spec.Levels, files.Length);
        foreach ((Track track, int level) in _set.Tracks.SelectMany(track => Enumerable.Range(0, Spec.Levels).Select(level => (track, level))))
        {
            codes.Compute(track, [level], _vqvae, CancellationToken.None);
        }

        Assert.Equal(together, Array.ConvertAll(files, File.ReadAllBytes));
    }

    [Fact]
    public void ARecordingThatWasStoppedLeavesNothingBehind()
    {
        var codes = new CodeCache(_cache, HashesOf(Hash), Spec, _set);
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.Throws<OperationCanceledException>(() => codes.Compute(_set.Tracks[0], [0, 1], _vqvae, stopped.Token));
        Assert.Empty(Directory.GetFiles(Path.Combine(_cache, "codes"), "*", SearchOption.AllDirectories));
    }

    private static PriorSpec PriorOf(int level) => new()
    {
        Level = level,
        ContextLength = 64,
        CodebookSize = 16,
        Transformer = new() { Width = 16, Depth = 1, Heads = 1, AttentionOrder = 0, BlockCount = 8 },
        Labels = new() { Generation = 3, ArtistCount = 3, GenreCount = 3, MaxGenres = 1, TimeBins = 8, MinDurationSeconds = 0, MaxDurationSeconds = 60 },
        UpperCodes = level == 1 ? null : new() { Width = 8, Depth = 1, DilationGrowth = 3, ResidualScale = false },
    };

    private Dictionary<int, string> HashesOf(string hash) => Enumerable.Range(0, Spec.Levels).ToDictionary(level => level, _ => hash);

    private CodeCache Encoded(PriorSpec prior)
    {
        var codes = new CodeCache(_cache, HashesOf(Hash), Spec, _set);
        foreach (Track track in _set.Tracks)
        {
            codes.Compute(track, [.. Enumerable.Range(prior.Level, Spec.Levels - prior.Level)], _vqvae, CancellationToken.None);
        }

        return codes;
    }

    private CodeWindows WindowsOf(PriorSpec prior, CodeCache codes) => new(
        new TrackSelection(_set, _set.Tracks, 0, 0),
        codes,
        new TrackLabels(prior, Spec.SamplesPerToken(prior.Level), LabelTables.Open(_cache)),
        TrainingPresets.Find("tiny_top") with { Prior = prior, BatchSize = 3 },
        Spec);

    private int[] CodesOf(Track track, int level)
    {
        var samples = new float[track.LengthSamples];
        _set.Read(track, 0, samples);
        return _vqvae.Encode(level, samples);
    }
}

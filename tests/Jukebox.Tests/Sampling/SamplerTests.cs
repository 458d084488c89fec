using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Xunit;

namespace Jukebox.Tests.Sampling;

/// <summary>Modes, batches and folders, with a model that counts: the token at index t of a level is t.</summary>
public sealed class SamplerTests : IDisposable
{
    private const double TokenSeconds = 128 / 44100.0;

    private readonly TemporaryFolder _folder = new();

    private static StubSongModel Counting => new() { Token = (_, _, index) => (int)index };

    [Fact]
    public void AncestralTokensCountFromZeroAtEveryLevel()
    {
        StubSongModel model = Counting;
        string song = Sample(model, new SampleRequest { Seconds = 50 * TokenSeconds, Count = 3 });
        for (int level = 0; level < 3; level++)
        {
            Assert.All(SongFolder.ReadCodes(song, level), codes => Assert.Equal(Enumerable.Range(0, 50 << (2 * (2 - level))), codes));
        }
    }

    [Theory]
    [InlineData(50, 20)]
    [InlineData(50, 3)]
    [InlineData(12, 5)]
    public void APrimedSongGoesOnFromItsPromptToTheLengthAskedFor(int tokens, int promptTokens)
    {
        ModelTokens(tokens, out StubSongModel model, out int[] levels);
        string song = Sample(model, new SampleRequest { Seconds = tokens * TokenSeconds, Prompts = [new PromptRequest($"{promptTokens}")], SampleLevels = levels });
        for (int level = 0; level < 3; level++)
        {
            int perTop = 1 << (2 * (2 - level));
            int[] prompt = [.. Enumerable.Range(0, promptTokens * perTop).Select(t => t % 16)];
            int[] codes = SongFolder.ReadCodes(song, level)[0];
            Assert.Equal(prompt, codes[..prompt.Length]);
            Assert.Equal(Enumerable.Range(prompt.Length, codes.Length - prompt.Length), codes[prompt.Length..]);
            Assert.Equal((levels.Contains(level) ? tokens : promptTokens) * perTop, codes.Length);
        }
    }

    [Fact]
    public void AContinuedSongIsTheSongThatWasSampledAtOnce()
    {
        StubSongModel model = Counting;
        string whole = Sample(model, new SampleRequest { Seconds = 50 * TokenSeconds, Count = 2, Seed = 7 });
        string first = Sample(model, new SampleRequest { Seconds = 30 * TokenSeconds, Count = 2, Seed = 7 });
        string continued = Sample(model, new SampleRequest { Source = new SourceRequest(first), MoreSeconds = 20 * TokenSeconds });
        AssertSameCodes(whole, continued);
    }

    [Fact]
    public void ACutIsWhereTheContinuationStarts()
    {
        StubSongModel model = Counting;
        string first = Sample(model, new SampleRequest { Seconds = 40 * TokenSeconds });
        model.Windows.Clear();
        string continued = Sample(model, new SampleRequest { Source = new SourceRequest(first, EndSeconds: 20.6 * TokenSeconds), Seconds = 40 * TokenSeconds });
        Assert.Equal((2, 8L, 12, 1), model.Windows[0]);
        Assert.Equal([20, 80, 320], SongFolder.ReadDescription(continued).KnownTokens.OrderBy(count => count));
        AssertSameCodes(first, continued);
    }

    [Fact]
    public void ItemsUpsampledAloneHaveTheBytesOfTheBatch()
    {
        var model = new StubSongModel();
        string whole = Sample(model, new SampleRequest { Seconds = 30 * TokenSeconds, Count = 3, Seed = 5 });
        string top = Sample(model, new SampleRequest { Seconds = 30 * TokenSeconds, Count = 3, Seed = 5, SampleLevels = [2] });
        string one = Sample(model, new SampleRequest { Mode = SamplingMode.Upsample, Source = new SourceRequest(top, [1]) });
        for (int level = 0; level < 3; level++)
        {
            Assert.Equal(SongFolder.ReadCodes(whole, level)[1], SongFolder.ReadCodes(one, level)[0]);
        }

        Assert.Equal(File.ReadAllBytes(SongFolder.WavePath(whole, 0, 1)), File.ReadAllBytes(SongFolder.WavePath(one, 0, 1)));
        Assert.False(Directory.Exists(Path.Combine(one, "level_2")));
    }

    [Fact]
    public void AnUpsampledStretchIsWidenedToAWindow()
    {
        var model = new StubSongModel();
        string top = Sample(model, new SampleRequest { Seconds = 30 * TokenSeconds, SampleLevels = [2] });
        string part = Sample(model, new SampleRequest
        {
            Mode = SamplingMode.Upsample,
            SampleLevels = [1],
            Source = new SourceRequest(top, StartSeconds: 10 * TokenSeconds, EndSeconds: 12 * TokenSeconds),
        });
        Assert.Equal(SongFolder.ReadCodes(top, 2)[0][10..14], SongFolder.ReadCodes(part, 2)[0]);
        Assert.Equal(16, SongFolder.ReadCodes(part, 1)[0].Length);
        Assert.Equal(10 * TokenSeconds, SongFolder.ReadDescription(part).Request.OffsetSeconds!.Value, 9);
    }

    [Fact]
    public void OneItemRedoneAloneHasTheBytesOfTheBatch()
    {
        var model = new StubSongModel();
        string batch = Sample(model, new SampleRequest { Seconds = 30 * TokenSeconds, Count = 3, Seed = 5 });
        string alone = Sample(model, new SampleRequest { Seconds = 30 * TokenSeconds, Items = [2], Seed = 5 });
        for (int level = 0; level < 3; level++)
        {
            Assert.Equal(File.ReadAllBytes(SongFolder.WavePath(batch, level, 2)), File.ReadAllBytes(SongFolder.WavePath(alone, level, 2)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void BatchesInPiecesGiveTheSameAudio(int batchSize)
    {
        var model = new StubSongModel();
        string whole = Sample(model, new SampleRequest { Seconds = 30 * TokenSeconds, Count = 3, Seed = 5 });
        string pieces = Sample(model, new SampleRequest
        {
            Seconds = 30 * TokenSeconds,
            Count = 3,
            Seed = 5,
            Levels = [.. Enumerable.Range(0, 3).Select(level => new LevelRequest { Level = level, BatchSize = batchSize })],
        });
        AssertSameCodes(whole, pieces);
        for (int item = 0; item < 3; item++)
        {
            Assert.Equal(File.ReadAllBytes(SongFolder.WavePath(whole, 0, item)), File.ReadAllBytes(SongFolder.WavePath(pieces, 0, item)));
        }
    }

    [Fact]
    public void TheFirstWindowCanBeHeardBeforeTheLevelIsDone()
    {
        var model = new StubSongModel();
        SongDescription song = model.Resolve(new SampleRequest { Seconds = 100 * TokenSeconds, SampleLevels = [2] });
        using SongFolder folder = SongFolder.Create(_folder["song"], song, force: false);
        double heard = 0;
        using var stop = new CancellationTokenSource();
        var sampler = new Sampler(model, folder, StubSongModel.ReadPrompt, progress =>
        {
            heard = Math.Max(heard, progress.AudioSeconds);
            if (progress.Window == 3)
            {
                stop.Cancel();
            }
        });
        Assert.Equal(SamplingOutcome.Interrupted, sampler.Run(stop.Token));
        Assert.InRange(heard, 16 * TokenSeconds, 24 * TokenSeconds);
        int[] codes = SongFolder.ReadCodes(folder.FolderPath, 2)[0];
        byte[] wave = File.ReadAllBytes(SongFolder.WavePath(folder.FolderPath, 2, 0));
        Assert.Equal(wave.Length - 8, BitConverter.ToInt32(wave, 4));
        Assert.Equal(heard * 44100, (wave.Length - 44) / 2.0, 6);
        Assert.True(codes.Length < 100);
    }

    [Fact]
    public void ProgressCountsTokensToTheEnd()
    {
        var model = new StubSongModel();
        var events = new List<SamplingProgress>();
        Sample(model, new SampleRequest { Seconds = 20 * TokenSeconds, Count = 2 }, events.Add);
        long total = 2 * 20 * (1 + 4 + 16);
        SamplingProgress[] drawn = [.. events.Where(e => e.Phase == SamplingPhase.Sampling)];
        Assert.Equal(total, drawn[^1].DrawnTokens);
        Assert.All(drawn, e => Assert.Equal(total, e.DrawnTokens + e.RemainingTokens));
        Assert.Equal(drawn[^1].LevelTotal, drawn[^1].LevelTokens);
        Assert.Equal([2, 1, 0], drawn.Select(e => e.Level).Distinct());
    }

    public void Dispose() => _folder.Dispose();

    private static void ModelTokens(int tokens, out StubSongModel model, out int[] levels)
    {
        model = Counting;
        levels = tokens >= 16 ? [2, 1, 0] : [2];
    }

    private static void AssertSameCodes(string expected, string actual)
    {
        for (int level = 0; level < 3; level++)
        {
            Assert.Equal(SongFolder.ReadCodes(expected, level), SongFolder.ReadCodes(actual, level));
        }
    }

    private string Sample(StubSongModel model, SampleRequest request, Action<SamplingProgress>? report = null)
    {
        string path = _folder[Guid.NewGuid().ToString("N")];
        using SongFolder folder = SongFolder.Create(path, model.Resolve(request), force: false);
        Assert.Equal(SamplingOutcome.Finished, new Sampler(model, folder, StubSongModel.ReadPrompt, report).Run());
        return path;
    }
}

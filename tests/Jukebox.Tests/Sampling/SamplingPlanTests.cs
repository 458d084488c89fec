using System.Text.Json;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Songs;
using Jukebox.Songs.Plan;
using Jukebox.Songs.Request;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Sampling;

public sealed class SamplingPlanTests
{
    [SkippableFact]
    public void WindowStartsAreThoseOfTheOriginal()
    {
        using JsonDocument cases = JsonDocument.Parse(File.ReadAllBytes(GoldenDirectory.Require("window_starts.json")));
        Assert.True(cases.RootElement.GetArrayLength() > 0);
        foreach (JsonElement entry in cases.RootElement.EnumerateArray())
        {
            int[] expected = [.. entry.GetProperty("starts").EnumerateArray().Select(start => start.GetInt32())];
            Assert.Equal(
                expected,
                WindowStarts.Of(entry.GetProperty("total").GetInt32(), entry.GetProperty("n_ctx").GetInt32(), entry.GetProperty("hop").GetInt32()));
        }
    }

    [Fact]
    public void AShortSongIsOnePartialWindow() =>
        Assert.Equal([new SamplingWindow(0, 0, 6890)], SamplingPlan.Windows(6890, 8192, 1024, 0));

    [Fact]
    public void APartialWindowAfterAPromptDrawsOnlyWhatIsMissing() =>
        Assert.Equal([new SamplingWindow(0, 4134, 6890 - 4134)], SamplingPlan.Windows(6890, 8192, 1024, 4134));

    [Fact]
    public void TheLastWindowIsPulledBackAndKeepsWhatIsKnown()
    {
        Assert.Equal([new SamplingWindow(0, 0, 6144), new SamplingWindow(746, 5398, 746)], SamplingPlan.Windows(6890, 6144, 768, 0));
        IReadOnlyList<SamplingWindow> windows = SamplingPlan.Windows(110240, 8192, 4096, 0);
        Assert.Equal(26, windows.Count);
        Assert.Equal(new SamplingWindow(102048, 4448, 3744), windows[^1]);
    }

    [Fact]
    public void AMinuteHasTheWindowsOfTheSpecification()
    {
        IReadOnlyList<SamplingWindow> top = SamplingPlan.Windows(20671, 8192, 1024, 0);
        Assert.Equal(14, top.Count);
        Assert.Equal(new SamplingWindow(12479, 8001, 191), top[^1]);
        Assert.Equal(20, SamplingPlan.Windows(20671, 6144, 768, 0).Count);
        Assert.Equal(20, SamplingPlan.Windows(4 * 20671, 8192, 4096, 0).Count);
        Assert.Equal(80, SamplingPlan.Windows(16 * 20671, 8192, 4096, 0).Count);
    }

    [Fact]
    public void AContinuedSongSkipsWindowsThatAreThere()
    {
        IReadOnlyList<SamplingWindow> top = SamplingPlan.Windows(1763968 / 128, 8192, 1024, 6890);
        Assert.Equal(new SamplingWindow(0, 6890, 1302), top[0]);
        Assert.Equal(1024, top[1].NewTokens);
        Assert.Equal(new SamplingWindow(20480, 7080, 1112), SamplingPlan.Windows(1763968 / 32, 8192, 4096, 27560)[0]);
    }

    [Theory]
    [InlineData(100, 16, 8, 0)]
    [InlineData(101, 16, 5, 3)]
    [InlineData(17, 16, 16, 17)]
    [InlineData(9, 16, 4, 2)]
    [InlineData(1000, 64, 1, 31)]
    public void WindowsDrawEveryTokenOnceAndInOrder(int total, int context, int hop, int known)
    {
        int next = known;
        foreach (SamplingWindow window in SamplingPlan.Windows(total, context, hop, known))
        {
            Assert.Equal(next, window.StartToken + window.KnownTokens);
            Assert.InRange(window.EndToken - window.StartToken, 1, context);
            next += window.NewTokens;
        }

        Assert.Equal(total, next);
    }

    [Fact]
    public void AHopBesideTheUpsamplingFactorNamesFractionsThatWork()
    {
        var model = new StubSongModel(StubSongModel.Describe(contextLength: 8192));
        string message = Refused(model, new SampleRequest { Seconds = 20, Levels = [new LevelRequest { Level = 1, HopFraction = 0.1 }] });
        Assert.Contains("level 1", message);
        Assert.Contains("819 tokens apart", message);
        Assert.Contains("upsampling factor 4", message);
        foreach (string fraction in (string[])["0.0997", "0.1001"])
        {
            Assert.Contains(fraction, message);
            double value = double.Parse(fraction, System.Globalization.CultureInfo.InvariantCulture);
            SamplingPlan.Create(
                model.Resolve(new SampleRequest { Seconds = 20, Levels = [new LevelRequest { Level = 1, HopFraction = value }] }), model.Description);
        }
    }

    [Fact]
    public void UpsamplingLessThanAWindowNamesBothLengths()
    {
        var model = new StubSongModel(StubSongModel.Describe(contextLength: 8192));
        string message = Refused(model, new SampleRequest { Seconds = 3 });
        Assert.Contains("windows of 5.94 s", message);
        Assert.Contains("has 3.00 s", message);
        Assert.Contains("at least 5.95 seconds", message);
        Assert.Single(SamplingPlan.Create(model.Resolve(new SampleRequest { Seconds = 3, SampleLevels = [2] }), model.Description).Levels);
        SamplingPlan.Create(model.Resolve(new SampleRequest { Seconds = 5.95 }), model.Description);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(600)]
    public void ATotalLengthOutsideTheModelsRangeNamesTheRange(double totalSeconds)
    {
        string message = Refused(Labelled(), new SampleRequest { Seconds = 20, TotalSeconds = totalSeconds });
        Assert.Contains($"{totalSeconds:0.00} s", message);
        Assert.Contains("17.84 s up to (not including) 600 s", message);
        Assert.Contains("--total-seconds", message);
    }

    [Theory]
    [InlineData(12, 600, null, 180)]
    [InlineData(12, 600, 30.0, 30)]
    [InlineData(12, 600, 15.0, 20.0013)] // the audio is longer
    [InlineData(240, 600, 30.0, 240)] // no song that the model knows is that short
    [InlineData(12, 60, null, 20.0013)] // none is that long
    public void ASongOfNoStatedLengthIsImaginedInOneThatTheModelKnows(double least, double most, double? byDefault, double expected)
    {
        ModelDescription labelled = Labelled(least, most).Description;
        var model = new StubSongModel(labelled with { Defaults = [.. labelled.Defaults[..2], labelled.Defaults[2] with { TotalSeconds = byDefault }] });
        SongDescription song = model.Resolve(new SampleRequest { Seconds = 20.0013 });
        Assert.Equal(expected, song.Request.TotalSeconds!.Value, 0.003);
        SamplingPlan.Create(song, model.Description);
    }

    [Fact]
    public void AudioBeyondTheTotalLengthIsRefused()
    {
        string message = Refused(Labelled(), new SampleRequest { Seconds = 60, TotalSeconds = 30 });
        Assert.Contains("total length is 30.00 s", message);
    }

    [Fact]
    public void FinerLevelsNeedTheCodesAbove()
    {
        string message = Refused(new StubSongModel(), new SampleRequest { Seconds = 1, SampleLevels = [0] });
        Assert.Contains("level 0 needs the codes of level 1", message);
    }

    [Fact]
    public void AMissingPriorIsNamed()
    {
        ModelDescription whole = StubSongModel.Describe();
        var model = new StubSongModel(whole with { Priors = whole.Priors[1..] });
        Assert.Contains("no prior for level 0", Refused(model, new SampleRequest { Seconds = 1, SampleLevels = [2, 1, 0] }));
        Assert.Equal([2, 1], model.Resolve(new SampleRequest { Seconds = 1 }).Request.SampleLevels!);
    }

    private static StubSongModel Labelled(double leastSeconds = 17.84, double mostSeconds = 600) => new(StubSongModel.Describe(new LabelSpec
    {
        Generation = 3,
        ArtistCount = 1,
        GenreCount = 1,
        MaxGenres = 1,
        TimeBins = 4,
        MinDurationSeconds = leastSeconds,
        MaxDurationSeconds = mostSeconds,
    }));

    private static string Refused(StubSongModel model, SampleRequest request) =>
        Assert.Throws<SamplingException>(() => SamplingPlan.Create(model.Resolve(request), model.Description)).Message;
}

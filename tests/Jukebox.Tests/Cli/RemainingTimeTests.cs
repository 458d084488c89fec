using Jukebox.Cli;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Songs.Plan;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Jukebox.Studio.Songs;
using Jukebox.Tests.Sampling;
using Xunit;

namespace Jukebox.Tests.Cli;

public sealed class RemainingTimeTests : IDisposable
{
    private readonly CpuBackend _backend = new();

    public void Dispose() => _backend.Dispose();

    [Fact]
    public void NothingMeasuredSaysNothing() =>
        Assert.Null(RemainingTime.Seconds([new LevelPace(100, 1, null), new LevelPace(400, 2, null)]));

    [Fact]
    public void EveryMeasuredLevelGoesOnAtItsOwnRate() =>
        Assert.Equal(100 / 4.0 + 400 / 50.0, RemainingTime.Seconds([new LevelPace(100, 1, 4), new LevelPace(400, 1, 50)])!.Value, 9);

    [Fact]
    public void LevelsToComeGoByTheirCostBesideTheLastOneMeasured()
    {
        // The second level takes 0.1 s for a token of cost 2, so a token of cost 6 takes 0.3 s; the first level's rate is not asked.
        double seconds = RemainingTime.Seconds([new LevelPace(0, 1, 1000), new LevelPace(50, 2, 10), new LevelPace(200, 6, null)])!.Value;
        Assert.Equal(50 * 0.1 + 200 * 0.3, seconds, 9);
    }

    [Fact]
    public void NothingLeftTakesNoTime() => Assert.Equal(0, RemainingTime.Seconds([new LevelPace(0, 3, 7), new LevelPace(0, 5, null)]));

    [Fact]
    public void ALevelsWorkIsItsPlansTokensAndWhatTheirPriorReads()
    {
        (LevelPlan plan, SongDescription song) = Plan(hopFraction: 0.5, count: 3, batchSize: 3);
        PriorSpec prior = PublishedModels.Upsampler(1);
        LevelWork work = Work(plan, song, prior);
        Assert.Equal(3 * (plan.TotalTokens - plan.KnownTokens), work.NewTokens);

        // The weights of a step are read once for three items.
        double weights = PriorTraffic.OfStep(prior, PublishedModels.VqVae, new WeightStorage(_backend, ElementType.F32), 3, 0).WeightBytes / 3.0;
        Assert.InRange(work.Cost, weights, 2 * weights);
    }

    [Fact]
    public void ATokenCostsMoreWhereWindowsArePrimedMoreOftenOrFewerItemsShareAStep()
    {
        double Cost(double hopFraction, int batchSize)
        {
            (LevelPlan plan, SongDescription song) = Plan(hopFraction, count: 4, batchSize);
            return Work(plan, song, PublishedModels.Upsampler(1)).Cost;
        }

        Assert.True(Cost(0.25, 4) > Cost(0.5, 4));
        Assert.True(Cost(0.5, 1) > 2 * Cost(0.5, 4));
    }

    [Fact]
    public void TheProgressLineEndsWithTheTimeByTheClock()
    {
        using var error = new StringWriter();
        var clock = new HandClock();
        var text = new ProgressText(new Terminal(TextWriter.Null, error, isLive: true), clock, [new LevelWork(1, 10, 1), new LevelWork(0, 100, 3)]);
        text.Report(Progress(1, 1));
        clock.Now += TimeSpan.FromMinutes(2);
        Thread.Sleep(200); // a live line changes ten times a second
        text.Report(Progress(1, 2));

        // One token in two minutes: eight more, and a hundred of three times the cost, are 616 minutes from 00:02.
        Assert.EndsWith("done at 10:18", error.ToString(), StringComparison.Ordinal);
    }

    private static SamplingProgress Progress(int level, int drawn) =>
        new(SamplingPhase.Sampling, level, 1, 1, 1, drawn, 10, drawn - 1, 110 - drawn, 0);

    private LevelWork Work(LevelPlan plan, SongDescription song, PriorSpec prior) =>
        LevelWork.Of(plan, song, PublishedModels.VqVae, prior, new WeightStorage(_backend, ElementType.F32));

    private static (LevelPlan Plan, SongDescription Song) Plan(double hopFraction, int count, int batchSize)
    {
        var model = new StubSongModel(StubSongModel.Describe(contextLength: 64), "0");
        SongDescription song = model.Resolve(new SampleRequest
        {
            Seconds = 100 * 128 / 44100.0,
            Count = count,
            Levels = [new LevelRequest { Level = 1, HopFraction = hopFraction, BatchSize = batchSize }],
        });
        return (SamplingPlan.Create(song, model.Description).Levels.Single(level => level.Level == 1), song);
    }

    /// <summary>A clock in universal time that stands still unless it is moved.</summary>
    private sealed class HandClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override long GetTimestamp() => Now.Ticks;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}

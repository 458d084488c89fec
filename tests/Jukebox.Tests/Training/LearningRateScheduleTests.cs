using Jukebox.Training.Optimisation;
using Jukebox.Training.Settings;
using Xunit;

namespace Jukebox.Tests.Training;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(50, 1.5e-4)]
    [InlineData(100, 3e-4)]
    [InlineData(1_000_000, 3e-4)]
    public void ByDefaultTheRateWarmsUpAndStays(long step, double rate) =>
        Assert.Equal(rate, new LearningRateSchedule { BaseRate = 3e-4 }.At(step), 1e-15);

    [Theory]
    [InlineData(9, 2)]
    [InlineData(10, 1)]
    [InlineData(29, 0.5)]
    public void TheExponentialDecayGoesInSteps(long step, double rate) =>
        Assert.Equal(rate, new LearningRateSchedule { BaseRate = 1, Scale = 2, WarmupSteps = 0, DecaySteps = 10, Gamma = 0.5 }.At(step), 1e-15);

    [Theory]
    [InlineData(2, 0.5)]
    [InlineData(4, 1)]
    [InlineData(7, 1)]
    [InlineData(10, 0.4)]
    [InlineData(11, 0.2)]
    [InlineData(12, 0)]
    public void TheLineFallsToZero(long step, double rate)
    {
        var schedule = new LearningRateSchedule { BaseRate = 1, WarmupSteps = 4, DecaySteps = 5, IsLinear = true, LinearStartStep = 7 };
        Assert.Equal(rate, schedule.At(step), 1e-15);
    }

    [Fact]
    public void TheLineOfARunReachesZeroWhenItsStepsAreDone()
    {
        LearningRateSchedule schedule = new RateSettings { LearningRate = 1, WarmupSteps = 0, AnnealFraction = 0.25 }.ScheduleOf(40);
        Assert.Equal([1, 0.9, 0.1, 0], ((long[])[30, 31, 39, 40]).Select(schedule.At), (expected, actual) => Math.Abs(expected - actual) < 1e-12);
    }
}

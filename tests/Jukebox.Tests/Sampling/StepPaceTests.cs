using Jukebox.Songs.Sampling;
using Xunit;

namespace Jukebox.Tests.Sampling;

public sealed class StepPaceTests
{
    [Fact]
    public void SlowTokensAreAskedForOneByOne()
    {
        var pace = new StepPace(32);
        Assert.Equal(1, pace.Next);
        pace.Took(1, TimeSpan.FromSeconds(0.08));
        Assert.Equal(1, pace.Next);
        pace.Took(1, TimeSpan.FromSeconds(5));
        Assert.Equal(1, pace.Next);
    }

    [Fact]
    public void QuickTokensAreAskedForTogetherUpToTheMost()
    {
        var pace = new StepPace(32);
        var asked = new List<int>();
        for (int i = 0; i < 7; i++)
        {
            asked.Add(pace.Next);
            pace.Took(pace.Next, TimeSpan.FromMilliseconds(pace.Next));
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 32], asked);
        pace.Took(32, TimeSpan.FromSeconds(1));
        Assert.Equal(3, pace.Next);
        pace.Took(3, TimeSpan.Zero);
        Assert.Equal(6, pace.Next);
    }
}

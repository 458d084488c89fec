using Jukebox.Cpu;
using Xunit;

namespace Jukebox.Tests.Ops;

public sealed unsafe class ThreadTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void EveryPartRunsExactlyOnceInEveryRun(int threads)
    {
        using var team = new ThreadTeam(threads);
        var counts = new int[100];
        fixed (int* job = counts)
        {
            for (int run = 1; run <= 2000; run++)
            {
                int parts = 1 + (run % counts.Length);
                team.Run(&Count, job, parts);
                if (run % 100 == 0)
                {
                    // Long enough for the workers to fall asleep.
                    Thread.Sleep(1);
                }
            }
        }

        for (int part = 0; part < counts.Length; part++)
        {
            Assert.Equal(Enumerable.Range(1, 2000).Count(run => part < 1 + (run % counts.Length)), counts[part]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void AnExceptionReachesTheCallerAndTheTeamGoesOn(int threads)
    {
        using var team = new ThreadTeam(threads);
        var error = Assert.Throws<InvalidOperationException>(() => team.Run(&Fail, null, 8));
        Assert.Equal("part 5", error.Message);
        var counts = new int[8];
        fixed (int* job = counts)
        {
            team.Run(&Count, job, 8);
        }

        Assert.All(counts, count => Assert.Equal(1, count));
    }

    [Fact]
    public void ASecondCallerIsRefused()
    {
        using var team = new ThreadTeam(2);
        using var entered = new CountdownEvent(2);
        using var leave = new ManualResetEventSlim();
        (Entered, Leave) = (entered, leave);
        var first = new Thread(() => team.Run(&Block, null, 2));
        first.Start();
        entered.Wait();
        Assert.Throws<InvalidOperationException>(() => team.Run(&Fail, null, 2));
        leave.Set();
        first.Join();
    }

    private static CountdownEvent? Entered { get; set; }

    private static ManualResetEventSlim? Leave { get; set; }

    private static void Count(void* job, int part, int worker) => Interlocked.Increment(ref ((int*)job)[part]);

    private static void Block(void* job, int part, int worker)
    {
        Entered!.Signal();
        Leave!.Wait();
    }

    private static void Fail(void* job, int part, int worker)
    {
        if (part == 5)
        {
            throw new InvalidOperationException("part 5");
        }
    }
}

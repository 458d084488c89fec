using Jukebox.Cpu.Threads;
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

    [Fact]
    public void EveryThreadBeginsWithTheSameShareInEveryRun()
    {
        const int Threads = 3;
        using var team = new ThreadTeam(Threads);
        var workers = new int[2 * Threads];
        fixed (int* job = workers)
        {
            for (int run = 0; run < 50; run++)
            {
                // Nobody goes on before everybody has begun, so nobody takes another's first part.
                using var entered = new CountdownEvent(Threads);
                Entered = entered;
                team.Run(&Meet, job, workers.Length);
                Assert.Equal([0, 1, 2], [workers[0], workers[2], workers[4]]);
            }
        }
    }

    [Fact]
    public void PartsOfAThreadThatIsHeldUpAreTakenByTheOthers()
    {
        using var team = new ThreadTeam(2);
        const int Parts = 10;
        using var others = new CountdownEvent(Parts - 1);
        using var begun = new ManualResetEventSlim();
        (Entered, Leave) = (others, begun);
        var workers = new int[Parts];
        fixed (int* job = workers)
        {
            // The first part ends when all others are done: the second thread must have done the first one's.
            team.Run(&HoldFirst, job, Parts);
        }

        Assert.Equal([0, .. Enumerable.Repeat(1, Parts - 1)], workers);
    }

    private static CountdownEvent? Entered { get; set; }

    private static ManualResetEventSlim? Leave { get; set; }

    private static void Count(void* job, int part, int worker) => Interlocked.Increment(ref ((int*)job)[part]);

    private static void Meet(void* job, int part, int worker)
    {
        ((int*)job)[part] = worker;
        if (part % 2 == 0)
        {
            Entered!.Signal();
            Assert.True(Entered.Wait(TimeSpan.FromSeconds(30)), "a thread never began");
        }
    }

    private static void HoldFirst(void* job, int part, int worker)
    {
        ((int*)job)[part] = worker;
        if (part == 0)
        {
            Leave!.Set();
            Assert.True(Entered!.Wait(TimeSpan.FromSeconds(30)), "nobody took the other parts");
        }
        else
        {
            Assert.True(Leave!.Wait(TimeSpan.FromSeconds(30)), "the first part never began");
            Entered!.Signal();
        }
    }

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

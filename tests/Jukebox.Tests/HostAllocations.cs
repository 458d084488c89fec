namespace Jukebox.Tests;

/// <summary>What a repeated piece of work allocates on the host.</summary>
internal static class HostAllocations
{
    private const int WarmUps = 5, Rounds = 4, RepetitionsPerRound = 6;

    /// <summary>
    /// Bytes that the calling thread allocates in some repetitions, the least of several rounds: the run time itself allocates now
    /// and then, a step that allocates does so every time.
    /// </summary>
    public static long Of(Action step)
    {
        for (int i = 0; i < WarmUps; i++)
        {
            step();
        }

        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < RepetitionsPerRound; i++)
            {
                step();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}

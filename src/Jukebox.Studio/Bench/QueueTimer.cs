using Jukebox.Core.Contract;

namespace Jukebox.Studio.Bench;

/// <summary>
/// Times work on a device. An operation may return before it is done, so the clock starts when the queue is empty and stops when it is
/// empty again: otherwise what is timed is how fast work is handed over.
/// </summary>
internal readonly record struct QueueTimer(IBackend Backend, TimeProvider Clock)
{
    /// <summary>Seconds that the work takes, all that it queued included.</summary>
    public double Seconds(Action work)
    {
        Backend.Synchronize();
        long start = Clock.GetTimestamp();
        work();
        Backend.Synchronize();
        return Clock.GetElapsedTime(start).TotalSeconds;
    }
}

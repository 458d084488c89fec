namespace Jukebox.Training.Runs;

/// <summary>Measures steps, without what is done between them.</summary>
internal sealed class StepClock(TimeProvider time)
{
    // Weight of the newest step in the mean: some twenty steps count.
    private const double Share = 0.05;

    private long _begun = time.GetTimestamp();
    private long _last = time.GetTimestamp();

    /// <summary>Time since <see cref="Restart"/>.</summary>
    public TimeSpan Running => time.GetElapsedTime(_begun);

    /// <summary>Time of a step, lately; 0 before the first.</summary>
    public double SecondsPerStep { get; private set; }

    /// <summary>Begins to measure.</summary>
    public void Restart() => _begun = _last = time.GetTimestamp();

    /// <summary>Ends a step; gives the time of one, lately.</summary>
    public double Lap()
    {
        double seconds = Math.Max(time.GetElapsedTime(_last).TotalSeconds, 1e-9);
        SecondsPerStep = SecondsPerStep == 0 ? seconds : SecondsPerStep + (Share * (seconds - SecondsPerStep));
        Skip();
        return SecondsPerStep;
    }

    /// <summary>Leaves the time since the last call out.</summary>
    public void Skip() => _last = time.GetTimestamp();
}

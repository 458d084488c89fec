namespace Jukebox.Training.Settings;

/// <summary>When a run does what, in steps; 0 is never.</summary>
public sealed record TrainingIntervals
{
    /// <summary>Steps to a line of figures.</summary>
    public long LogEvery { get; set; } = 20;

    /// <summary>Steps to a checkpoint; one is also written at the end.</summary>
    public long CheckpointEvery { get; set; } = 500;

    /// <summary>Checkpoints that are kept.</summary>
    public int KeptCheckpoints { get; set; } = 3;

    /// <summary>Steps to a validation.</summary>
    public long ValidateEvery { get; set; } = 500;

    /// <summary>Most windows that a validation measures.</summary>
    public int ValidationWindows { get; set; } = 64;

    /// <summary>Steps to sample audio.</summary>
    public long SampleEvery { get; set; } = 2000;
}

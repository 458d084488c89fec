namespace Jukebox.Training.Runs;

/// <summary>Where a run stands.</summary>
/// <param name="Step">Steps that were done.</param>
/// <param name="Steps">Steps that the run has.</param>
/// <param name="Metrics">Figures of the last step.</param>
/// <param name="SecondsPerStep">Time of a step, lately.</param>
/// <param name="AudioSecondsPerSecond">Audio learnt from in a second, lately.</param>
public sealed record TrainingProgress(
    long Step, long Steps, IReadOnlyDictionary<string, double> Metrics, double SecondsPerStep, double AudioSecondsPerSecond);

/// <summary>How a run ended.</summary>
public enum TrainingOutcome
{
    /// <summary>Every step was done.</summary>
    Done,

    /// <summary>Its time was up.</summary>
    OutOfTime,

    /// <summary>It was told to stop.</summary>
    Interrupted,
}

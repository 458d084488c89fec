namespace Jukebox.Training.Runs;

/// <summary>The loop of a run, whatever it learns from.</summary>
public interface ITrainer
{
    /// <summary>Steps that were done.</summary>
    long Step { get; }

    /// <summary>Called with the progress of each step.</summary>
    Action<TrainingProgress>? OnStep { get; set; }

    /// <summary>Called with the figures of each validation.</summary>
    Action<MetricsLine>? OnValidation { get; set; }

    /// <summary>Told what could not be written and is not needed.</summary>
    Action<string>? OnNote { get; set; }

    /// <summary>Goes on until every step is done, or the time is up, or it is cancelled; ends with a checkpoint.</summary>
    /// <param name="budget">Time from now after which it stops by itself, or none.</param>
    /// <param name="cancellation">Stops it after the step at hand.</param>
    TrainingOutcome Run(TimeSpan? budget, CancellationToken cancellation);
}

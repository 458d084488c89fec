namespace Jukebox.Training.Batches;

/// <summary>What a run learns from and is measured on.</summary>
/// <typeparam name="TBatch">What one step learns from.</typeparam>
public interface IBatchSource<out TBatch>
{
    /// <summary>Steps after which every window was used once.</summary>
    long StepsPerEpoch { get; }

    /// <summary>Seconds of audio in a batch.</summary>
    double SecondsPerBatch { get; }

    /// <summary>The batch of a step, from 0: a function of the run's seed and of this.</summary>
    TBatch BatchOf(long step);

    /// <summary>Batches to measure on, the same at every time; empty where nothing was kept for it.</summary>
    IEnumerable<TBatch> Validation();
}

using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Studio.Songs;

namespace Jukebox.Studio.Bench;

/// <summary>How long a song would take, from a quick measurement.</summary>
public static class SongTime
{
    /// <summary>Enough for a first guess, little enough for patience.</summary>
    private const int MeasuredPrimeTokens = 64, MeasuredDecodeTokens = 16;

    /// <summary>What a song takes, with the time of each level; without it where its memory does not suffice.</summary>
    /// <param name="needs">What it takes otherwise.</param>
    /// <param name="backend">What is to compute it.</param>
    /// <param name="model">The model; its priors are loaded one after the other.</param>
    /// <param name="progress">Told which level is measured next.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DamagedFileException">The weights are damaged.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Requirements Measure(Requirements needs, IBackend backend, ModelFolder model, Action<int> progress, CancellationToken cancellation) =>
        needs.MemoryBytes > needs.AvailableMemoryBytes
            ? needs
            : needs.WithTime($"a quick measurement of {MeasuredDecodeTokens} tokens per level on {backend.Name}", level =>
            {
                progress(level.Level);
                PriorTimes times = PriorBench.Measure(backend, model, level.Level, level.BatchSize, MeasuredPrimeTokens, MeasuredDecodeTokens, cancellation);
                return ((level.NewTokens * times.DecodeSecondsPerToken) + (level.PrimedTokens * times.PrimeSecondsPerToken)) / level.BatchSize;
            });
}

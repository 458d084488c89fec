using Jukebox.Core;
using Jukebox.Core.ModelFormat;

namespace Jukebox.Training;

/// <summary>Whether settings make sense, asked before anything is read or computed.</summary>
public static class SettingsCheck
{
    private const long WindowLimit = 1 << 24;

    /// <summary>Requires it.</summary>
    /// <exception cref="TrainingException">They do not; the setting is named.</exception>
    public static void Require(TrainingSettings settings, TrainingKind kind)
    {
        if ((ProblemOf(settings, kind) ?? (kind == TrainingKind.VqVae ? ProblemOfVqVae(settings) : ProblemOfPrior(settings))) is { } problem)
        {
            throw new TrainingException($"The settings make no sense: {problem}.");
        }
    }

    private static string? ProblemOf(TrainingSettings settings, TrainingKind kind)
    {
        if (settings.Kind != kind)
        {
            return $"they train a {Said(settings.Kind)}, and a {Said(kind)} was asked for; choose another --preset";
        }

        if (settings.SampleRateHz is < 1000 or > 384_000)
        {
            return $"sample_rate_hz is {settings.SampleRateHz}; it must lie in 1000 to 384000";
        }

        if (settings.BatchSize is < 1 or > 65_536)
        {
            return $"batch_size is {settings.BatchSize}; it must lie in 1 to 65536";
        }

        if (settings.Steps < 1)
        {
            return $"steps is {settings.Steps}; at least one is needed";
        }

        if (settings.Windows.TrainFraction is not (> 0 and <= 1))
        {
            return "windows.train_fraction must lie above 0 and not above 1";
        }

        if (settings.Rate.AnnealFraction is not (>= 0 and <= 1) || settings.Rate.LearningRate is not (>= 0 and < 1e3))
        {
            return "rate.anneal_fraction must lie in 0 to 1, and rate.learning_rate not below 0";
        }

        TrainingIntervals intervals = settings.Intervals;
        return Math.Min(Math.Min(intervals.LogEvery, intervals.CheckpointEvery), Math.Min(intervals.ValidateEvery, intervals.SampleEvery)) < 0
            || intervals.ValidationWindows < 0 || intervals.KeptCheckpoints < 1
            ? "the intervals are counts of steps, 0 being never, and at least one checkpoint is kept"
            : null;
    }

    private static string? ProblemOfVqVae(TrainingSettings settings)
    {
        if (settings.VqVae is not { } spec || settings.Loss is null || settings.Codebook is not { } codebook)
        {
            return "a VQ-VAE needs vq_vae, loss and codebook";
        }

        if (SpecValidation.ProblemOf(spec) is { } problem)
        {
            return problem;
        }

        int hop = spec.SamplesPerToken(spec.Levels - 1);
        if (settings.WindowSamples < hop || settings.WindowSamples > WindowLimit || settings.WindowSamples % hop != 0)
        {
            return $"window_samples is {settings.WindowSamples}; it must be a multiple of {hop}, the samples of a code of the top level";
        }

        if (codebook.RevivalThresholds.Length != spec.Levels)
        {
            return $"codebook.revival_thresholds has {codebook.RevivalThresholds.Length} numbers for {spec.Levels} levels";
        }

        return codebook.Keep is >= 0 and < 1 ? null : "codebook.keep must lie in 0 to 1";
    }

    /// <summary>A prior is checked as far as its VQ-VAE is known; label tables that the data will fill are taken for one row.</summary>
    private static string? ProblemOfPrior(TrainingSettings settings)
    {
        if (settings.Prior is not { } prior)
        {
            return "a prior needs prior";
        }

        if (settings.LyricsLossFraction is not (>= 0 and <= 1) || settings.Storage is not (ElementType.F32 or ElementType.F16 or ElementType.BF16))
        {
            return "lyrics_loss_fraction must lie in 0 to 1, and storage is F32, F16 or BF16";
        }

        if (settings.VqVae is not { } vqvae)
        {
            return null;
        }

        LabelSpec? labels = prior.Labels is { } given ? given with { ArtistCount = Math.Max(1, given.ArtistCount), GenreCount = Math.Max(1, given.GenreCount) } : null;
        if (SpecValidation.ProblemOf(prior with { Labels = labels }, vqvae) is { } problem)
        {
            return problem;
        }

        int unit = CodeWindows.UnitTokens(prior, vqvae);
        return prior.ContextLength % unit == 0 ? null : $"prior.context_length is {prior.ContextLength}; it must be a multiple of {unit}, the codes of one code above";
    }

    private static string Said(TrainingKind kind) => kind == TrainingKind.VqVae ? "VQ-VAE" : "prior";
}

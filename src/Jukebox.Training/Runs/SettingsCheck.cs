using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Training.Batches;
using Jukebox.Training.Optimisation;
using Jukebox.Training.Settings;
using Jukebox.Training.VqVaes;

namespace Jukebox.Training.Runs;

/// <summary>Whether settings make sense, asked before anything is read or computed.</summary>
internal static class SettingsCheck
{
    private const long WindowLimit = 1 << 24;

    // A layer's output is one tensor, which 32 bits count.
    private const long BatchLimit = int.MaxValue;

    /// <summary>Requires it.</summary>
    /// <exception cref="TrainingException">They do not; the setting is named.</exception>
    public static void Require(TrainingSettings settings, TrainingKind kind)
    {
        if ((ProblemOf(settings, kind) ?? (kind == TrainingKind.VqVae ? ProblemOfVqVae(settings) : ProblemOfPrior(settings))) is { } problem)
        {
            throw new TrainingException($"The settings make no sense: {problem}.");
        }
    }

    /// <summary>A prior whose label tables the data has yet to fill, with one row in each.</summary>
    public static PriorSpec WithRows(PriorSpec prior) => prior.Labels is not { } labels ? prior : prior with
    {
        Labels = labels with { ArtistCount = Math.Max(1, labels.ArtistCount), GenreCount = Math.Max(1, labels.GenreCount) },
    };

    private static string? ProblemOf(TrainingSettings settings, TrainingKind kind)
    {
        if (settings.Name.Length == 0 || settings.Name.Any(char.IsControl))
        {
            return "name must be a line of text";
        }

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

        if ((ProblemOf(settings.Windows) ?? ProblemOf(settings.Rate) ?? ProblemOf(settings.Optimizer)) is { } problem)
        {
            return problem;
        }

        TrainingIntervals intervals = settings.Intervals;
        return Math.Min(Math.Min(intervals.LogEvery, intervals.CheckpointEvery), Math.Min(intervals.ValidateEvery, intervals.SampleEvery)) < 0
            || intervals.ValidationWindows < 0 || intervals.KeptCheckpoints < 1
            ? "the intervals are counts of steps, 0 being never, and at least one checkpoint is kept"
            : null;
    }

    private static string? ProblemOf(WindowSettings windows)
    {
        if (windows.TrainFraction is not (> 0 and <= 1))
        {
            return "windows.train_fraction must lie above 0 and not above 1";
        }

        return (windows.MinSeconds ?? 0) is >= 0 and < 1e9 && (windows.MaxSeconds ?? 1) is > 0 and < 1e9
            ? null
            : "windows.min_seconds and windows.max_seconds are lengths of recordings, or null";
    }

    private static string? ProblemOf(RateSettings rate)
    {
        if (rate.AnnealFraction is not (>= 0 and <= 1) || rate.LearningRate is not (>= 0 and < 1e3))
        {
            return "rate.anneal_fraction must lie in 0 to 1, and rate.learning_rate not below 0";
        }

        return rate.WarmupSteps is >= 0 and < double.PositiveInfinity && rate.DecaySteps is > 0 and < double.PositiveInfinity && rate.Gamma is > 0 and <= 1
            ? null
            : "rate.warmup_steps and rate.decay_steps are counts of steps, and rate.gamma lies above 0 and not above 1";
    }

    private static string? ProblemOf(OptimizerOptions optimizer)
    {
        if (optimizer.FirstDecay is not (>= 0 and < 1) || optimizer.SecondDecay is not (>= 0 and < 1) || optimizer.AverageDecay is not (>= 0 and < 1))
        {
            return "optimizer.first_decay, second_decay and average_decay must lie in 0 to 1";
        }

        if (optimizer.Epsilon is not (> 0 and < 1) || optimizer.WeightDecay is not (>= 0 and < 1e3) || optimizer.AverageInterval < 1)
        {
            return "optimizer.epsilon must lie above 0, weight_decay not below it, and average_interval is a count of steps";
        }

        return optimizer.ClipNorm is >= 0 and < double.PositiveInfinity && optimizer.IgnoredNorm is >= 0 and < double.PositiveInfinity
            ? null
            : "optimizer.clip_norm and ignored_norm are norms, 0 being none";
    }

    private static string? ProblemOf(ReconstructionWeights loss)
    {
        double[] weights = [loss.Absolute, loss.Square, loss.Largest, loss.Spectral, loss.Multispectral, loss.Commit];
        return weights.All(weight => weight is >= 0 and < 1e9) && loss.LargestCount >= 1
            ? null
            : "the weights of loss must not lie below 0, and loss.largest_count is at least 1";
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

        if (spec.CodebookSize > ushort.MaxValue + 1)
        {
            return $"vq_vae.codebook_size is {spec.CodebookSize}; codes are kept in 16 bits, which hold {ushort.MaxValue + 1}";
        }

        int hop = spec.SamplesPerToken(spec.Levels - 1), shortest = ReconstructionLoss.DefaultResolution.TransformLength / 2;
        if (settings.WindowSamples <= shortest || settings.WindowSamples > WindowLimit || settings.WindowSamples % hop != 0)
        {
            return $"window_samples is {settings.WindowSamples}; it must be a multiple of {hop}, the samples of a code of the top level, and more than {shortest}";
        }

        int widest = Math.Max(spec.EmbeddingWidth, (int)(spec.Width * spec.Multipliers.Max() * Math.Max(1, spec.HiddenMultiplier)));
        if ((long)settings.BatchSize * settings.WindowSamples > BatchLimit / widest)
        {
            return $"{settings.BatchSize} windows of {settings.WindowSamples} samples are too much for a step; the most is {BatchLimit / widest} samples";
        }

        if (ProblemOf(settings.Loss) is { } ofLoss)
        {
            return ofLoss;
        }

        if (codebook.RevivalThresholds.Length != spec.Levels)
        {
            return $"codebook.revival_thresholds has {codebook.RevivalThresholds.Length} numbers for {spec.Levels} levels";
        }

        if (settings.TrainedLevels is { } levels && (levels.Length == 0 || levels.Any(level => level < 0 || level >= spec.Levels) || !levels.SequenceEqual(levels.Order().Distinct())))
        {
            return $"trained_levels is [{string.Join(", ", levels)}]; it must list some of levels 0 to {spec.Levels - 1} in ascending order, or be null for all";
        }

        return codebook.Keep is >= 0 and < 1 && codebook.RevivalThresholds.All(threshold => threshold is > 0 and < 1e9)
            ? null
            : "codebook.keep must lie in 0 to 1, and codebook.revival_thresholds above 0";
    }

    /// <summary>A prior is checked as far as its VQ-VAE is known; label tables that the data will fill are taken for one row.</summary>
    private static string? ProblemOfPrior(TrainingSettings settings)
    {
        if (settings.Prior is not { } prior)
        {
            return "a prior needs prior";
        }

        if (settings.Windows.Blend)
        {
            return "windows.blend is for a VQ-VAE; the codes that a prior learns are computed once, from the mean of both channels";
        }

        if (settings.LyricsLossFraction is not (>= 0 and <= 1) || settings.Storage is not (ElementType.F32 or ElementType.F16 or ElementType.BF16))
        {
            return "lyrics_loss_fraction must lie in 0 to 1, and storage is F32, F16 or BF16";
        }

        if (settings.Initialisation is not { Scale: >= 0 and < 1e3, LyricsScale: >= 0 and < 1e3, CodebookEmbedding: >= 0 and < 1e3 })
        {
            return "the scales of initialisation, and initialisation.codebook_embedding, must not lie below 0";
        }

        if (settings.VqVae is not { } vqvae)
        {
            return null;
        }

        if (SpecValidation.ProblemOf(WithRows(prior), vqvae) is { } problem)
        {
            return problem;
        }

        int unit = CodeWindows.UnitTokens(prior, vqvae);
        return prior.ContextLength % unit == 0 ? null : $"prior.context_length is {prior.ContextLength}; it must be a multiple of {unit}, the codes of one code above";
    }

    private static string Said(TrainingKind kind) => kind == TrainingKind.VqVae ? "VQ-VAE" : "prior";
}

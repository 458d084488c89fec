using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Training.Optimisation;
using Jukebox.Training.Priors;
using Jukebox.Training.VqVaes;

namespace Jukebox.Training.Settings;

/// <summary>What a run trains.</summary>
public enum TrainingKind
{
    /// <summary>The VQ-VAE.</summary>
    VqVae,

    /// <summary>A prior on a frozen VQ-VAE.</summary>
    Prior,
}

/// <summary>How windows are taken from recordings.</summary>
public sealed record WindowSettings
{
    /// <summary>Whether windows are shifted at random by up to half their length (<c>aug_shift</c>).</summary>
    public bool Shift { get; set; } = true;

    /// <summary>
    /// Whether a VQ-VAE learns from the two channels of a recording in shares drawn for each window (<c>aug_blend</c>), instead
    /// of from their mean. A prior cannot: the codes that it learns are computed once.
    /// </summary>
    public bool Blend { get; set; }

    /// <summary>Part of the windows that is learnt from, where no table says (<c>train_test_split</c>).</summary>
    public double TrainFraction { get; set; } = 0.9;

    /// <summary>Recordings must be at least that long; none means as long as a window.</summary>
    public double? MinSeconds { get; set; }

    /// <summary>Recordings must be shorter than that; none means any length.</summary>
    public double? MaxSeconds { get; set; }
}

/// <summary>The codebooks of a VQ-VAE in training.</summary>
public sealed record CodebookSettings
{
    /// <summary>μ of the moving averages (<c>l_mu</c>).</summary>
    public double Keep { get; set; } = 0.99;

    /// <summary>Average count of a step below which a code is restarted, by level (<c>revival_threshold</c>).</summary>
    public double[] RevivalThresholds { get; set; } = [1, 1, 1];
}

/// <summary>The learning rate from step to step.</summary>
public sealed record RateSettings
{
    /// <summary>The full rate (<c>lr</c>).</summary>
    public double LearningRate { get; set; } = 3e-4;

    /// <summary>Steps until the full rate; the first step has rate 0 (<c>lr_warmup</c>).</summary>
    public double WarmupSteps { get; set; } = 100;

    /// <summary>Steps between two factors of <see cref="Gamma"/> (<c>lr_decay</c>).</summary>
    public double DecaySteps { get; set; } = 1e10;

    /// <summary>Factor of the exponential decay (<c>lr_gamma</c>).</summary>
    public double Gamma { get; set; } = 1;

    /// <summary>Last part of the run, over which the rate falls to zero along a line instead; 0 for none.</summary>
    public double AnnealFraction { get; set; }

    /// <summary>The rate of each step of a run of that many.</summary>
    public LearningRateSchedule ScheduleOf(long steps)
    {
        double annealed = Math.Round(AnnealFraction * steps);
        return new LearningRateSchedule
        {
            BaseRate = LearningRate,
            WarmupSteps = WarmupSteps,
            Gamma = Gamma,
            DecaySteps = annealed > 0 ? annealed : DecaySteps,
            IsLinear = annealed > 0,
            LinearStartStep = steps - annealed,
        };
    }
}

/// <summary>Every setting of a run. A file of settings says what differs from a preset.</summary>
public sealed record TrainingSettings
{
    /// <summary>What the model is called.</summary>
    public required string Name { get; set; }

    /// <summary>What is trained.</summary>
    public required TrainingKind Kind { get; set; }

    /// <summary>Samples per second.</summary>
    public required int SampleRateHz { get; set; }

    /// <summary>Shape of the VQ-VAE. A prior's run takes that of the model it is given.</summary>
    public VqVaeSpec? VqVae { get; set; }

    /// <summary>Levels of the VQ-VAE that learn, ascending; none for all. The others stay as in the model that the run goes on from.</summary>
    public int[]? TrainedLevels { get; set; }

    /// <summary>Shape of the prior. A label table of 0 rows gets as many as the data has names.</summary>
    public PriorSpec? Prior { get; set; }

    /// <summary>How a prior's weights begin.</summary>
    public PriorInitialisation Initialisation { get; set; } = new();

    /// <summary>Weight of a prior's lyrics in its loss (<c>prime_loss_fraction</c>).</summary>
    public double LyricsLossFraction { get; set; } = 0.4;

    /// <summary>Whether a prior's layers run forward again in the backward pass, to save memory.</summary>
    public bool RecomputeActivations { get; set; }

    /// <summary>How an exported prior's matrices are stored: F32, F16 or BF16.</summary>
    public ElementType Storage { get; set; } = ElementType.F32;

    /// <summary>How a prior's level is sampled unless something else is asked for; none for the published way.</summary>
    public LevelDefaults? Sampling { get; set; }

    /// <summary>Where an exported model says its weights come from; none for what the run learnt from.</summary>
    public string? Origin { get; set; }

    /// <summary>Licence of an exported model.</summary>
    public string Licence { get; set; } = "not stated";

    /// <summary>Samples of a window of a VQ-VAE's run; a prior's is its context.</summary>
    public int WindowSamples { get; set; }

    /// <summary>Windows of a step.</summary>
    public required int BatchSize { get; set; }

    /// <summary>Steps of the run.</summary>
    public required long Steps { get; set; }

    /// <summary>Seed of everything random.</summary>
    public ulong Seed { get; set; } = 1;

    /// <summary>The learning rate.</summary>
    public required RateSettings Rate { get; set; }

    /// <summary>The optimiser.</summary>
    public required OptimizerOptions Optimizer { get; set; }

    /// <summary>Terms of a VQ-VAE's loss.</summary>
    public ReconstructionWeights? Loss { get; set; }

    /// <summary>Codebooks of a VQ-VAE.</summary>
    public CodebookSettings? Codebook { get; set; }

    /// <summary>How windows are taken.</summary>
    public required WindowSettings Windows { get; set; }

    /// <summary>When what is done.</summary>
    public required TrainingIntervals Intervals { get; set; }
}

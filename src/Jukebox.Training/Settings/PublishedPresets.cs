using Jukebox.Models.Format;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Settings;

/// <summary>How the published models were trained.</summary>
internal static class PublishedPresets
{
    private const int SampleRateHz = 44100;
    private const long Steps = 1_000_000;
    private const int BatchSize = 4;

    /// <summary>Adam as all of them have it.</summary>
    private static OptimizerOptions Optimizer { get; } = new() { AverageDecay = OptimizerOptions.AverageDecayOf(BatchSize) };

    /// <summary>As the recipes for priors have it.</summary>
    private static OptimizerOptions PriorOptimizer { get; } = Optimizer with { WeightDecay = 0.01 };

    public static TrainingSettings VqVae() => new()
    {
        Name = "vqvae",
        Kind = TrainingKind.VqVae,
        SampleRateHz = SampleRateHz,
        VqVae = PublishedModels.VqVae,
        WindowSamples = 262_144,
        BatchSize = BatchSize,
        Steps = Steps,
        Rate = new(),
        Optimizer = Optimizer,
        Loss = new(),
        Codebook = new(),
        Windows = new() { Blend = true },
        Intervals = new(),
    };

    public static TrainingSettings Top(string model) => Prior($"prior_{model}", PublishedModels.Top(model), initialScale: model == "1b_lyrics" ? 0.2 : 0.1) with
    {
        Optimizer = PriorOptimizer with { SecondDecay = model == "5b" ? 0.925 : PriorOptimizer.SecondDecay },
        LyricsLossFraction = model == "5b" ? 0 : 0.4,
    };

    public static TrainingSettings Upsampler(int level) => Prior($"upsampler_level_{level}", PublishedModels.Upsampler(level), initialScale: 0.4);

    /// <summary>What all recipes for priors of the reference have in common, but for the blend of channels, which codes that are computed once cannot have.</summary>
    /// <param name="name">What the model is called.</param>
    /// <param name="spec">Its shape.</param>
    /// <param name="initialScale">Factor of all initial weights.</param>
    public static TrainingSettings Prior(string name, PriorSpec spec, double initialScale) => new()
    {
        Name = name,
        Kind = TrainingKind.Prior,
        SampleRateHz = SampleRateHz,
        Prior = spec,
        BatchSize = BatchSize,
        Steps = Steps,
        Rate = new(),
        Optimizer = PriorOptimizer,
        Initialisation = new() { Scale = initialScale, LyricsScale = 0.7 },
        RecomputeActivations = true,
        Windows = new(),
        Intervals = new(),
    };
}

using Jukebox.Core.ModelFormat;

namespace Jukebox.Training;

/// <summary>How the published models were trained.</summary>
internal static class PublishedPresets
{
    private const int SampleRateHz = 44100;
    private const long Steps = 1_000_000;
    private const double WeightDecay = 0.01;

    public static TrainingSettings VqVae() => new()
    {
        Name = "vqvae",
        Kind = TrainingKind.VqVae,
        SampleRateHz = SampleRateHz,
        VqVae = PublishedModels.VqVae,
        WindowSamples = 262_144,
        BatchSize = 4,
        Steps = Steps,
        Rate = new(),
        Optimizer = new(),
        Loss = new(),
        Codebook = new(),
        Windows = new(),
        Intervals = new(),
    };

    public static TrainingSettings Top(string model) => Prior($"prior_{model}", PublishedModels.Top(model), initialScale: model == "1b_lyrics" ? 0.2 : 0.1) with
    {
        Optimizer = new() { WeightDecay = WeightDecay, SecondDecay = model == "5b" ? 0.925 : 0.999 },
        LyricsLossFraction = model == "5b" ? 0 : 0.4,
    };

    public static TrainingSettings Upsampler(int level) => Prior($"upsampler_level_{level}", PublishedModels.Upsampler(level), initialScale: 0.4);

    /// <summary>What all recipes for priors of the reference have in common.</summary>
    /// <param name="name">What the model is called.</param>
    /// <param name="spec">Its shape.</param>
    /// <param name="initialScale">Factor of all initial weights.</param>
    public static TrainingSettings Prior(string name, PriorSpec spec, double initialScale) => new()
    {
        Name = name,
        Kind = TrainingKind.Prior,
        SampleRateHz = SampleRateHz,
        Prior = spec,
        BatchSize = 4,
        Steps = Steps,
        Rate = new(),
        Optimizer = new() { WeightDecay = WeightDecay },
        Initialisation = new() { Scale = initialScale, LyricsScale = 0.7 },
        RecomputeActivations = true,
        Windows = new(),
        Intervals = new(),
    };
}

using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Training.Settings;

/// <summary>A model that two processor cores train in a day: some 5 million parameters at the top, some 3 in each upsampler.</summary>
internal static class TinyPresets
{
    private const int SampleRateHz = 22050;
    private const double InitialScale = 0.7;

    public static TrainingSettings VqVae() => new()
    {
        Name = "tiny",
        Kind = TrainingKind.VqVae,
        SampleRateHz = SampleRateHz,
        VqVae = PublishedModels.VqVae with { Downs = [4, 2, 2], Multipliers = [1, 1, 1] },
        WindowSamples = 8192,
        BatchSize = 8,
        Steps = 40_000,
        Rate = new() { LearningRate = 1e-3, AnnealFraction = 0.25 },
        // Codebooks follow the weights at once; an average that lags far behind them fits no codes until the rate has fallen.
        Optimizer = new() { AverageDecay = 0.99 },
        Loss = new(),
        // A quarter of the vectors that a step brings a code on average: 2, 1/2 and 1/8.
        Codebook = new() { RevivalThresholds = [0.5, 0.125, 0.03] },
        Windows = new(),
        Intervals = new(),
    };

    public static TrainingSettings Top() => Prior("tiny_top", new PriorSpec
    {
        Level = 2,
        ContextLength = 1024,
        CodebookSize = 2048,
        Transformer = new() { Width = 256, Depth = 18, Heads = 2, AttentionOrder = 2, BlockCount = 32 },
        Labels = Labels(minDurationSeconds: 12),
    });

    public static TrainingSettings Upsampler(int level) => Prior($"tiny_upsampler_{level}", new PriorSpec
    {
        Level = level,
        ContextLength = 1024,
        CodebookSize = 2048,
        Transformer = new() { Width = 192, Depth = 15, Heads = 1, AttentionOrder = 2, BlockCount = 32 },
        Labels = Labels(minDurationSeconds: 0),
        UpperCodes = new() { Width = 64, Depth = 8, DilationGrowth = 3, DilationCycle = 4, ResidualScale = level == 1 },
    });

    private static TrainingSettings Prior(string name, PriorSpec spec) => PublishedPresets.Prior(name, spec, InitialScale) with
    {
        SampleRateHz = SampleRateHz,
        BatchSize = 4,
        Steps = 40_000,
        Rate = new() { LearningRate = 1e-3, AnnealFraction = 0.25 },
        // An average over hundreds of steps is mostly beginnings where a run has only a few thousand.
        Optimizer = new() { WeightDecay = 0.01, AverageDecay = 0.99 },
        Initialisation = new() { Scale = InitialScale, CodebookEmbedding = 0.1 },
        RecomputeActivations = false,
        Storage = ElementType.BF16,
    };

    /// <summary>Tables as large as the data has names.</summary>
    private static LabelSpec Labels(double minDurationSeconds) => new()
    {
        Generation = 3,
        ArtistCount = 0,
        GenreCount = 0,
        MaxGenres = 1,
        TimeBins = 64,
        MinDurationSeconds = minDurationSeconds,
        MaxDurationSeconds = 600,
    };
}

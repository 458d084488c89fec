using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Testing.Golden;
using Jukebox.Training.Optimisation;
using Jukebox.Training.Priors;

namespace Jukebox.Tests.Training;

/// <summary>Tiny priors of every kind, in training from the same weights.</summary>
internal static class TinyPriors
{
    private const int SampleRateHz = 8000;

    /// <summary>Every kind that <see cref="SyntheticPriors"/> has, and what no published model has.</summary>
    public static IReadOnlyDictionary<string, PriorSpec> All { get; } = new Dictionary<string, PriorSpec>
    {
        ["unlabelled top"] = SyntheticPriors.Tiny('A'),
        ["separate output"] = SyntheticPriors.Tiny('B'),
        ["lyrics encoder"] = SyntheticPriors.Tiny('C'),
        ["lyrics in the sequence"] = SyntheticPriors.Tiny('D'),
        ["upsampler"] = SyntheticPriors.Tiny('E'),
        ["unlabelled upsampler"] = SyntheticPriors.Tiny('E') with { Labels = null },
        ["scaled residuals"] = Scaled(SyntheticPriors.Tiny('B')),
        ["scaled residuals with lyrics"] = Scaled(SyntheticPriors.Tiny('C') with { MergedDecoder = false }),
        ["summaries"] = Ordered(3),
        ["spread summaries"] = Ordered(4),
        ["dense"] = Ordered(9),
        ["wide hidden layers"] = SyntheticPriors.Tiny('B') with { Transformer = SyntheticPriors.Tiny('B').Transformer with { MlpMultiplier = 1.5, AttentionMultiplier = 0.5 } },
    };

    /// <summary>Two windows.</summary>
    public static PriorBatch Batch(PriorSpec spec, params int[] items)
    {
        PriorWindow window = SyntheticPriors.Window(spec, spec.ContextLength, items);
        return new PriorBatch { Codes = window.Known, UpperCodes = window.UpperCodes, Labels = window.Labels };
    }

    /// <summary>A prior with weights as a new one has them, only larger, so that every gradient is well above rounding.</summary>
    public static PriorTrainee Create(ITrainingBackend backend, PriorSpec spec, bool recompute = false)
    {
        var trainee = new PriorTrainee(
            backend, spec, SyntheticPriors.TinyVqVae, SampleRateHz, new PriorTraineeOptions { BatchSize = 2, RecomputeActivations = recompute });
        new PriorInitialisation { Scale = 8, LyricsScale = 8 }.Apply(trainee.Parameters, spec, null, 3);
        foreach (TensorEntry entry in trainee.Parameters.Entries.Where(entry => entry.Name.EndsWith("c_proj.w", StringComparison.Ordinal)))
        {
            // Cross layers begin at zero, where half of their gradients vanish.
            Initialisation.Fill(
                trainee.Parameters.Value(entry.Name), entry.Name, InitialDistribution.Normal(0.16), 4);
        }

        return trainee;
    }

    private static PriorSpec Scaled(PriorSpec spec) => spec with
    {
        Transformer = spec.Transformer with { ResidualScale = true },
        LyricsEncoder = spec.LyricsEncoder is { } encoder ? encoder with { ResidualScale = true } : null,
    };

    private static PriorSpec Ordered(int order) =>
        SyntheticPriors.Tiny('A') with { Transformer = SyntheticPriors.Tiny('A').Transformer with { AttentionOrder = order, Spread = 2 } };
}

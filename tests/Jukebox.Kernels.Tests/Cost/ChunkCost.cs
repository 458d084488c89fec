using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.PtxMachine;

namespace Jukebox.Tests.Cost;

/// <summary>The counted cost of priming: a chunk of known tokens through one layer of each attention kind.</summary>
public sealed record ChunkCost
{
    public required string Prior { get; init; }

    /// <summary>Bank conflicts: shared-memory wavefronts over those without any, all kernels of the chunk.</summary>
    public required double WavefrontRatio { get; init; }

    /// <summary>Share of the linear layers' operations that tensor cores do.</summary>
    public required double MatrixShare { get; init; }

    /// <summary>The same by kernel, for whoever looks for the culprit.</summary>
    public required IReadOnlyDictionary<string, double> WavefrontRatios { get; init; }

    /// <summary>Counts a chunk that begins in the middle of a window.</summary>
    public static ChunkCost Measure(string name, PriorSpec spec, int count, ElementType storage, int capability = 80)
    {
        using var counter = new CostCounter(capability, storage);
        using var memory = new StepMemory(counter.Backend, storage);
        var activations = new StepActivations(memory, spec, 1, spec.SequenceLength / 2, count);
        TransformerSpec stack = spec.Transformer;
        LaunchReport[] reports = [.. Enumerable.Range(0, stack.Depth).Select(stack.KindAt).Distinct().SelectMany(kind =>
        {
            using var layerMemory = new StepMemory(counter.Backend, storage);
            return counter.Count(new StepLayer(layerMemory, spec, kind, activations).Issue);
        })];
        LaunchCounts[] linear = [.. reports.Where(report => report.Kernel.StartsWith("linear", StringComparison.Ordinal)).Select(report => report.Counts!)];
        double matrix = linear.Sum(counts => (double)counts.MatrixFlops), other = linear.Sum(counts => (double)counts.Flops);
        return new ChunkCost
        {
            Prior = name,
            WavefrontRatio = Ratio(reports),
            MatrixShare = matrix / (matrix + other),
            WavefrontRatios = reports.GroupBy(report => report.Kernel).ToDictionary(kernel => kernel.Key, Ratio),
        };
    }

    private static double Ratio(IEnumerable<LaunchReport> reports)
    {
        double wavefronts = 0, ideal = 0;
        foreach (LaunchCounts counts in reports.Select(report => report.Counts!))
        {
            wavefronts += counts.SharedLoads.Wavefronts + counts.SharedStores.Wavefronts;
            ideal += counts.SharedLoads.IdealWavefronts + counts.SharedStores.IdealWavefronts;
        }

        return ideal == 0 ? 1 : wavefronts / ideal;
    }
}

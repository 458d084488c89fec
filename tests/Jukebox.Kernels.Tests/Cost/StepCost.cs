using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.PtxMachine;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.Tests.Cost;

/// <summary>What launches cost together.</summary>
/// <param name="Launches">Kernels.</param>
/// <param name="Bytes">Distinct 32-byte sectors of global memory that each launch touches, added up over launches: what memory must move when a cache holds what a launch repeats.</param>
/// <param name="Sectors">Sectors that the warps' requests touch, repetitions included.</param>
/// <param name="IdealSectors">As few as could hold what the requests ask for.</param>
public readonly record struct LaunchCost(double Launches, double Bytes, double Sectors, double IdealSectors)
{
    /// <summary>Adds launches up.</summary>
    public static LaunchCost Of(IEnumerable<LaunchReport> reports)
    {
        var sum = default(LaunchCost);
        foreach (LaunchCounts counts in reports.Select(report => report.Counts!))
        {
            sum += new LaunchCost(
                1,
                counts.DistinctGlobalBytes,
                counts.GlobalLoads.Sectors + counts.GlobalStores.Sectors,
                counts.GlobalLoads.IdealSectors + counts.GlobalStores.IdealSectors);
        }

        return sum;
    }

    public static LaunchCost operator +(LaunchCost a, LaunchCost b) =>
        new(a.Launches + b.Launches, a.Bytes + b.Bytes, a.Sectors + b.Sectors, a.IdealSectors + b.IdealSectors);

    public static LaunchCost operator *(int count, LaunchCost a) =>
        new(count * a.Launches, count * a.Bytes, count * a.Sectors, count * a.IdealSectors);
}

/// <summary>
/// The counted cost of drawing one token of a published prior: one layer of each attention kind is run at its real shape, and
/// counts as often as the stack has it; then embedding, logits and the draw.
/// </summary>
public sealed record StepCost
{
    public required string Prior { get; init; }

    public required int BatchSize { get; init; }

    /// <summary>A layer of each kind.</summary>
    public required IReadOnlyDictionary<AttentionKind, LaunchCost> Layers { get; init; }

    /// <summary>The whole step.</summary>
    public required LaunchCost Total { get; init; }

    /// <summary>Bytes of the whole step by the kernel that moves them.</summary>
    public required IReadOnlyDictionary<string, double> KernelBytes { get; init; }

    /// <summary>Weights once, what the queries see of the caches once, the new entries.</summary>
    public required double UnavoidableBytes { get; init; }

    /// <summary>Bytes over the unavoidable ones.</summary>
    public double ByteRatio => Total.Bytes / UnavoidableBytes;

    /// <summary>Sectors of requests over the ideal.</summary>
    public double SectorRatio => Total.Sectors / Total.IdealSectors;

    /// <summary>A position in the middle of a window and of a block.</summary>
    public static int MiddleOf(PriorSpec spec) => (spec.SequenceLength / 2) + (spec.SequenceLength / spec.Transformer.BlockCount / 2);

    /// <summary>Counts a step in the middle of a window, of a block and of a cache.</summary>
    public static StepCost Measure(string name, PriorSpec spec, int batchSize, ElementType storage, int capability = 80)
    {
        TransformerSpec stack = spec.Transformer;
        int position = MiddleOf(spec);
        using var counter = new CostCounter(capability, storage);
        using var memory = new StepMemory(counter.Backend, storage);
        var activations = new StepActivations(memory, spec, batchSize, position, 1);
        var head = new StepHead(memory, spec, activations);
        IReadOnlyList<LaunchReport> around = counter.Count(() =>
        {
            head.IssueBefore();
            head.IssueAfter();
        });
        LaunchCost total = LaunchCost.Of(around);
        var kernelBytes = new Dictionary<string, double>();
        AddBytes(kernelBytes, around, 1);
        var layers = new Dictionary<AttentionKind, LaunchCost>();
        activations.Rewind();
        foreach (IGrouping<AttentionKind, int> kind in Enumerable.Range(0, stack.Depth).GroupBy(stack.KindAt))
        {
            using var layerMemory = new StepMemory(counter.Backend, storage);
            IReadOnlyList<LaunchReport> layer = counter.Count(new StepLayer(layerMemory, spec, kind.Key, activations).Issue);
            layers[kind.Key] = LaunchCost.Of(layer);
            total += kind.Count() * layers[kind.Key];
            AddBytes(kernelBytes, layer, kind.Count());
        }

        var traffic = PriorTraffic.OfStep(spec, PublishedModels.VqVae, new WeightStorage(counter.Backend, storage), batchSize, position);
        int appending = Enumerable.Range(0, stack.Depth).Count(depth => stack.KindAt(depth) is not (AttentionKind.LyricsCross or AttentionKind.LyricsPrefix));
        long entries = 2L * appending * stack.StateWidth * batchSize * storage.LengthBytes();
        return new StepCost { Prior = name, BatchSize = batchSize, Layers = layers, Total = total, KernelBytes = kernelBytes, UnavoidableBytes = traffic.Bytes + entries };
    }

    private static void AddBytes(Dictionary<string, double> kernelBytes, IEnumerable<LaunchReport> reports, int times)
    {
        foreach (LaunchReport report in reports)
        {
            kernelBytes[report.Kernel] = kernelBytes.GetValueOrDefault(report.Kernel) + (times * (double)report.Counts!.DistinctGlobalBytes);
        }
    }
}

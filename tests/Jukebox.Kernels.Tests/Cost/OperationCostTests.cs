using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.PtxMachine;
using Xunit;

namespace Jukebox.Tests.Cost;

/// <summary>What attention and convolution cost by themselves, counted: each key and value once, no bank conflicts, one launch.</summary>
public sealed class OperationCostTests
{
    private const double Allowed = 1.05;

    /// <summary>Kind, blocks and block's length, heads, channels, batch: of the upsamplers, 1b and 5b.</summary>
    public static TheoryData<AttentionKind, int, int, int, int, int> Steps => new()
    {
        { AttentionKind.Block, 4, 64, 1, 480, 1 },
        { AttentionKind.PreviousBlock, 4, 64, 1, 480, 16 },
        { AttentionKind.TransposedBlock, 128, 2, 1, 480, 1 },
        { AttentionKind.Block, 3, 102, 2, 512, 1 },
        { AttentionKind.Dense, 1, 448, 2, 512, 1 },
        { AttentionKind.PreviousBlock, 4, 64, 8, 1200, 1 },
    };

    [Theory]
    [MemberData(nameof(Steps))]
    public void AStepReadsEachVisibleKeyAndValueOnce(AttentionKind kind, int blocks, int length, int heads, int width, int batch)
    {
        using var counter = new CostCounter(80, ElementType.F16);
        using var contract = new OpContract(counter.Backend, 71);
        int context = blocks * length, position = context - 1;
        var pattern = AttentionPattern.Create(kind, context, blocks, 1);
        Tensor projected = contract.Input(ElementType.F32, contract.Random.Floats(batch * 3 * width), batch, 1, 3 * width);
        Tensor keys = Cache(contract, batch, pattern.CacheLength, width), values = Cache(contract, batch, pattern.CacheLength, width);
        Tensor cursor = contract.Cursor(position), y = contract.Output(ElementType.F32, batch, 1, width);
        LaunchCounts counts = Assert.Single(counter.Count(() => counter.Backend.Attend(projected, keys, values, pattern, heads, cursor, y))).Counts!;

        // The visible part of the cache, the query, the output.
        double bytes = batch * ((pattern.Visible(position).Count * 2.0 * width * 2) + (2.0 * width * 4));
        Assert.InRange(counts.DistinctGlobalBytes / bytes, 1, Allowed);

        // Every request's own sectors: heads that share one, and the splits' partial sums, come on top.
        Assert.InRange((counts.GlobalLoads.Sectors + counts.GlobalStores.Sectors) * 32 / bytes, 1, 1.15);
        Assert.InRange(Wavefronts(counts), 1, Allowed);
    }

    [Fact]
    public void AChunkOfAttentionHasNoBankConflicts()
    {
        using var counter = new CostCounter(80, ElementType.F16);
        using var contract = new OpContract(counter.Backend, 72);
        foreach ((int heads, int width) in ((int, int)[])[(1, 480), (2, 512), (8, 1200)])
        {
            var pattern = AttentionPattern.Create(AttentionKind.PreviousBlock, 256, 4, 24);
            Tensor projected = contract.Input(ElementType.F32, contract.Random.Floats(24 * 3 * width), 1, 24, 3 * width);
            Tensor keys = Cache(contract, 1, pattern.CacheLength, width), values = Cache(contract, 1, pattern.CacheLength, width);
            Tensor cursor = contract.Cursor(120), y = contract.Output(ElementType.F32, 1, 24, width);
            LaunchCounts counts = Assert.Single(counter.Count(() => counter.Backend.Attend(projected, keys, values, pattern, heads, cursor, y))).Counts!;
            Assert.InRange(Wavefronts(counts), 1, Allowed);
        }
    }

    /// <summary>Of the VQ-VAE and of a conditioner: 64 and 1,024 channels wide in the published models.</summary>
    [Fact]
    public void ConvolutionsHaveNoBankConflictsAndCoalesce()
    {
        using var counter = new CostCounter(80, ElementType.F32);
        using var contract = new OpContract(counter.Backend, 73);
        foreach (int width in (int[])[64, 128])
        {
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(256 * width), 1, 256, width), y = contract.Output(ElementType.F32, 1, 256, width);
            Tensor twice = contract.Output(ElementType.F32, 1, 512, width);
            ConvWeights dilated = Weights(contract, 3, width), point = Weights(contract, 1, width), up = Weights(contract, 4, width);
            var geometry = new ConvGeometry(1, 9, 9);
            foreach (LaunchReport report in counter.Count(() =>
            {
                counter.Backend.Conv1d(x, dilated, geometry, true, null, 1, y);
                counter.Backend.ResidualBlock(x, dilated, geometry, point, 1, y);
                counter.Backend.TransposedConv1d(x, up, new ConvGeometry(2, 1, 1), twice);
            }))
            {
                LaunchCounts counts = report.Counts!;
                Assert.InRange(Wavefronts(counts), 1, Allowed);
                Assert.InRange(counts.GlobalLoads.Sectors / (double)counts.GlobalLoads.IdealSectors, 1, Allowed);
                Assert.InRange(counts.GlobalStores.Sectors / (double)counts.GlobalStores.IdealSectors, 1, Allowed);

                // Bound by arithmetic: sixteen quarter-warp wavefronts (most of them broadcasts) feed 64 fused multiply-adds.
                Assert.True(counts.Flops >= 2 * 32 * 3.5 * (counts.SharedLoads.Wavefronts + counts.SharedStores.Wavefronts));
            }
        }
    }

    private static double Wavefronts(LaunchCounts counts) =>
        (counts.SharedLoads.Wavefronts + counts.SharedStores.Wavefronts) / (double)(counts.SharedLoads.IdealWavefronts + counts.SharedStores.IdealWavefronts);

    private static Tensor Cache(OpContract contract, int batch, int slots, int width) =>
        contract.Input(ElementType.F16, contract.Random.Floats((long)batch * slots * width), batch, slots, width);

    private static ConvWeights Weights(OpContract contract, int taps, int width) => new(
        contract.Input(ElementType.F32, contract.Random.Floats(taps * width * width), taps, width, width),
        contract.Input(ElementType.F32, contract.Random.Floats(width), width));
}

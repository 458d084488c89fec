using Jukebox.Core.Tensors;
using Jukebox.Tests.Compilation;
using Xunit;

namespace Jukebox.Tests.Cost;

/// <summary>
/// What a token costs at published shapes, counted: exact and repeatable, so that a figure may be a test. Limits are the
/// project's own aims.
/// </summary>
public sealed class CostTests
{
    /// <summary>Of a step of one item: norm and projection and append; attention; output; norm and MLP input; MLP output.</summary>
    private const int LaunchesPerLayer = 5;

    /// <summary>Of a larger batch, whose two norms may be launches of their own.</summary>
    private const int LaunchesPerBatchedLayer = 7;

    /// <summary>Share of a step's bytes that these move: what the others have under way matters little.</summary>
    private const double LeastStreamed = 0.95;

    private static readonly string[] StreamingKernels = ["linear_mma_step", "attention_step"];

    [Theory]
    [InlineData("upsampler", 1, 1.05)]
    [InlineData("upsampler", 16, 1.10)]
    [InlineData("1b_lyrics", 1, 1.05)]
    [InlineData("1b_lyrics", 16, 1.10)]
    [InlineData("5b_lyrics", 1, 1.05)]
    public void AStepMovesLittleMoreThanItMust(string prior, int batchSize, double mostBytes)
    {
        StepCost cost = StepCost.Measure(prior, PublishedPriors.Of(prior), batchSize, ElementType.F16);
        Assert.All(cost.Layers, layer => Assert.InRange(layer.Value.Launches, 1, batchSize == 1 ? LaunchesPerLayer : LaunchesPerBatchedLayer));
        Assert.InRange(cost.ByteRatio, 0.95, mostBytes);
        Assert.InRange(cost.SectorRatio, 1, 1.05);
        double streamed = StreamingKernels.Sum(kernel => cost.KernelBytes[kernel]);
        Assert.InRange(streamed / cost.Total.Bytes, LeastStreamed, 1);
    }

    [SkippableTheory]
    [InlineData("upsampler")]
    [InlineData("1b_lyrics")]
    [InlineData("5b")]
    [InlineData("5b_lyrics")]
    public void WhatStreamsAStepKeepsMemoryBusy(string prior)
    {
        AssemblyTests.RequireCompiler();
        IReadOnlyList<BytesInFlight> kernels = BytesInFlight.OfStep(PublishedPriors.Of(prior), ElementType.F16);
        Assert.Equal(StreamingKernels, kernels.Select(kernel => kernel.Kernel));
        Assert.All(kernels, kernel => Assert.True(kernel.Bytes >= BytesInFlight.Aim, $"{kernel.Kernel}: {kernel.ResidentWarps} warps have {kernel.Bytes} bytes under way"));
    }

    [Theory]
    [InlineData("upsampler")]
    [InlineData("1b_lyrics")]
    public void AChunkRunsOnTensorCoresWithoutBankConflicts(string prior)
    {
        const int tokens = 128;
        ChunkCost cost = ChunkCost.Measure(prior, PublishedPriors.Of(prior), tokens, ElementType.F16);
        Assert.InRange(cost.WavefrontRatio, 1, 1.05);
        Assert.InRange(cost.MatrixShare, 0.95, 1);
    }

    /// <summary>Activations of 5b: 1024 rows of 4800 channels. What is counted leaves room for three fifths of a 4090's dense rate.</summary>
    [Fact]
    public void AThousandRowsRunOnTensorCoresAndReadLittle()
    {
        ManyRowsCost cost = ManyRowsCost.Measure(1024, 4800, 128);
        Assert.InRange(cost.MatrixShare, 0.99, 1);
        Assert.InRange(cost.WavefrontRatio, 1, 1.05);
        Assert.InRange(cost.SectorRatio, 1, 1.05);
        Assert.InRange(cost.MostOfDense(MatrixCardModel.Rtx4090), 0.6, 1);
    }
}

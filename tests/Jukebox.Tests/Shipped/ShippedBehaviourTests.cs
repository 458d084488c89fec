using Jukebox.Cpu.Backend;
using Jukebox.Recordings.Evaluation;
using Xunit;

namespace Jukebox.Tests.Shipped;

/// <summary>What a trained model shows more than a random one: the shipped model still does what was written down when it came.</summary>
public sealed class ShippedBehaviourTests
{
    private static readonly Lazy<ExpectedBehaviour> Expected = new(ReadOrRenew);

    public static TheoryData<CpuInstructionSet> InstructionSets => [.. Enum.GetValues<CpuInstructionSet>()];

    [SkippableTheory]
    [MemberData(nameof(InstructionSets))]
    public void GreedyCodesOfEveryLevelAreThoseWrittenDown(CpuInstructionSet instructionSet)
    {
        Skip.IfNot(CpuOptions.Supported.Contains(instructionSet), $"this process has no {instructionSet}");
        Assert.Equal(Expected.Value.GreedyCodes[ExpectedBehaviour.NameOf(instructionSet)], ModelBehaviour.GreedyHashes(ShippedModel.Folder, instructionSet));
    }

    [Fact]
    public void ARecordingSurvivesEveryLevelsRoundTrip()
    {
        ReconstructionQuality[] qualities = ModelBehaviour.RoundTrip(ShippedModel.Folder);
        Assert.Equal(qualities.Length, Expected.Value.RoundTrip.Length);
        foreach (RoundTripFloor floor in Expected.Value.RoundTrip)
        {
            ReconstructionQuality quality = qualities[floor.Level];
            Assert.True(
                quality.SignalToNoiseDecibels >= floor.SnrDecibels && quality.SpectralConvergence <= floor.SpectralConvergence,
                $"{quality} is worse than {floor}");
        }
    }

    [Fact]
    public void WhatIsWrittenDownComesBack()
    {
        using var folder = new TemporaryFolder();
        ExpectedBehaviour measured = ExpectedBehaviour.Measure(NoiseModelFolder.Path);
        measured.Write(folder.Path);
        ExpectedBehaviour read = ExpectedBehaviour.Read(folder.Path);
        Assert.Equal(measured.RoundTrip, read.RoundTrip);
        Assert.Equal(measured.GreedyCodes, read.GreedyCodes);
    }

    private static ExpectedBehaviour ReadOrRenew()
    {
        if (Repository.IsRenewing)
        {
            ExpectedBehaviour.Measure(ShippedModel.Folder).Write(ShippedModel.Folder);
        }

        return ExpectedBehaviour.Read(ShippedModel.Folder);
    }
}

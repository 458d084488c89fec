using Jukebox.Core.Contract;
using Jukebox.Core.Shadow;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Training.Optimisation;
using Jukebox.Training.Priors;
using Jukebox.Training.VqVaes;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Training;

/// <summary>Training on two backends at once, every operation compared.</summary>
public sealed class ShadowTrainingTests
{
    private const double Tolerance = 1e-3;

    [Theory]
    [InlineData("scaled residuals with lyrics")]
    [InlineData("dense")]
    public void TwoSoundBackendsAgreeOnAPriorsSteps(string kind)
    {
        PriorSpec spec = TinyPriors.All[kind];
        using var shadow = new ShadowBackend(Portable(3), Portable(1), Tolerance);
        using ITrainingBackend alone = Portable(1);
        Assert.Equal(Step(alone, spec), Step(shadow.Training!, spec));
        Assert.True(shadow.ComparedOperations > 100, $"{shadow.ComparedOperations} operations");
    }

    [Fact]
    public void TwoInstructionSetsAgreeOnAVqVaesGradients()
    {
        var training = new VqVaeTrainingSpec
        {
            BatchSize = 1,
            WindowLength = 2048,
            Weights = new ReconstructionWeights(),
            Bandwidths = new Bandwidths(1, 1, 1),
            RevivalThresholds = [1, 1],
        };
        using var shadow = new ShadowBackend(new CpuBackend(), Portable(1), Tolerance);
        using var trainee = new VqVaeTrainee(shadow.Training!, SyntheticVqVae.Tiny, training);
        TensorEntry[] table = [.. trainee.Parameters.Entries];
        Initialisation.Fill(trainee.Parameters, entry => Initialisation.OfConvolution(table, entry), seed: 1);
        trainee.ComputeGradients(new AudioBatch(new TestRandom(3).Floats(2048), 1), 0);
        Assert.True(shadow.ComparedOperations > 100, $"{shadow.ComparedOperations} operations");
    }

    [Theory]
    [InlineData(nameof(ITrainingBackend.LinearInputGradient))]
    [InlineData(nameof(ITrainingBackend.AppendToCacheGradient))]
    public void TheFirstOperationThatDiffersIsNamed(string operation)
    {
        using var shadow = new ShadowBackend(FaultyBackend.WrapForTraining(Portable(1), operation, 2), Portable(1), Tolerance);
        string message = Assert.Throws<ShadowMismatchException>(() => Step(shadow.Training!, TinyPriors.All["dense"])).Message;
        Assert.Contains($"{operation}, differs between", message, StringComparison.Ordinal);
        Assert.Contains("row 0, column 0", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AShadowTrainsOnlyWhereBothDo()
    {
        IBackend neither = Studio.DeviceFactsTests.OwnMemory.Of(null);
        using CpuBackend one = Portable(1);
        Assert.Null(new ShadowBackend(one, neither).Training);
        Assert.Null(new ShadowBackend(neither, one).Training);
    }

    private static CpuBackend Portable(int threads) => new(new CpuOptions(CpuInstructionSet.Portable, threads));

    /// <summary>Every parameter after one step of the optimiser.</summary>
    private static float[] Step(ITrainingBackend backend, PriorSpec spec)
    {
        using PriorTrainee trainee = TinyPriors.Create(backend, spec);
        double loss = trainee.ComputeGradients(TinyPriors.Batch(spec, 0, 1), 0)["loss"];
        new Optimizer(backend, trainee.Parameters, new OptimizerOptions()).Step(1e-3, loss);
        return trainee.Parameters.Values.ToArray<float>();
    }
}

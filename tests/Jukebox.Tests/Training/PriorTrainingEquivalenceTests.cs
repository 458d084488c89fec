using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Training.Priors;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Training;

/// <summary>What a prior's training must give alike, on tiny priors of every kind.</summary>
public sealed class PriorTrainingEquivalenceTests
{
    public static TheoryData<string> Kinds => [.. TinyPriors.All.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void RecomputedActivationsGiveTheSameBits(string kind)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining();
        (double keptLoss, float[] kept) = Gradients(backend, kind, recompute: false);
        (double recomputedLoss, float[] recomputed) = Gradients(backend, kind, recompute: true);
        Assert.Equal(keptLoss, recomputedLoss);
        Assert.Equal(kept, recomputed);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ThreadsGiveTheSameBits(string kind)
    {
        using ITrainingBackend one = TestBackends.OpenForTraining(1), three = TestBackends.OpenForTraining(3);
        (double loss, float[] gradients) = Gradients(one, kind, recompute: false);
        (double otherLoss, float[] otherGradients) = Gradients(three, kind, recompute: false);
        Assert.Equal(loss, otherLoss);
        Assert.Equal(gradients, otherGradients);
    }

    /// <summary>The slope of the loss along its gradient g is |g|, whatever the model: nothing of the backward pass is left out or counted twice.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void TheLossFollowsItsGradient(string kind)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining();
        PriorSpec spec = TinyPriors.All[kind];
        using PriorTrainee trainee = TinyPriors.Create(backend, spec);
        PriorBatch batch = TinyPriors.Batch(spec, 0, 1);
        trainee.ComputeGradients(batch, 0);
        Tensor values = trainee.Parameters.Values, gradients = trainee.Parameters.Gradients;
        double norm = Math.Sqrt(backend.SumOfSquares(gradients));

        // Two central differences, extrapolated to no distance; both long enough that rounding of the loss, 1e-6, does not show.
        double slope = ((4 * Slope(0.01)) - Slope(0.02)) / 3;
        Assert.True(Math.Abs(slope - norm) < 1e-3 * norm, $"{kind}: the loss rises by {slope:G6} along the gradient, whose norm is {norm:G6}");

        double Slope(double distance)
        {
            float step = (float)(distance / norm);
            backend.ScaledAdd(values, gradients, step, values);
            double above = trainee.Evaluate(batch)["loss"];
            backend.ScaledAdd(values, gradients, -2 * step, values);
            double below = trainee.Evaluate(batch)["loss"];
            backend.ScaledAdd(values, gradients, step, values);
            return (above - below) / (2 * distance);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TheLossOfABatchIsTheMeanOfItsItems(string kind)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining();
        PriorSpec spec = TinyPriors.All[kind];
        using PriorTrainee trainee = TinyPriors.Create(backend, spec);
        double both = trainee.Evaluate(TinyPriors.Batch(spec, 0, 1))["loss"];
        double first = trainee.Evaluate(TinyPriors.Batch(spec, 0))["loss"], second = trainee.Evaluate(TinyPriors.Batch(spec, 1))["loss"];
        Assert.Equal((first + second) / 2, both, 1e-12);
        Assert.Equal(both, trainee.ComputeGradients(TinyPriors.Batch(spec, 0, 1), 0)["loss"]);
    }

    [Fact]
    public void GradientsOfSeveralBatchesAddUp()
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining();
        (_, float[] once) = Gradients(backend, "lyrics encoder", recompute: false);
        PriorSpec spec = TinyPriors.All["lyrics encoder"];
        using PriorTrainee trainee = TinyPriors.Create(backend, spec);
        trainee.ComputeGradients(TinyPriors.Batch(spec, 0, 1), 0);
        trainee.ComputeGradients(TinyPriors.Batch(spec, 0, 1), 1);
        Closeness.CheckRelative(
            "twice", Array.ConvertAll(once, value => 2 * value), trainee.Parameters.Gradients.ToArray<float>(), Tolerances.GoldenGradients);
        trainee.Parameters.ClearGradients();
        trainee.ComputeGradients(TinyPriors.Batch(spec, 0, 1), 2);
        Assert.Equal(once, trainee.Parameters.Gradients.ToArray<float>());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AStepAllocatesNothingOnTheDevice(string kind)
    {
        using ITrainingBackend backend = CountingBackend.WrapForTraining(TestBackends.OpenForTraining(), out CountingBackend counter);
        PriorSpec spec = TinyPriors.All[kind];
        using PriorTrainee trainee = TinyPriors.Create(backend, spec);
        long before = counter.AllocatedBytes;
        trainee.ComputeGradients(TinyPriors.Batch(spec, 0, 1), 0);
        trainee.Evaluate(TinyPriors.Batch(spec, 1));
        Assert.Equal(before, counter.AllocatedBytes);
    }

    [Fact]
    public void RecomputingTakesLessMemory()
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining();
        PriorSpec spec = TinyPriors.All["lyrics in the sequence"];
        using PriorTrainee kept = TinyPriors.Create(backend, spec), recomputed = TinyPriors.Create(backend, spec, recompute: true);
        Assert.True(recomputed.ActivationBytes < 0.4 * kept.ActivationBytes, $"{recomputed.ActivationBytes} bytes instead of {kept.ActivationBytes}");
    }

    [Fact]
    public void ABatchThatDoesNotFitIsRefused()
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining();
        PriorSpec spec = TinyPriors.All["separate output"];
        using PriorTrainee trainee = TinyPriors.Create(backend, spec);
        PriorBatch batch = TinyPriors.Batch(spec, 0, 1);
        Refused("31 codes in a window of 32", batch with { Codes = Array.ConvertAll(batch.Codes, codes => codes[..31]) });
        Refused("room for 1 to 2", batch with { Codes = [.. batch.Codes, batch.Codes[0]], Labels = [.. batch.Labels, batch.Labels[0]] });
        Refused("2 items but 0 label rows", batch with { Labels = [] });
        Refused("known code 16", batch with { Codes = [batch.Codes[0], [.. batch.Codes[1][..31], 16]] });

        void Refused(string why, PriorBatch bad) =>
            Assert.Contains(why, Assert.Throws<ArgumentException>(() => trainee.ComputeGradients(bad, 0)).Message, StringComparison.Ordinal);
    }

    private static (double Loss, float[] Gradients) Gradients(ITrainingBackend backend, string kind, bool recompute)
    {
        PriorSpec spec = TinyPriors.All[kind];
        using PriorTrainee trainee = TinyPriors.Create(backend, spec, recompute);
        double loss = trainee.ComputeGradients(TinyPriors.Batch(spec, 0, 1), 0)["loss"];
        return (loss, trainee.Parameters.Gradients.ToArray<float>());
    }
}

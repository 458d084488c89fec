using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Training.Optimisation;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Training;

/// <summary>Adam as the reference has it, clipping, skipped steps, averages and learning rates.</summary>
public sealed class OptimizerTests : IDisposable
{
    private readonly ITrainingBackend _backend = TestBackends.OpenForTraining();
    private readonly ParameterSet _parameters;
    private readonly Tensor _value;

    public OptimizerTests()
    {
        _parameters = new ParameterSet(_backend, [new TensorEntry("other", new Shape(3), TensorRole.Plain), new TensorEntry("p", new Shape(2), TensorRole.Plain)]);
        _value = _parameters.Value("p");
        _value.Upload<float>([0.5f, -0.25f]);
        _parameters.ResetAverages();
    }

    [Fact]
    public void TwoStepsGiveTheValuesOfTheSpecification()
    {
        // The divisor of 2 comes of the clipping: at half the gradients' norm.
        var first = new Optimizer(_backend, _parameters, new OptimizerOptions { WeightDecay = 0.01, ClipNorm = Norm(0.1f, -0.2f) / 2 });
        Assert.True(Step(first, 0.1f, -0.2f).Taken);
        Closeness.CheckRelative("p", [0.499699533f, -0.249699757f], _value.ToArray<float>(), 1e-7);
        Closeness.CheckRelative("m", [0.005f, -0.01f], _parameters.Within(_parameters.FirstMoments, "p").ToArray<float>(), 1e-6);
        Closeness.CheckRelative("v", [2.5e-6f, 1e-5f], _parameters.Within(_parameters.SecondMoments, "p").ToArray<float>(), 1e-6);

        var second = new Optimizer(_backend, _parameters, new OptimizerOptions { WeightDecay = 0.01, ClipNorm = Norm(0.3f, 0.1f) / 2 }) { StepCount = first.StepCount };
        Step(second, 0.3f, 0.1f);
        Closeness.CheckRelative("p", [0.499423832f, -0.249619678f], _value.ToArray<float>(), 1e-7);
        Assert.Equal(2, second.StepCount);
    }

    [Fact]
    public void SmallGradientsAreNotClipped()
    {
        var optimizer = new Optimizer(_backend, _parameters, new OptimizerOptions { ClipNorm = 1 });
        Assert.Equal(0.5, Step(optimizer, 0.3f, -0.4f).GradientNorm, 1e-7);
        Closeness.CheckRelative("m", [0.03f, -0.04f], _parameters.Within(_parameters.FirstMoments, "p").ToArray<float>(), 1e-6);
    }

    [Theory]
    [InlineData(float.NaN, 0f, 1.0)]
    [InlineData(float.PositiveInfinity, 0f, 1.0)]
    [InlineData(0.1f, 0.1f, double.NaN)]
    [InlineData(0.1f, 0.1f, double.PositiveInfinity)]
    [InlineData(30f, 40f, 1.0)] // beyond the limit of 49
    public void AStepOfAnOverflowIsSkippedWhole(float first, float second, double loss)
    {
        var optimizer = new Optimizer(_backend, _parameters, new OptimizerOptions { IgnoredNorm = 49 });
        _parameters.Gradient("p").Upload<float>([first, second]);
        Assert.False(optimizer.Step(1e-3, loss).Taken);
        Assert.Equal(0, optimizer.StepCount);
        Assert.Equal([0.5f, -0.25f], _value.ToArray<float>());
        Assert.All(_parameters.FirstMoments.ToArray<float>(), value => Assert.Equal(0, value));
        Assert.All(_parameters.Gradients.ToArray<float>(), value => Assert.Equal(0, value));
        Assert.Equal(_parameters.Values.ToArray<float>(), _parameters.Averages.ToArray<float>());
    }

    [Fact]
    public void AveragesFollowTheWeightsAndAreExchangedWithThem()
    {
        var optimizer = new Optimizer(_backend, _parameters, new OptimizerOptions { AverageDecay = 0.9 });
        Step(optimizer, 1, -1);
        float[] moved = _value.ToArray<float>();
        float[] expected = [(0.9f * 0.5f) + (0.1f * moved[0]), (0.9f * -0.25f) + (0.1f * moved[1])];
        _parameters.SwapAverages();
        Closeness.CheckRelative("average", expected, _value.ToArray<float>(), 1e-6);
        Assert.Equal(moved, _parameters.Within(_parameters.Averages, "p").ToArray<float>());
        _parameters.SwapAverages();
        Assert.Equal(moved, _value.ToArray<float>());
    }

    [Fact]
    public void RareAveragesHaveTheDecayOfAllTheirSteps()
    {
        var optimizer = new Optimizer(_backend, _parameters, new OptimizerOptions { AverageDecay = 0.9, AverageInterval = 2 });
        Step(optimizer, 1, -1);
        Assert.Equal([0.5f, -0.25f], _parameters.Within(_parameters.Averages, "p").ToArray<float>());
        Step(optimizer, 1, -1);
        float[] moved = _value.ToArray<float>();
        Closeness.CheckRelative(
            "average", [(0.81f * 0.5f) + (0.19f * moved[0]), (0.81f * -0.25f) + (0.19f * moved[1])],
            _parameters.Within(_parameters.Averages, "p").ToArray<float>(), 1e-6);
    }

    [Fact]
    public void TheAveragesDecayFollowsTheBatch() => Assert.Equal(0.9995, OptimizerOptions.AverageDecayOf(4), 1e-12);

    public void Dispose()
    {
        _parameters.Dispose();
        _backend.Dispose();
    }

    private static double Norm(float first, float second) => Math.Sqrt(((double)first * first) + ((double)second * second));

    private OptimizerStep Step(Optimizer optimizer, float first, float second)
    {
        _parameters.Gradient("p").Upload<float>([first, second]);
        return optimizer.Step(3e-4, 1);
    }
}

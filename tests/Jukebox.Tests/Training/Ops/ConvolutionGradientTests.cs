using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Reference;
using Xunit;

namespace Jukebox.Tests.Training.Ops;

public sealed class ConvolutionGradientTests
{
    /// <summary>Batch, T, Cin, Cout, taps, stride, dilation, padding, and positions of dy beyond the natural number.</summary>
    private static readonly (int, int, int, int, int, int, int, int, int)[] Shapes =
    [
        (1, 1, 1, 1, 1, 1, 1, 0, 0),
        (1, 1, 1, 1, 3, 1, 1, 1, 0),
        (2, 17, 1, 64, 4, 2, 1, 1, 0),
        (1, 101, 1, 33, 4, 2, 1, 1, 0),
        (1, 13, 64, 1, 3, 1, 1, 1, 0),
        (3, 270, 5, 1, 3, 1, 1, 1, 0),
        (2, 50, 8, 8, 3, 1, 27, 27, 0),
        (3, 131, 7, 9, 3, 1, 1, 1, 0),
        (1, 11, 31, 31, 3, 1, 1, 1, 0),
        (2, 20, 17, 33, 3, 1, 3, 3, 0),
        (1, 193, 33, 48, 1, 1, 1, 0, 0),
        (1, 129, 64, 64, 3, 1, 2187, 2187, 0),
        (1, 193, 16, 17, 5, 3, 2, 4, 0),
        (2, 31, 64, 32, 4, 2, 1, 1, 0),
        (2, 30, 24, 16, 8, 4, 1, 2, 0),
        (1, 20, 8, 8, 3, 1, 3, 3, -15),
        (1, 20, 8, 8, 3, 1, 3, 0, 12),
        (1, 20, 8, 8, 4, 2, 1, 1, 15),
        (2, 1100, 4, 3, 3, 1, 1, 1, 0),
    ];

    /// <summary>Batch, T, Cin, Cout, taps, stride, padding, and positions of dy beyond the natural number.</summary>
    private static readonly (int, int, int, int, int, int, int, int)[] TransposedShapes =
    [
        (1, 1, 1, 1, 4, 2, 1, 0),
        (2, 13, 32, 64, 4, 2, 1, 0),
        (1, 129, 64, 48, 4, 2, 1, 0),
        (1, 200, 8, 9, 4, 2, 1, 0),
        (2, 6, 33, 31, 8, 4, 2, 0),
        (1, 5, 3, 2, 5, 3, 1, 0),
        (3, 301, 1, 1, 2, 3, 0, 0),
        (1, 7, 4, 5, 3, 1, 1, 0),
        (1, 20, 16, 16, 4, 2, 3, -7),
        (1, 20, 16, 16, 4, 2, 2, 5),
    ];

    /// <summary>T, Cin, Cout, taps, stride, dilation, padding.</summary>
    [Theory]
    [InlineData(7, 3, 2, 3, 1, 2, 2)]
    [InlineData(8, 1, 3, 4, 2, 1, 1)]
    [InlineData(11, 2, 1, 5, 3, 2, 4)]
    public void TheReferenceIsTheSlopeOfItsForwardPass(int length, int inputs, int outputs, int taps, int stride, int dilation, int padding)
    {
        var random = new TestRandom(1);
        const int batch = 2;
        int outputLength = new ConvGeometry(stride, dilation, padding).OutputLength(length, taps);
        double[] x = CentralDifferences.Values(random, batch * length * inputs), w = CentralDifferences.Values(random, taps * inputs * outputs);
        double[] b = CentralDifferences.Values(random, outputs), dy = CentralDifferences.Values(random, batch * outputLength * outputs);
        double[] Forward(double[] x, double[] w, double[] b) =>
            ReferenceOps.Conv1d(x, batch, w, b, taps, stride, dilation, padding, relu: true, outputLength);
        double[] dx = ReferenceGradients.Conv1dInputGradient(dy, batch, w, outputs, taps, stride, dilation, padding, length);
        (double[] dw, double[] db) = ReferenceGradients.Conv1dWeightGradient(x, dy, batch, inputs, outputs, taps, stride, dilation, padding, relu: true);
        CentralDifferences.Check(v => Forward(v, w, b), x, dy, [.. dx.Zip(x, (slope, value) => value > 0 ? slope : 0)]);
        CentralDifferences.Check(v => Forward(x, v, b), w, dy, dw);
        CentralDifferences.Check(v => Forward(x, w, v), b, dy, db);
    }

    /// <summary>T, Cin, Cout, taps, stride, padding.</summary>
    [Theory]
    [InlineData(5, 3, 2, 4, 2, 1)]
    [InlineData(4, 1, 3, 5, 3, 1)]
    [InlineData(6, 2, 1, 2, 3, 0)]
    public void TheTransposedReferenceIsTheSlopeOfItsForwardPass(int length, int inputs, int outputs, int taps, int stride, int padding)
    {
        var random = new TestRandom(2);
        const int batch = 2;
        int outputLength = new ConvGeometry(stride, 1, padding).TransposedOutputLength(length, taps);
        double[] x = CentralDifferences.Values(random, batch * length * inputs), w = CentralDifferences.Values(random, taps * inputs * outputs);
        double[] b = CentralDifferences.Values(random, outputs), dy = CentralDifferences.Values(random, batch * outputLength * outputs);
        double[] Forward(double[] x, double[] w, double[] b) => ReferenceOps.TransposedConv1d(x, batch, w, b, taps, stride, padding, outputLength);
        double[] dx = ReferenceGradients.TransposedConv1dInputGradient(dy, batch, w, outputs, taps, stride, padding, length);
        (double[] dw, double[] db) = ReferenceGradients.TransposedConv1dWeightGradient(x, dy, batch, inputs, outputs, taps, stride, padding);
        CentralDifferences.Check(v => Forward(v, w, b), x, dy, dx);
        CentralDifferences.Check(v => Forward(x, v, b), w, dy, dw);
        CentralDifferences.Check(v => Forward(x, w, v), b, dy, db);
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void InputGradientsMatchTheReferenceAtAwkwardShapes(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach ((int batch, int length, int inputs, int outputs, int taps, int stride, int dilation, int padding, int extra) in Shapes)
        {
            var geometry = new ConvGeometry(stride, dilation, padding);
            foreach (bool residual in (ReadOnlySpan<bool>)[false, true])
            {
                CheckInputGradient(backend, batch, length, inputs, outputs, taps, geometry, geometry.OutputLength(length, taps) + extra, residual);
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void WeightGradientsMatchTheReferenceAtAwkwardShapes(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach ((int batch, int length, int inputs, int outputs, int taps, int stride, int dilation, int padding, int extra) in Shapes)
        {
            var geometry = new ConvGeometry(stride, dilation, padding);
            int outputLength = geometry.OutputLength(length, taps) + extra;
            foreach (bool relu in (ReadOnlySpan<bool>)[false, true])
            {
                using var contract = new OpContract(backend, (ulong)((length * 1_000) + inputs));
                float[] signal = contract.Random.Floats(batch * length * inputs), slopes = contract.Random.Floats(batch * outputLength * outputs);
                Tensor x = contract.Input(ElementType.F32, signal, batch, length, inputs);
                Tensor dy = contract.Input(ElementType.F32, slopes, batch, outputLength, outputs);
                var gradient = new Parameters(contract, taps, inputs, outputs);
                float scale = relu ? 0.25f : 1;
                backend.Conv1dWeightGradient(x, relu, dy, geometry, scale, gradient.Weights);
                (double[] dw, double[] db) = ReferenceGradients.Conv1dWeightGradient(
                    OpContract.Stored(x), OpContract.Stored(dy), batch, inputs, outputs, taps, stride, dilation, padding, relu);
                gradient.GrewBy(dw, db, scale, batch * outputLength);
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void TransposedGradientsMatchTheReferenceAtAwkwardShapes(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach ((int batch, int length, int inputs, int outputs, int taps, int stride, int padding, int extra) in TransposedShapes)
        {
            var geometry = new ConvGeometry(stride, 1, padding);
            int outputLength = geometry.TransposedOutputLength(length, taps) + extra;
            using var contract = new OpContract(backend, (ulong)((length * 1_000) + inputs));
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(batch * length * inputs), batch, length, inputs);
            Tensor dy = contract.Input(ElementType.F32, contract.Random.Floats(batch * outputLength * outputs), batch, outputLength, outputs);
            Tensor weight = contract.Input(ElementType.F32, contract.Random.Floats(taps * inputs * outputs), taps, inputs, outputs);
            Tensor dx = contract.Output(ElementType.F32, batch, length, inputs), unused = contract.Output(ElementType.F32, outputs);
            backend.TransposedConv1dInputGradient(dy, new ConvWeights(weight, unused), geometry, dx);
            double[] expected = ReferenceGradients.TransposedConv1dInputGradient(
                OpContract.Stored(dy), batch, OpContract.Stored(weight), outputs, taps, stride, padding, length);
            contract.Matches(dx, expected, Tolerances.Sum(taps * outputs));

            var gradient = new Parameters(contract, taps, inputs, outputs);
            backend.TransposedConv1dWeightGradient(x, dy, geometry, gradient.Weights);
            (double[] dw, double[] db) = ReferenceGradients.TransposedConv1dWeightGradient(
                OpContract.Stored(x), OpContract.Stored(dy), batch, inputs, outputs, taps, stride, padding);
            gradient.GrewBy(dw, db, 1, batch * outputLength);
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void TheInputGradientMayReplaceWhatIsAddedOrWhatItComesFrom(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        using var contract = new OpContract(backend, 5);
        const int Length = 437, Width = 19;
        float[] slopes = contract.Random.Floats(Length * Width), others = contract.Random.Floats(Length * Width);
        Tensor dy = contract.Input(ElementType.F32, slopes, 1, Length, Width), added = contract.Input(ElementType.F32, others, 1, Length, Width);
        Tensor relu = contract.Input(ElementType.F32, contract.Random.Floats(Length * Width), 1, Length, Width);
        Tensor weight = contract.Input(ElementType.F32, contract.Random.Floats(3 * Width * Width), 3, Width, Width);
        Tensor apart = contract.Output(ElementType.F32, 1, Length, Width);
        var weights = new ConvWeights(weight, contract.Output(ElementType.F32, Width));
        var geometry = new ConvGeometry(1, 9, 9);
        backend.Conv1dInputGradient(dy, weights, geometry, relu, 0.25f, added, apart);
        backend.Conv1dInputGradient(dy, weights, geometry, relu, 0.25f, added, added);
        Assert.Equal(apart.ToArray<float>(), added.ToArray<float>());
        backend.Conv1dInputGradient(dy, weights, geometry, relu, 0.25f, dy, apart);
        backend.Conv1dInputGradient(dy, weights, geometry, relu, 0.25f, dy, dy);
        Assert.Equal(apart.ToArray<float>(), dy.ToArray<float>());
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void ShapesThatDoNotFitAreRefused(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        using var contract = new OpContract(backend, 6);
        Tensor x = contract.Output(ElementType.F32, 1, 4, 3), dy = contract.Output(ElementType.F32, 1, 4, 5);
        var weights = new ConvWeights(contract.Output(ElementType.F32, 1, 3, 4), contract.Output(ElementType.F32, 4));
        var geometry = new ConvGeometry(1, 1, 0);
        Assert.Throws<ArgumentException>(() => backend.Conv1dInputGradient(dy, weights, geometry, null, 1, null, x));
        Assert.Throws<ArgumentException>(() => backend.TransposedConv1dInputGradient(dy, weights, geometry, x));
        Assert.Throws<ArgumentException>(() => backend.Conv1dWeightGradient(x, false, dy, geometry, 1, weights));
        Assert.Throws<ArgumentException>(() => backend.TransposedConv1dWeightGradient(x, dy, geometry, weights));
    }

    private static void CheckInputGradient(
        ITrainingBackend backend, int batch, int length, int inputs, int outputs, int taps, ConvGeometry geometry, int outputLength, bool whole)
    {
        using var contract = new OpContract(backend, (ulong)((length * 1_000) + inputs));
        Tensor dy = contract.Input(ElementType.F32, contract.Random.Floats(batch * outputLength * outputs), batch, outputLength, outputs);
        Tensor weight = contract.Input(ElementType.F32, contract.Random.Floats(taps * inputs * outputs), taps, inputs, outputs);
        float[] clamped = contract.Random.Floats(batch * length * inputs), others = contract.Random.Floats(batch * length * inputs);
        Tensor? relu = whole ? contract.Input(ElementType.F32, clamped, batch, length, inputs) : null;
        Tensor? added = whole ? contract.Input(ElementType.F32, others, batch, length, inputs) : null;
        Tensor dx = contract.Output(ElementType.F32, batch, length, inputs), unused = contract.Output(ElementType.F32, outputs);
        float scale = whole ? 0.25f : 1;
        backend.Conv1dInputGradient(dy, new ConvWeights(weight, unused), geometry, relu, scale, added, dx);
        double[] expected = ReferenceGradients.Conv1dInputGradient(
            OpContract.Stored(dy), batch, OpContract.Stored(weight), outputs, taps, geometry.Stride, geometry.Dilation, geometry.Padding, length);
        for (int i = 0; i < expected.Length && whole; i++)
        {
            expected[i] = (clamped[i] > 0 ? scale * expected[i] : 0) + others[i];
        }

        contract.Matches(dx, expected, Tolerances.Sum(taps * outputs));
    }

    /// <summary>Gradients of a filter that are not zero before, since an operation must add to them.</summary>
    private sealed class Parameters(OpContract contract, int taps, int inputs, int outputs)
    {
        private readonly float[] _weight = contract.Random.Floats(taps * inputs * outputs), _bias = contract.Random.Floats(outputs);
        private ConvWeights? _weights;

        public ConvWeights Weights => _weights ??= new ConvWeights(
            contract.Input(ElementType.F32, _weight, taps, inputs, outputs), contract.Input(ElementType.F32, _bias, outputs));

        public void GrewBy(double[] dw, double[] db, float scale, int rows)
        {
            contract.Matches(Weights.Weight, [.. _weight.Zip(dw, (before, grown) => before + (scale * grown))], Tolerances.Sum(rows));
            contract.Matches(Weights.Bias, [.. _bias.Zip(db, (before, grown) => before + (scale * grown))], Tolerances.Sum(rows));
        }
    }
}

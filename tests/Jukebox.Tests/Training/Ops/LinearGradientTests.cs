using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Reference;
using Xunit;

namespace Jukebox.Tests.Training.Ops;

public sealed class LinearGradientTests
{
    /// <summary>Rows, input channels, output channels: around every tile, panel, and cut of the rows (1,008, 1,024).</summary>
    private static readonly (int Rows, int Inputs, int Outputs)[] Shapes =
    [
        (1, 1, 1), (2, 7, 33), (3, 4, 5), (5, 8, 9), (13, 31, 65), (24, 32, 64), (47, 19, 33), (61, 483, 131), (25, 130, 11),
        (1008, 13, 7), (1009, 25, 6), (1024, 12, 33), (1025, 9, 34), (2051, 5, 13),
    ];

    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (string name in TestBackends.AllNames)
            {
                cases.Add(name, false);
                cases.Add(name, true);
            }

            return cases;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheReferenceIsTheSlopeOfItsForwardPass(bool outputMajor)
    {
        var random = new TestRandom(1);
        const int rows = 3, inputs = 5, outputs = 4;
        double[] x = CentralDifferences.Values(random, rows * inputs), weight = CentralDifferences.Values(random, inputs * outputs);
        double[] bias = CentralDifferences.Values(random, outputs), dy = CentralDifferences.Values(random, rows * outputs);
        (double[] dx, double[] dw, double[] db) = ReferenceGradients.Linear(x, weight, dy, outputMajor, inputs, outputs);
        CentralDifferences.Check(v => ReferenceOps.Linear(v, weight, bias, outputMajor, false, null, inputs, outputs), x, dy, dx);
        CentralDifferences.Check(v => ReferenceOps.Linear(x, v, bias, outputMajor, false, null, inputs, outputs), weight, dy, dw);
        CentralDifferences.Check(v => ReferenceOps.Linear(x, weight, v, outputMajor, false, null, inputs, outputs), bias, dy, db);
    }

    /// <summary>What is learnt must be what is then sampled from.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void TheForwardPassGivesThePackedMatrixsBits(string name, bool outputMajor)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach ((int rows, int inputs, int outputs) in Shapes)
        {
            using var contract = new OpContract(backend, (ulong)((rows * 10_000) + inputs));
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(rows * inputs), rows, inputs);
            Tensor? bias = rows % 3 == 0 ? null : contract.Input(ElementType.F32, contract.Random.Floats(outputs), outputs);
            Tensor? residual = rows % 2 == 1 ? contract.Input(ElementType.F32, contract.Random.Floats(rows * outputs), rows, outputs) : null;
            var weights = new LinearWeights(Weight(contract, outputMajor, inputs, outputs), bias, outputMajor);
            Tensor y = contract.Output(ElementType.F32, rows, outputs), expected = contract.Output(ElementType.F32, rows, outputs);
            using PackedMatrix packed = backend.PackCopy(weights);
            backend.Linear(x, packed, Activation.None, residual, expected);
            backend.LinearForward(x, weights, residual, y);
            Assert.Equal(expected.ToArray<int>(), y.ToArray<int>());
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void InputGradientsMatchTheReferenceAtAwkwardShapes(string name, bool outputMajor)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach ((int rows, int inputs, int outputs) in Shapes)
        {
            using var contract = new OpContract(backend, (ulong)((rows * 10_000) + outputs));
            Tensor dy = contract.Input(ElementType.F32, contract.Random.Floats(rows * outputs), rows, outputs);
            Tensor weight = Weight(contract, outputMajor, inputs, outputs);
            Tensor? added = rows % 2 == 1 ? contract.Input(ElementType.F32, contract.Random.Floats(rows * inputs), rows, inputs) : null;
            Tensor dx = contract.Output(ElementType.F32, rows, inputs);
            double[] expected = ReferenceGradients.Linear(
                new double[rows * inputs], OpContract.Stored(weight), OpContract.Stored(dy), outputMajor, inputs, outputs).Dx;
            backend.LinearInputGradient(dy, new LinearWeights(weight, null, outputMajor), added, dx);
            contract.Matches(dx, OpContract.Plus(added, expected), Tolerances.Sum(outputs));
            if (added is { } tensor)
            {
                backend.LinearInputGradient(dy, new LinearWeights(weight, null, outputMajor), tensor, tensor);
                Assert.Equal(dx.ToArray<int>(), tensor.ToArray<int>());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void WeightGradientsGrowByTheReferenceAtAwkwardShapes(string name, bool outputMajor)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach ((int rows, int inputs, int outputs) in Shapes)
        {
            using var contract = new OpContract(backend, (ulong)((rows * 10_000) + outputs));
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(rows * inputs), rows, inputs);
            Tensor dy = contract.Input(ElementType.F32, contract.Random.Floats(rows * outputs), rows, outputs);
            Tensor dw = Weight(contract, outputMajor, inputs, outputs);
            Tensor? db = rows % 3 == 1 ? null : contract.Input(ElementType.F32, contract.Random.Floats(outputs), outputs);
            (_, double[] weight, double[] bias) = ReferenceGradients.Linear(
                OpContract.Stored(x), new double[inputs * outputs], OpContract.Stored(dy), outputMajor, inputs, outputs);
            (weight, bias) = (OpContract.Plus(dw, weight), OpContract.Plus(db, bias));
            backend.LinearWeightGradient(x, dy, new LinearWeights(dw, db, outputMajor));
            contract.Matches(dw, weight, Tolerances.Sum(rows));
            if (db is { } tensor)
            {
                contract.Matches(tensor, bias, Tolerances.Sum(rows));
            }
        }
    }

    [Fact]
    public void WrongShapesAreNamedInTheError()
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(TestBackends.AllNames[0]);
        using var contract = new OpContract(backend, 1);
        Tensor dy = contract.Output(ElementType.F32, 2, 7), dx = contract.Output(ElementType.F32, 2, 5), weight = contract.Output(ElementType.F32, 6, 7);
        var error = Assert.Throws<ArgumentException>(() => backend.LinearInputGradient(dy, new LinearWeights(weight, null), null, dx));
        Assert.Contains("(2, 7) F32, (6, 7) F32, (2, 5) F32", error.Message);
        error = Assert.Throws<ArgumentException>(() => backend.LinearWeightGradient(dx, dy, new LinearWeights(weight, null)));
        Assert.Contains("(2, 5) F32, (2, 7) F32, (6, 7) F32", error.Message);
    }

    private static Tensor Weight(OpContract contract, bool outputMajor, int inputs, int outputs) => outputMajor
        ? contract.Input(ElementType.F32, contract.Random.Floats(inputs * outputs), outputs, inputs)
        : contract.Input(ElementType.F32, contract.Random.Floats(inputs * outputs), inputs, outputs);
}

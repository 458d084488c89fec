using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Reference;
using Xunit;

namespace Jukebox.Tests.Ops;

public sealed class LinearTests
{
    /// <summary>Rows, input channels, output channels: around every tile, panel and switch between kernels.</summary>
    private static readonly (int Rows, int Inputs, int Outputs)[] Shapes =
    [
        (1, 1, 1), (1, 7, 33), (1, 65, 31), (1, 97, 130), (2, 9, 5), (3, 17, 64), (4, 33, 63), (5, 8, 97), (7, 31, 32),
        (8, 40, 65), (11, 13, 47), (13, 16, 16), (16, 50, 96), (25, 11, 37), (47, 19, 33), (48, 23, 70), (61, 483, 131),
    ];

    public static TheoryData<string, ElementType, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, ElementType, bool>();
            foreach (string name in TestBackends.AllNames)
            {
                foreach (ElementType type in (ElementType[])[ElementType.F32, ElementType.F16, ElementType.BF16])
                {
                    cases.Add(name, type, false);
                    cases.Add(name, type, true);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void MatchesTheReferenceAtAwkwardShapes(string name, ElementType type, bool outputMajor)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach ((int rows, int inputs, int outputs) in Shapes)
        {
            bool extras = rows % 2 == 1;
            using var contract = new OpContract(backend, (ulong)((rows * 10_000) + outputs));
            int[] extents = outputMajor ? [outputs, inputs] : [inputs, outputs];
            Tensor weight = contract.Input(type, contract.Random.Floats(inputs * outputs), extents);
            Tensor? bias = extras ? contract.Input(type, contract.Random.Floats(outputs), outputs) : null;
            using PackedMatrix packed = backend.PackCopy(new LinearWeights(weight, bias, outputMajor));

            // Kernels may round what they multiply with the matrix to its storage: these values have it, so that only sums differ.
            ElementType storage = packed.Type;
            Tensor x = contract.Input(ElementType.F32, OpContract.Rounded(contract.Random.Floats(rows * inputs), storage), rows, inputs);
            Tensor? residual = extras ? contract.Input(ElementType.F32, contract.Random.Floats(rows * outputs), rows, outputs) : null;
            Tensor y = contract.Output(ElementType.F32, rows, outputs);
            Activation activation = rows % 3 == 1 ? Activation.QuickGelu : Activation.None;
            backend.Linear(x, packed, activation, residual, y);
            double[] expected = ReferenceOps.Linear(
                OpContract.Stored(x), OpContract.StoredAs(weight, storage), bias is { } b ? OpContract.Stored(b) : null, outputMajor,
                activation == Activation.QuickGelu, residual is { } r ? OpContract.Stored(r) : null, inputs, outputs);
            contract.Matches(y, expected, Tolerances.Sum(inputs));
        }
    }

    /// <summary>A row computed alone, among a few and among many gives the same bits.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void ARowDoesNotDependOnItsCompany(string name, ElementType type, bool outputMajor)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 77);
        const int rows = 53, inputs = 501, outputs = 75;
        Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(rows * inputs), rows, inputs);
        int[] extents = outputMajor ? [outputs, inputs] : [inputs, outputs];
        Tensor weight = contract.Input(type, contract.Random.Floats(inputs * outputs), extents);
        Tensor bias = contract.Input(ElementType.F32, contract.Random.Floats(outputs), outputs);
        using PackedMatrix packed = backend.PackCopy(new LinearWeights(weight, bias, outputMajor));
        Tensor together = contract.Output(ElementType.F32, rows, outputs);
        backend.Linear(x, packed, Activation.QuickGelu, null, together);
        int[] expected = together.ToArray<int>();
        foreach (int group in (int[])[1, 2, 3, 5, 6, 7, 9, 12, 13, 20, 48])
        {
            Tensor apart = contract.Output(ElementType.F32, rows, outputs);
            for (int row = 0; row < rows; row += group)
            {
                int count = Math.Min(group, rows - row);
                backend.Linear(x.Slice(row, count), packed, Activation.QuickGelu, null, apart.Slice(row, count));
            }

            Assert.Equal(expected, apart.ToArray<int>());
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void TheOutputMayBeTheResidual(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach (int rows in (int[])[1, 6, 60])
        {
            using var contract = new OpContract(backend, (ulong)rows);
            Tensor weight = contract.Input(ElementType.F32, contract.Random.Floats(30 * 41), 30, 41);
            using PackedMatrix packed = backend.PackCopy(new LinearWeights(weight, null));
            ElementType storage = packed.Type;
            Tensor x = contract.Input(ElementType.F32, OpContract.Rounded(contract.Random.Floats(rows * 30), storage), rows, 30);
            Tensor y = contract.Input(ElementType.F32, contract.Random.Floats(rows * 41), rows, 41);
            double[] expected = ReferenceOps.Linear(
                OpContract.Stored(x), OpContract.StoredAs(weight, storage), null, false, false, OpContract.Stored(y), 30, 41);
            backend.Linear(x, packed, Activation.None, y, y);
            contract.Matches(y, expected, Tolerances.Sum(30));
        }
    }

    /// <summary>Files promise no more than the alignment of an element, and damaged ones not even that.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void WeightsNeedNoAlignment(string name, ElementType type, bool outputMajor)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach (int rows in (int[])[1, 5, 50])
        {
            using var contract = new OpContract(backend, 5);
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(rows * 33), rows, 33);
            int[] extents = outputMajor ? [49, 33] : [33, 49];
            Tensor weight = contract.Input(type, contract.Random.Floats(33 * 49), extents);
            Tensor shifted = contract.LoadedFromOddAddress(weight);
            Tensor expected = contract.Output(ElementType.F32, rows, 49), actual = contract.Output(ElementType.F32, rows, 49);
            using PackedMatrix packed = backend.PackCopy(new LinearWeights(weight, null, outputMajor));
            using PackedMatrix packedShifted = backend.Pack(new LinearWeights(shifted, null, outputMajor));
            backend.Linear(x, packed, Activation.None, null, expected);
            backend.Linear(x, packedShifted, Activation.None, null, actual);
            Assert.Equal(expected.ToArray<int>(), actual.ToArray<int>());
        }
    }

    [Fact]
    public void WrongShapesAreNamedInTheError()
    {
        using IBackend backend = TestBackends.Open(TestBackends.AllNames[0]);
        using var contract = new OpContract(backend, 1);
        Tensor x = contract.Output(ElementType.F32, 2, 5), y = contract.Output(ElementType.F32, 2, 7);
        using PackedMatrix packed = backend.PackCopy(new LinearWeights(contract.Output(ElementType.F32, 6, 7), null));
        var error = Assert.Throws<ArgumentException>(() => backend.Linear(x, packed, Activation.None, null, y));
        Assert.StartsWith("(6, 7) ", packed.ToString());
        Assert.Contains($"(2, 5) F32, {packed}, (2, 7) F32", error.Message);
    }
}

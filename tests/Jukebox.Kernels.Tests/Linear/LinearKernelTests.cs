using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Xunit;

namespace Jukebox.Tests.Linear;

/// <summary>The step's and the chunk's kernels: each epilogue at awkward shapes, and one against the other bit for bit.</summary>
public sealed class LinearKernelTests
{
    /// <summary>Around tiles of 8 rows, the step's 16, the chunk's 64.</summary>
    private static readonly int[] Rows = [1, 2, 3, 7, 8, 9, 16, 17, 33, 64, 65];

    /// <summary>Around groups of 32 channels, segments, tiles of 16 and 32 outputs, blocks of 64 and 128.</summary>
    private static readonly (int Inputs, int Outputs)[] Shapes = [(1, 1), (33, 17), (97, 63), (255, 31), (257, 131)];

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void EveryEpilogueMatchesTheReference(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        int turn = 0;
        foreach (int rows in Rows)
        {
            foreach ((int inputs, int outputs) in Shapes)
            {
                var extras = (Extras)(turn++ % 8);
                using var contract = new OpContract(backend, (ulong)((rows * 1000) + inputs));
                using var layer = new LinearCase(contract, rows, inputs, outputs, extras);
                contract.Matches(layer.Run(rows), layer.Expected(), Tolerances.Sum(inputs));
            }
        }
    }

    /// <summary>65 rows in every company: steps of one, of a few and of a full tile, chunks that are whole and chunks that are not.</summary>
    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void StepsAndChunksGiveTheSameBits(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach ((int inputs, int outputs, Extras extras) in ((int, int, Extras)[])
            [(1, 5, Extras.Norm), (97, 33, Extras.Bias | Extras.Residual), (449, 17, Extras.Norm | Extras.Bias | Extras.Gelu), (1030, 19, Extras.None)])
        {
            using var contract = new OpContract(backend, (ulong)inputs);
            using var layer = new LinearCase(contract, 65, inputs, outputs, extras);
            int[] expected = layer.Run(1).ToArray<int>();
            foreach (int rowsAtOnce in (int[])[2, 4, 5, 8, 9, 13, 16, 17, 24, 33, 64, 65])
            {
                Assert.Equal(expected, layer.Run(rowsAtOnce).ToArray<int>());
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void AFusedNormGivesTheBitsOfANormApart(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach (int rows in (int[])[1, 3, 8, 16, 17, 40])
        {
            foreach ((int inputs, int outputs) in ((int, int)[])[(1, 3), (31, 17), (480, 33), (1201, 16)])
            {
                foreach (ElementType type in (ElementType[])[ElementType.F32, ElementType.F16, ElementType.BF16])
                {
                    using var contract = new OpContract(backend, (ulong)((rows * 10_000) + inputs));
                    using var layer = new LinearCase(contract, rows, inputs, outputs, Extras.Norm | Extras.Bias, type);
                    Assert.Equal(layer.RunApart().ToArray<int>(), layer.Run(rows).ToArray<int>());
                }
            }
        }
    }

    /// <summary>Widths of the published models, a few of their outputs.</summary>
    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void PublishedWidthsMatchTheReference(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach ((int inputs, int outputs) in ((int, int)[])[(1920, 1440), (480, 1920), (2048, 96), (4800, 48), (1200, 80)])
        {
            foreach (int rows in (int[])[1, 16, 20])
            {
                using var contract = new OpContract(backend, (ulong)(inputs + rows));
                using var layer = new LinearCase(contract, rows, inputs, outputs, Extras.Bias | Extras.Residual);
                contract.Matches(layer.Run(rows), layer.Expected(), Tolerances.Sum(inputs));
            }
        }
    }

    /// <summary>On tensor cores the input is rounded to the matrix's storage, once and to nearest even; without them not at all.</summary>
    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void OnTensorCoresTheInputIsRoundedOnce(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach (int rows in (int[])[3, 20])
        {
            const int inputs = 70, outputs = 40;
            using var contract = new OpContract(backend, (ulong)rows);
            float[] values = contract.Random.Floats(rows * inputs);
            using PackedMatrix packed = backend.PackCopy(new LinearWeights(contract.Input(ElementType.F32, contract.Random.Floats(inputs * outputs), inputs, outputs), null));
            ElementType storage = packed.Type;
            int[] whole = Multiply(values), rounded = Multiply(OpContract.Rounded(values, storage));
            if (TestBackends.Capability(name) >= 80 || storage == ElementType.F32)
            {
                Assert.Equal(rounded, whole);
            }
            else
            {
                Assert.NotEqual(rounded, whole);
            }

            int[] Multiply(float[] x)
            {
                Tensor y = contract.Output(ElementType.F32, rows, outputs);
                backend.Linear(contract.Input(ElementType.F32, x, rows, inputs), packed, Activation.None, null, y);
                return y.ToArray<int>();
            }
        }
    }

    /// <summary>A row of NaN or infinities leaves the rows beside it alone.</summary>
    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void RowsThatAreNotFiniteKeepToThemselves(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach (int rows in (int[])[3, 16, 19])
        {
            const int inputs = 45, outputs = 21;
            using var contract = new OpContract(backend, (ulong)rows);
            using PackedMatrix packed = backend.PackCopy(new LinearWeights(contract.Input(ElementType.F32, contract.Random.Floats(inputs * outputs), inputs, outputs), null));
            float[] values = contract.Random.Floats(rows * inputs);
            Tensor expected = contract.Output(ElementType.F32, rows, outputs), actual = contract.Output(ElementType.F32, rows, outputs);
            backend.Linear(contract.Input(ElementType.F32, values, rows, inputs), packed, Activation.None, null, expected);
            values.AsSpan(inputs, inputs).Fill(float.NaN);
            values[(2 * inputs) + 7] = float.PositiveInfinity;
            backend.Linear(contract.Input(ElementType.F32, values, rows, inputs), packed, Activation.None, null, actual);
            Assert.All(actual.Slice(1, 1).ToArray<float>(), value => Assert.True(float.IsNaN(value)));
            Assert.Contains(actual.Slice(2, 1).ToArray<float>(), value => !float.IsFinite(value));
            Assert.Equal(expected.Slice(0, 1).ToArray<int>(), actual.Slice(0, 1).ToArray<int>());
            Assert.Equal(expected.Slice(3, rows - 3).ToArray<int>(), actual.Slice(3, rows - 3).ToArray<int>());
        }
    }
}

using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Xunit;

namespace Jukebox.Tests.Cpu;

/// <summary>Linear layers of more rows, and more input channels, than are held at once: pieces of either must not show.</summary>
public sealed class ManyRowsTests
{
    public static TheoryData<string, ElementType> Cases
    {
        get
        {
            var cases = new TheoryData<string, ElementType>();
            foreach (string name in TestBackends.AllNames)
            {
                cases.Add(name, ElementType.F32);
                cases.Add(name, ElementType.BF16);
            }

            return cases;
        }
    }

    /// <summary>Against few rows at a time, whose weights are read in place.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void PiecesOfRowsAndInputsGiveTheSameBits(string name, ElementType type)
    {
        foreach ((int rows, int inputs, int outputs) in ((int, int, int)[])[(1100, 1930, 41), (200, 4800, 300), (1056, 970, 129)])
        {
            using IBackend backend = TestBackends.Open(name);
            using var contract = new OpContract(backend, 7);
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats((long)rows * inputs), rows, inputs);
            Tensor weight = contract.Input(type, contract.Random.Floats((long)inputs * outputs), inputs, outputs);
            Tensor bias = contract.Input(ElementType.F32, contract.Random.Floats(outputs), outputs);
            using PackedMatrix packed = backend.PackCopy(new LinearWeights(weight, bias));
            Tensor together = contract.Input(ElementType.F32, contract.Random.Floats((long)rows * outputs), rows, outputs);
            Tensor apart = contract.Output(ElementType.F32, rows, outputs);
            backend.Copy(together, apart);
            backend.Linear(x, packed, Activation.QuickGelu, together, together);
            const int few = 40;
            for (int row = 0; row < rows; row += few)
            {
                int count = Math.Min(few, rows - row);
                Tensor part = apart.Slice(row, count);
                backend.Linear(x.Slice(row, count), packed, Activation.QuickGelu, part, part);
            }

            Assert.Equal(apart.ToArray<int>(), together.ToArray<int>());
        }
    }
}

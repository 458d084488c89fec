using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Reference;
using Xunit;

namespace Jukebox.Tests.Ops;

public sealed class TransposedConv1dTests
{
    /// <summary>Batch, T, Cin, Cout, taps, stride, padding, and positions out beyond the natural number.</summary>
    private static readonly (int, int, int, int, int, int, int, int)[] Shapes =
    [
        (1, 1, 1, 1, 4, 2, 1, 0),
        (2, 13, 32, 64, 4, 2, 1, 0),
        (1, 97, 64, 64, 4, 2, 1, 0),
        (1, 200, 8, 9, 4, 2, 1, 0),
        (2, 6, 33, 31, 8, 4, 2, 0),
        (1, 5, 3, 2, 5, 3, 1, 0),
        (1, 5, 3, 1, 2, 3, 0, 0),
        (1, 7, 4, 5, 3, 1, 1, 0),
        (1, 20, 16, 16, 4, 2, 3, -7),
        (1, 20, 16, 16, 4, 2, 2, 5),
    ];

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void MatchesTheReferenceAtAwkwardShapes(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach ((int batch, int length, int inputs, int outputs, int taps, int stride, int padding, int extra) in Shapes)
        {
            var geometry = new ConvGeometry(stride, 1, padding);
            int outputLength = geometry.TransposedOutputLength(length, taps) + extra;
            foreach (ElementType type in (ReadOnlySpan<ElementType>)[ElementType.F32, ElementType.F16, ElementType.BF16])
            {
                using var contract = new OpContract(backend, (ulong)((length * 1_000) + inputs));
                Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(batch * length * inputs), batch, length, inputs);
                Tensor weight = contract.Input(type, contract.Random.Floats(taps * inputs * outputs), taps, inputs, outputs);
                Tensor bias = contract.Input(ElementType.F32, contract.Random.Floats(outputs), outputs);
                Tensor y = contract.Output(ElementType.F32, batch, outputLength, outputs);
                backend.TransposedConv1d(x, new ConvWeights(weight, bias), geometry, y);
                double[] expected = ReferenceOps.TransposedConv1d(
                    OpContract.Stored(x), batch, OpContract.Stored(weight), OpContract.Stored(bias), taps, stride, padding, outputLength);
                contract.Matches(y, expected, Tolerances.Sum(taps * inputs));
            }
        }
    }
}

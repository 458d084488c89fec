using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Reference;
using Xunit;

namespace Jukebox.Tests.Ops;

public sealed class Conv1dTests
{
    /// <summary>Batch, T, Cin, Cout, taps, stride, dilation, padding.</summary>
    private static readonly (int, int, int, int, int, int, int, int)[] Shapes =
    [
        (1, 1, 1, 1, 1, 1, 1, 0),
        (1, 1, 1, 1, 3, 1, 1, 1),
        (2, 17, 1, 64, 4, 2, 1, 1),
        (1, 101, 1, 33, 4, 2, 1, 1),
        (1, 13, 64, 1, 3, 1, 1, 1),
        (3, 7, 5, 1, 3, 1, 1, 1),
        (2, 50, 8, 8, 3, 1, 27, 27),
        (1, 11, 31, 31, 3, 1, 1, 1),
        (1, 12, 32, 32, 3, 1, 3, 3),
        (1, 193, 33, 65, 1, 1, 1, 0),
        (1, 400, 64, 64, 3, 1, 2187, 2187),
        (1, 193, 16, 17, 5, 3, 2, 4),
        (2, 30, 64, 32, 8, 4, 1, 2),
        (1, 9, 130, 127, 3, 1, 1, 1),
    ];

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void MatchesTheReferenceAtAwkwardShapes(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach ((int batch, int length, int inputs, int outputs, int taps, int stride, int dilation, int padding) in Shapes)
        {
            var geometry = new ConvGeometry(stride, dilation, padding);
            int outputLength = geometry.OutputLength(length, taps);
            foreach (ElementType type in (ReadOnlySpan<ElementType>)[ElementType.F32, ElementType.F16, ElementType.BF16])
            {
                foreach (bool residual in (ReadOnlySpan<bool>)[false, true])
                {
                    Check(backend, batch, length, inputs, outputs, taps, geometry, outputLength, type, residual);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void TheOutputMayBeShorterOrLongerThanItsInputReaches(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        Check(backend, 1, 20, 8, 8, 3, new ConvGeometry(1, 3, 3), 5, ElementType.F32, false);
        Check(backend, 1, 20, 8, 8, 3, new ConvGeometry(1, 3, 0), 26, ElementType.F32, true);
        Check(backend, 1, 20, 8, 8, 4, new ConvGeometry(2, 1, 1), 25, ElementType.F32, false);
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void TheOutputMayReplaceTheResidual(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 5);
        const int Length = 37, Width = 19;
        Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(Length * Width), 1, Length, Width);
        float[] residual = contract.Random.Floats(Length * Width);
        Tensor weight = contract.Input(ElementType.F32, contract.Random.Floats(Width * Width), 1, Width, Width);
        Tensor bias = contract.Input(ElementType.F32, contract.Random.Floats(Width), Width);
        Tensor apart = contract.Output(ElementType.F32, 1, Length, Width);
        Tensor added = contract.Input(ElementType.F32, residual, 1, Length, Width);
        var weights = new ConvWeights(weight, bias);
        var geometry = new ConvGeometry(1, 1, 0);
        backend.Conv1d(x, weights, geometry, true, added, 0.25f, apart);
        backend.Conv1d(x, weights, geometry, true, added, 0.25f, added);
        Assert.Equal(apart.ToArray<float>(), added.ToArray<float>());
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void AWindowGivesTheBitsOfTheWhole(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 6);
        const int Length = 421, Inputs = 33, Outputs = 40, Dilation = 9;
        Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(Length * Inputs), 1, Length, Inputs);
        Tensor weight = contract.Input(ElementType.F32, contract.Random.Floats(3 * Inputs * Outputs), 3, Inputs, Outputs);
        Tensor bias = contract.Input(ElementType.F32, contract.Random.Floats(Outputs), Outputs);
        Tensor whole = contract.Output(ElementType.F32, 1, Length, Outputs);
        var weights = new ConvWeights(weight, bias);
        backend.Conv1d(x, weights, new ConvGeometry(1, Dilation, Dilation), true, null, 1, whole);
        const int First = 101, Count = 77;
        Tensor window = x.Reshape(Length, Inputs).Slice(First - Dilation, Count + (2 * Dilation)).Reshape(1, Count + (2 * Dilation), Inputs);
        Tensor part = contract.Output(ElementType.F32, 1, Count, Outputs);
        backend.Conv1d(window, weights, new ConvGeometry(1, Dilation, 0), true, null, 1, part);
        Assert.Equal(whole.ToArray<float>()[(First * Outputs)..((First + Count) * Outputs)], part.ToArray<float>());
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void ShapesThatDoNotFitAreRefused(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 7);
        Tensor x = contract.Output(ElementType.F32, 1, 4, 3);
        var weights = new ConvWeights(contract.Output(ElementType.F32, 1, 2, 3), contract.Output(ElementType.F32, 3));
        Assert.Throws<ArgumentException>(() => backend.Conv1d(x, weights, new ConvGeometry(1, 1, 0), false, null, 1, x));
        Assert.Throws<ArgumentException>(() => backend.TransposedConv1d(x, weights, new ConvGeometry(1, 1, 0), x));
    }

    private static void Check(
        IBackend backend, int batch, int length, int inputs, int outputs, int taps, ConvGeometry geometry, int outputLength,
        ElementType type, bool withResidual)
    {
        using var contract = new OpContract(backend, (ulong)((length * 1_000) + inputs));
        Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(batch * length * inputs), batch, length, inputs);
        Tensor weight = contract.Input(type, contract.Random.Floats(taps * inputs * outputs), taps, inputs, outputs);
        Tensor bias = contract.Input(ElementType.F32, contract.Random.Floats(outputs), outputs);
        float[] residual = contract.Random.Floats(batch * outputLength * outputs);
        Tensor added = contract.Input(ElementType.F32, residual, batch, outputLength, outputs);
        Tensor y = contract.Output(ElementType.F32, batch, outputLength, outputs);
        float scale = withResidual ? 0.25f : 1;
        bool relu = withResidual;
        backend.Conv1d(x, new ConvWeights(weight, bias), geometry, relu, withResidual ? added : null, scale, y);
        double[] expected = ReferenceOps.Conv1d(
            OpContract.Stored(x), batch, OpContract.Stored(weight), OpContract.Stored(bias), taps, geometry.Stride, geometry.Dilation,
            geometry.Padding, relu, outputLength);
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] = (scale * expected[i]) + (withResidual ? residual[i] : 0);
        }

        contract.Matches(y, expected, Tolerances.Sum(taps * inputs));
    }
}

using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Reference;
using Xunit;

namespace Jukebox.Tests.Ops;

public sealed class ResidualBlockTests
{
    /// <summary>Batch, T, T′, C, hidden, dilation, padding.</summary>
    private static readonly (int, int, int, int, int, int, int)[] Shapes =
    [
        (1, 1, 1, 1, 1, 1, 1),
        (2, 29, 29, 8, 8, 9, 9),
        (1, 50, 43, 17, 33, 3, 1),
        (2, 205, 199, 31, 15, 1, 0),
        (3, 13, 13, 64, 64, 2187, 2187),
        (1, 97, 97, 32, 32, 27, 27),
        (1, 25, 13, 65, 130, 3, 0),
    ];

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void MatchesTheReferenceAndTheBitsOfTwoConvolutions(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach ((int batch, int length, int outputs, int width, int hidden, int dilation, int padding) in Shapes)
        {
            foreach (ElementType type in (ReadOnlySpan<ElementType>)[ElementType.F32, ElementType.F16, ElementType.BF16])
            {
                Check(backend, batch, length, outputs, width, hidden, new ConvGeometry(1, dilation, padding), type);
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void AWindowWithoutTheRowsToAddToIsRefused(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 1);
        Tensor x = contract.Output(ElementType.F32, 1, 10, 4), y = contract.Output(ElementType.F32, 1, 10, 4);
        var dilated = new ConvWeights(contract.Output(ElementType.F32, 3, 4, 4), contract.Output(ElementType.F32, 4));
        var pointwise = new ConvWeights(contract.Output(ElementType.F32, 1, 4, 4), contract.Output(ElementType.F32, 4));
        Assert.Throws<ArgumentException>(() => backend.ResidualBlock(x, dilated, new ConvGeometry(1, 1, 0), pointwise, 1, y));
        Assert.Throws<ArgumentException>(() => backend.ResidualBlock(x, dilated, new ConvGeometry(1, 1, 2), pointwise, 1, y));
    }

    private static void Check(
        IBackend backend, int batch, int length, int outputLength, int width, int hidden, ConvGeometry geometry, ElementType type)
    {
        using var contract = new OpContract(backend, (ulong)((length * 1_000) + width));
        Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(batch * length * width), batch, length, width);
        var dilated = new ConvWeights(
            contract.Input(type, contract.Random.Floats(3 * width * hidden, 0.25f), 3, width, hidden),
            contract.Input(ElementType.F32, contract.Random.Floats(hidden), hidden));
        var pointwise = new ConvWeights(
            contract.Input(type, contract.Random.Floats(hidden * width, 0.25f), 1, hidden, width),
            contract.Input(ElementType.F32, contract.Random.Floats(width), width));
        Tensor y = contract.Output(ElementType.F32, batch, outputLength, width);
        backend.ResidualBlock(x, dilated, geometry, pointwise, 0.25f, y);

        double[] between = ReferenceOps.Conv1d(
            OpContract.Stored(x), batch, OpContract.Stored(dilated.Weight), OpContract.Stored(dilated.Bias), 3, 1, geometry.Dilation,
            geometry.Padding, true, outputLength);
        double[] expected = ReferenceOps.Conv1d(
            between, batch, OpContract.Stored(pointwise.Weight), OpContract.Stored(pointwise.Bias), 1, 1, 1, 0, true, outputLength);
        var residual = new float[expected.Length];
        float[] input = x.ToArray<float>();
        int shift = geometry.Dilation - geometry.Padding;
        for (int i = 0; i < expected.Length; i++)
        {
            int row = i / width, item = row / outputLength;
            residual[i] = input[(((item * length) + (row % outputLength) + shift) * width) + (i % width)];
            expected[i] = residual[i] + (0.25 * expected[i]);
        }

        contract.Matches(y, expected, Tolerances.Sum(3 * width) + Tolerances.Sum(hidden));

        Tensor hiddenRows = contract.Output(ElementType.F32, batch, outputLength, hidden);
        Tensor twoCalls = contract.Output(ElementType.F32, batch, outputLength, width);
        backend.Conv1d(x, dilated, geometry, true, null, 1, hiddenRows);
        backend.Conv1d(
            hiddenRows, pointwise, new ConvGeometry(1, 1, 0), true, contract.Input(ElementType.F32, residual, batch, outputLength, width), 0.25f, twoCalls);
        Assert.Equal(twoCalls.ToArray<float>(), y.ToArray<float>());
    }
}

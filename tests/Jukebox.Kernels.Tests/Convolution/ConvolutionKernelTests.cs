using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Xunit;

namespace Jukebox.Tests.Convolution;

/// <summary>What must not change a bit of a convolution: the batch, the alignment of its tensors.</summary>
public sealed class ConvolutionKernelTests
{
    [Theory]
    [InlineData("cuda-70-f32")]
    [InlineData("cuda-80-f32")]
    public void ABatchGivesTheBitsOfItsItemsAlone(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 61);
        const int batch = 3, length = 150, width = 24, outputs = 72;
        var geometry = new ConvGeometry(1, 3, 3);
        ConvWeights wide = Weights(contract, ElementType.F16, 3, width, outputs), point = Weights(contract, ElementType.F16, 1, outputs, width);
        ConvWeights up = Weights(contract, ElementType.F32, 4, width, outputs);
        Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(batch * length * width), batch, length, width);
        Check(outputs, (input, y) => backend.Conv1d(input, wide, geometry, true, null, 0.5f, y));
        Check(outputs, (input, y) => backend.TransposedConv1d(input, up, new ConvGeometry(2, 1, 1), y));
        Check(width, (input, y) => backend.ResidualBlock(input, wide, geometry, point, 0.25f, y));

        void Check(int channels, Action<Tensor, Tensor> operation)
        {
            Tensor together = contract.Output(ElementType.F32, batch, length, channels), alone = contract.Output(ElementType.F32, batch, length, channels);
            operation(x, together);
            for (int n = 0; n < batch; n++)
            {
                operation(x.Slice(n, 1), alone.Slice(n, 1));
            }

            Assert.Equal(together.ToArray<float>(), alone.ToArray<float>());
        }
    }

    /// <summary>Four channels at once where the addresses allow it, one by one elsewhere: the same sums.</summary>
    [Theory]
    [InlineData("cuda-70-f32")]
    [InlineData("cuda-80-f32")]
    public void AlignmentDoesNotChangeABit(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach (ElementType type in (ElementType[])[ElementType.F32, ElementType.F16, ElementType.BF16])
        {
            using var contract = new OpContract(backend, 62);
            const int length = 67, width = 20, outputs = 36;
            ConvWeights weights = Weights(contract, type, 3, width, outputs);
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(length * width), 1, length, width);
            Tensor aligned = contract.Output(ElementType.F32, 1, length, outputs), shifted = Shifted(contract, aligned);
            var geometry = new ConvGeometry(1, 9, 9);
            backend.Conv1d(x, weights, geometry, true, null, 1, aligned);
            var elsewhere = new ConvWeights(Shifted(contract, weights.Weight), Shifted(contract, weights.Bias));
            backend.Conv1d(Shifted(contract, x), elsewhere, geometry, true, null, 1, shifted);
            Assert.Equal(aligned.ToArray<float>(), shifted.ToArray<float>());
        }
    }

    private static ConvWeights Weights(OpContract contract, ElementType type, int taps, int inputs, int outputs) => new(
        contract.Input(type, contract.Random.Floats(taps * inputs * outputs, 0.25f), taps, inputs, outputs),
        contract.Input(ElementType.F32, contract.Random.Floats(outputs), outputs));

    /// <summary>A copy whose first element is one element behind an aligned address.</summary>
    private static Tensor Shifted(OpContract contract, Tensor source)
    {
        Tensor room = contract.Output(source.Type, checked((int)source.LengthElements + 1));
        Tensor shifted = room.Slice(1, checked((int)source.LengthElements)).Reshape(source.Shape);
        contract.Backend.Copy(source, shifted);
        return shifted;
    }
}

using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Backend;
using Jukebox.Cuda.Driver;
using Jukebox.PtxMachine.Parsing;
using Xunit;

namespace Jukebox.Tests.Linear;

/// <summary>Packed matrices, element by element, against the layout that <c>linear_pack.cu</c> states.</summary>
public sealed class LinearPackTests
{
    private const int GroupChannels = 32;

    private static readonly (int Inputs, int Outputs)[] Shapes = [(1, 1), (31, 15), (32, 16), (33, 17), (97, 33), (64, 32), (130, 131)];

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void EveryElementIsWhereItsKernelReadsItAndTheRestIsZero(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach ((int inputs, int outputs) in Shapes)
        {
            foreach (ElementType type in (ElementType[])[ElementType.F32, ElementType.F16, ElementType.BF16])
            {
                foreach (bool outputMajor in (bool[])[false, true])
                {
                    using var contract = new OpContract(backend, (ulong)((inputs * 1000) + outputs));
                    Tensor weight = contract.Input(type, contract.Random.Floats(inputs * outputs), outputMajor ? [outputs, inputs] : [inputs, outputs]);
                    using PackedMatrix packed = backend.PackCopy(new LinearWeights(weight, null, outputMajor));
                    ElementType storage = packed.Type;
                    double[] source = OpContract.StoredAs(weight, storage), actual = Content(((CudaMatrix)packed).Packed, storage);
                    var expected = new double[actual.Length];
                    bool tensorCores = TestBackends.Capability(name) >= 80 && storage != ElementType.F32;
                    for (int output = 0; output < outputs; output++)
                    {
                        for (int channel = 0; channel < inputs; channel++)
                        {
                            int place = tensorCores ? MmaPlace(output, channel, inputs) : FmaPlace(output, channel, inputs, 16 / storage.LengthBytes());
                            expected[place] = source[outputMajor ? (output * inputs) + channel : (channel * outputs) + output];
                        }
                    }

                    Assert.Equal((inputs, outputs), (packed.InputWidth, packed.OutputWidth));
                    Assert.Equal(backend.PackedBytes(type, inputs, outputs), packed.LengthBytes);
                    Assert.Equal(expected, actual);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void ABiasIsWidenedIntoABufferOfItsOwn(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach (ElementType type in (ElementType[])[ElementType.F32, ElementType.F16, ElementType.BF16])
        {
            using var contract = new OpContract(backend, 2);
            Tensor weight = contract.Input(type, contract.Random.Floats(7 * 19), 7, 19), bias = contract.Input(type, contract.Random.Floats(19), 19);
            using PackedMatrix packed = backend.PackCopy(new LinearWeights(weight, bias));
            Tensor widened = ((CudaMatrix)packed).Bias!.Value;
            Assert.Equal(ElementType.F32, widened.Type);
            Assert.NotSame(bias.Buffer, widened.Buffer);
            Assert.Equal(OpContract.Stored(bias), OpContract.Stored(widened));
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void WhatWasPackedIsFreedSoThatNoMatrixIsThereTwice(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        Tensor weight = Filled(2, 3), bias = Filled(3);
        using PackedMatrix packed = backend.Pack(new LinearWeights(weight, bias));
        Assert.Throws<ObjectDisposedException>(() => weight.ToArray<float>());
        Assert.Throws<ObjectDisposedException>(() => bias.ToArray<float>());

        Tensor Filled(params ReadOnlySpan<int> extents)
        {
            var shape = new Shape(extents);
            var tensor = new Tensor(backend.Allocate(shape.LengthElements * sizeof(float)), ElementType.F32, shape);
            tensor.Upload<float>(new TestRandom(3).Floats(shape.LengthElements));
            return tensor;
        }
    }

    [Fact]
    public void WithoutAWishMatricesOfSinglesAreStoredAsHalvesAndOthersAsTheyCome()
    {
        using CudaBackend backend = TestBackends.Open(PtxMachine.Driver.PtxDriver.AddDevice(new() { IsRemovedWithContext = true }), new CudaOptions());
        using var contract = new OpContract(backend, 4);
        foreach ((ElementType type, ElementType stored) in ((ElementType, ElementType)[])
            [(ElementType.F32, ElementType.F16), (ElementType.F16, ElementType.F16), (ElementType.BF16, ElementType.BF16)])
        {
            using PackedMatrix packed = backend.PackCopy(new LinearWeights(contract.Input(type, contract.Random.Floats(6), 2, 3), null));
            Assert.Equal(stored, packed.Type);
            Assert.Equal(stored, backend.PackedType(type));
            Assert.Equal(stored, backend.CacheType(stored));
        }
    }

    [Fact]
    public void AMatrixOfAnotherDeviceOrOneThatWasFreedIsRefusedByName()
    {
        using IBackend backend = TestBackends.Open(TestBackends.AllNames[0]), other = TestBackends.Open(TestBackends.AllNames[0]);
        using var contract = new OpContract(backend, 5);
        using var elsewhere = new OpContract(other, 5);
        Tensor x = contract.Output(ElementType.F32, 1, 4), y = contract.Output(ElementType.F32, 1, 3);
        using PackedMatrix foreign = other.PackCopy(new LinearWeights(elsewhere.Input(ElementType.F16, elsewhere.Random.Floats(12), 4, 3), null));
        var error = Assert.Throws<ArgumentException>(() => backend.Linear(x, foreign, Activation.None, null, y));
        Assert.Contains("the matrix (4, 3) ", error.Message);
        Assert.Contains("was packed for another device, not for CUDA", error.Message);
        PackedMatrix freed = backend.PackCopy(new LinearWeights(contract.Input(ElementType.F16, contract.Random.Floats(12), 4, 3), null));
        freed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => backend.Linear(x, freed, Activation.None, null, y));
    }

    private static int Groups(int inputs) => (inputs + GroupChannels - 1) / GroupChannels;

    /// <summary>Tiles of 32 outputs; of a group, for each 16 bytes of channels, those of every output.</summary>
    private static int FmaPlace(int output, int channel, int inputs, int pieceChannels)
    {
        int tile = (output / 32 * Groups(inputs)) + (channel / GroupChannels), within = channel % GroupChannels;
        return (tile * 32 * GroupChannels) + (within / pieceChannels * 32 * pieceChannels) + (output % 32 * pieceChannels) + (within % pieceChannels);
    }

    /// <summary>Tiles of 16 outputs; of a group, output by output, 32 channels.</summary>
    private static int MmaPlace(int output, int channel, int inputs)
    {
        int tile = (output / 16 * Groups(inputs)) + (channel / GroupChannels);
        return (tile * 16 * GroupChannels) + (output % 16 * GroupChannels) + (channel % GroupChannels);
    }

    private static double[] Content(DeviceBuffer buffer, ElementType type) =>
        OpContract.Stored(new Tensor(buffer, type, new Shape(checked((int)(buffer.LengthBytes / type.LengthBytes())))));
}

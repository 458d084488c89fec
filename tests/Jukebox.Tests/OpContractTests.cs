using Jukebox.Core.Tensors;
using Jukebox.Cpu.Backend;
using Xunit;
using Xunit.Sdk;

namespace Jukebox.Tests;

/// <summary>The harness itself: what it must not let pass.</summary>
public sealed class OpContractTests
{
    [Theory]
    [InlineData(1.001f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void OneAlteredElementFails(float altered)
    {
        using var backend = new CpuBackend();
        using var contract = new OpContract(backend, 1);
        double[] expected = [.. Enumerable.Range(0, 60).Select(i => (double)i)];
        float[] values = Array.ConvertAll(expected, v => (float)v);
        contract.Matches(contract.Input(ElementType.F32, values, 3, 20), expected, 1e-6);
        values[41] = altered;
        var error = Assert.ThrowsAny<XunitException>(() => contract.Matches(contract.Input(ElementType.F32, values, 3, 20), expected, 1e-6));
        Assert.Contains("1 of 60 wrong", error.Message);
        Assert.Contains("[2, 1]", error.Message);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    public void AnOverwrittenGuardFails(int element)
    {
        using var backend = new CpuBackend();
        var contract = new OpContract(backend, 1);
        Tensor tensor = contract.Output(ElementType.F32, 5);
        tensor.Buffer.Upload(new byte[4], tensor.OffsetBytes + (element * 4));
        var error = Assert.ThrowsAny<XunitException>(contract.Dispose);
        Assert.Contains("wrote outside", error.Message);
    }

    [Fact]
    public void AnUntouchedOutputFails()
    {
        using var backend = new CpuBackend();
        using var contract = new OpContract(backend, 1);
        Tensor output = contract.Output(ElementType.F32, 4);
        Assert.ThrowsAny<XunitException>(() => contract.Matches(output, [0, 0, 0, 0], 1));
    }
}

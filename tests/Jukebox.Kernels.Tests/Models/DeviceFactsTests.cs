using Jukebox.Core.Contract;
using Jukebox.Core.Shadow;
using Jukebox.Cpu.Backend;
using Jukebox.PtxMachine.Driver;
using Jukebox.Studio.Devices;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>What a CUDA device says of itself, by which use cases decide.</summary>
public sealed class DeviceFactsTests
{
    private static readonly MachineResources Machine = new(() => 1000, _ => 2000);

    [Fact]
    public void ItsMemoryIsItsOwnAndWhatIsFreeFollowsAllocations()
    {
        using var test = new CudaDeviceUnderTest(new DeviceOptions { MemoryBytes = 64 << 20 });
        IBackend backend = test.Backend;
        Assert.Equal(new MemoryFacts(64 << 20, 64 << 20), backend.Memory);
        using (backend.Allocate(16 << 20))
        {
            Assert.Equal(new MemoryFacts(64 << 20, 48 << 20), backend.Memory);
            Assert.Equal(48 << 20, Machine.Of(backend).AvailableMemoryBytes());
            using var shadow = new ShadowBackend(TestBackends.Open(test.Device, new()), new CpuBackend());
            Assert.Equal(48 << 20, Machine.Of(shadow).AvailableMemoryBytes());
        }

        Assert.Equal(64 << 20, Machine.Of(backend).AvailableMemoryBytes());
    }

    [Fact]
    public void ItDoesNotTrainAndItsLimitsCanBeMeasured()
    {
        using var test = new CudaDeviceUnderTest(new DeviceOptions { MemoryBytes = 64 << 20 });
        IBackend backend = test.Backend;
        Assert.Null(backend.Training);
        MachineLimits limits = Assert.IsType<MachineLimits>(backend.MeasureLimits());
        Assert.True(limits.ReadBytesPerSecond > 0 && limits.FlopsPerSecond > 0, $"{limits}");
        Assert.Equal(64 << 20, backend.Memory!.Value.FreeBytes);
    }
}

using System.Reflection;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Shadow;
using Jukebox.Cpu.Backend;
using Jukebox.Studio;
using Jukebox.Studio.Devices;
using Xunit;

namespace Jukebox.Tests.Studio;

/// <summary>What use cases ask a device instead of what class it is of.</summary>
public sealed class DeviceFactsTests
{
    private static readonly MachineResources Machine = new(() => 1000, _ => 2000);

    [Fact]
    public void AProcessorComputesInTheMachinesMemoryAndTrains()
    {
        using IBackend backend = new CpuBackend(new CpuOptions(ThreadCount: 1));
        Assert.Null(backend.Memory);
        Assert.Same(backend, backend.Training);
        Assert.Equal(1000, Machine.Of(backend).AvailableMemoryBytes());
    }

    [Fact]
    public void TheMemoryOfADeviceIsAskedForAnewEachTime()
    {
        IBackend backend = OwnMemory.Of(new MemoryFacts(64, 40));
        MachineResources resources = Machine.Of(backend);
        Assert.Equal(40, resources.AvailableMemoryBytes());
        ((OwnMemory)backend).Memory = new MemoryFacts(64, 8);
        Assert.Equal(8, resources.AvailableMemoryBytes());
        Assert.Equal(2000, resources.FreeDiskBytes("."));

        // A shadow computes on two devices: the one with memory of its own is the scarce one.
        Assert.Equal(8, Machine.Of(new ShadowBackend(backend, OwnMemory.Of(null))).AvailableMemoryBytes());
        Assert.Equal(8, Machine.Of(new ShadowBackend(OwnMemory.Of(null), backend)).AvailableMemoryBytes());
    }

    [Fact]
    public void TwoDevicesAtOnceHaveNoLimitsToMeasure()
    {
        using IBackend backend = new ShadowBackend(new CpuBackend(new CpuOptions(ThreadCount: 1)), new CpuBackend(new CpuOptions(ThreadCount: 1)));
        Assert.Null(backend.MeasureLimits());
        Assert.Contains("bench measures one device", Assert.Throws<StudioException>(() => Devices.Measure(backend)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MemoryThatTheSystemDoesNotGiveIsAnErrorOfTheDevice()
    {
        using IBackend backend = new CpuBackend(new CpuOptions(ThreadCount: 1));
        var error = Assert.Throws<DeviceException>(() => backend.Allocate(1L << 60));
        Assert.StartsWith("out of memory: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("fewer items side by side", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A backend that has nothing but memory.</summary>
    public class OwnMemory : DispatchProxy
    {
        /// <summary>What it says.</summary>
        public MemoryFacts? Memory { get; set; }

        /// <summary>Makes one.</summary>
        public static IBackend Of(MemoryFacts? memory)
        {
            IBackend backend = Create<IBackend, OwnMemory>();
            ((OwnMemory)backend).Memory = memory;
            return backend;
        }

        /// <inheritdoc/>
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            "get_Memory" => Memory,
            "get_Training" => null,
            _ => throw new NotSupportedException(targetMethod.Name),
        };
    }
}

using Jukebox.Core.Tensors;
using Jukebox.Cuda.Backend;
using Jukebox.Cuda.Driver;
using Jukebox.PtxMachine;
using Jukebox.PtxMachine.Driver;

namespace Jukebox.Tests.Cost;

/// <summary>The CUDA backend on a PTX machine that counts: what operations cost, launch by launch.</summary>
public sealed class CostCounter : IDisposable
{
    private const long MemoryBytes = 16L << 30; // reserved, not taken

    private readonly MachineDevice _device;

    /// <summary>Opens a device of a compute capability (times ten) whose matrices are stored as <paramref name="storage"/>.</summary>
    public CostCounter(int capability, ElementType storage)
    {
        _device = PtxDriver.AddDevice(new DeviceOptions
        {
            ComputeCapability = capability,
            MemoryBytes = MemoryBytes,
            Mode = MachineMode.Count,
            KeepLog = true,
            IsRemovedWithContext = true,
        });
        Backend = new CudaBackend(new CudaOptions
        {
            Driver = new CudaDriver(PtxDriver.Function, "the PTX machine"),
            Ordinal = _device.Ordinal,
            MatrixType = storage,
        });
    }

    /// <summary>What the operations are issued on.</summary>
    public CudaBackend Backend { get; }

    /// <summary>The launches of some work. It is done once before, so that kernels are compiled and scratch is there.</summary>
    public IReadOnlyList<LaunchReport> Count(Action work)
    {
        work();
        Backend.Synchronize();
        _device.Log.Clear();
        work();
        Backend.Synchronize();
        return [.. _device.Log.Entries.Where(entry => entry.Action == DriverAction.Launch).Select(entry => entry.Report!)];
    }

    /// <inheritdoc/>
    public void Dispose() => Backend.Dispose();
}

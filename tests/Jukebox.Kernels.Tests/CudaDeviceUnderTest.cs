using Jukebox.Core.Tensors;
using Jukebox.Cuda.Backend;
using Jukebox.Cuda.Driver;
using Jukebox.PtxMachine.Driver;

namespace Jukebox.Tests;

/// <summary>A device of the PTX machine and a backend on it, for tests that look at either; disposes both.</summary>
public sealed class CudaDeviceUnderTest : IDisposable
{
    /// <summary>Adds the device and opens the backend.</summary>
    public CudaDeviceUnderTest(DeviceOptions? device = null, CudaOptions? backend = null)
    {
        Device = PtxDriver.AddDevice((device ?? new DeviceOptions()) with { KeepLog = true });
        Backend = TestBackends.Open(Device, backend ?? new CudaOptions());
    }

    /// <summary>The device, with its log.</summary>
    public MachineDevice Device { get; }

    /// <summary>The backend.</summary>
    public CudaBackend Backend { get; }

    /// <summary>What the log has of one kind, in order.</summary>
    public IReadOnlyList<DriverLogEntry> Logged(params DriverAction[] actions) => [.. Device.Log.Entries.Where(entry => actions.Contains(entry.Action))];

    /// <summary>Uploads values as a tensor; the caller disposes its buffer.</summary>
    public Tensor Upload(ReadOnlySpan<float> values, params ReadOnlySpan<int> extents)
    {
        Tensor tensor = Allocate(extents);
        tensor.Upload(values);
        return tensor;
    }

    /// <summary>A tensor of singles of undefined content.</summary>
    public Tensor Allocate(params ReadOnlySpan<int> extents)
    {
        var shape = new Shape(extents);
        return new Tensor(Backend.Allocate(shape.LengthElements * sizeof(float)), ElementType.F32, shape);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Backend.Dispose();
        Device.Dispose();
    }
}

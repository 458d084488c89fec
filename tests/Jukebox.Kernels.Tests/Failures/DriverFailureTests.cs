using System.Runtime.InteropServices;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Backend;
using Jukebox.Cuda.Driver;
using Jukebox.PtxMachine.Driver;
using Xunit;

namespace Jukebox.Tests.Failures;

/// <summary>What goes wrong with a driver or a device says what it is and what to do.</summary>
public sealed unsafe class DriverFailureTests
{
    [Fact]
    public void NoDriverNamesEveryLibraryThatWasTried()
    {
        var error = Assert.Throws<CudaException>(() => CudaLibrary.OpenDriver(["libnowhere.so.1", "/nowhere/libcuda.so.1"]));
        Assert.Equal("no CUDA driver: none of libnowhere.so.1, /nowhere/libcuda.so.1 can be loaded; install NVIDIA's driver, or use the CPU", error.Message);
    }

    [Fact]
    public void AnOldDriverNamesBothVersions()
    {
        var error = Assert.Throws<CudaException>(() => Altered("cuDriverGetVersion", (nint)(delegate* unmanaged<int*, CudaResult>)&OldVersion));
        Assert.Equal("the CUDA driver in a test is for CUDA 11.4; 12.0 or later is needed: install a newer NVIDIA driver", error.Message);
    }

    [Fact]
    public void ADriverThatLacksAFunctionNamesIt()
    {
        var error = Assert.Throws<CudaException>(() => Altered("cuGraphLaunch", 0));
        Assert.Contains("has no cuGraphLaunch", error.Message);
    }

    [Fact]
    public void ADriverThatDoesNotStartNamesTheCall()
    {
        var error = Assert.Throws<CudaException>(() => Altered("cuInit", (nint)(delegate* unmanaged<uint, CudaResult>)&NoDevice));
        Assert.Equal("cuInit: CUDA_ERROR_NO_DEVICE (100), no CUDA-capable device is detected", error.Message);
        Assert.Equal(CudaResult.NoDevice, error.Code);
    }

    [Fact]
    public void ADeviceThatIsNotThereIsNamed()
    {
        var error = Assert.Throws<CudaException>(() => new CudaBackend(new CudaOptions { Driver = TestBackends.Driver, Ordinal = 1_000_000 }));
        Assert.StartsWith("there is no CUDA device 1000000: the driver in the PTX machine offers ", error.Message);
    }

    [Fact]
    public void AnOldDeviceNamesItsCapability()
    {
        using MachineDevice device = PtxDriver.AddDevice(new DeviceOptions { ComputeCapability = 61, Name = "GTX 1080" });
        var error = Assert.Throws<CudaException>(() => TestBackends.Open(device, new CudaOptions()));
        Assert.Equal("GTX 1080 has compute capability 6.1; the kernels need 7.0 (Volta) or later", error.Message);
    }

    [Fact]
    public void TooMuchMemoryNamesBothNumbers()
    {
        using var test = new CudaDeviceUnderTest(new DeviceOptions { MemoryBytes = 64 << 20 });
        using DeviceBuffer some = test.Backend.Allocate(16 << 20);
        var error = Assert.Throws<CudaException>(() => test.Backend.Allocate(1L << 30));
        Assert.Equal("out of device memory: 1,024.0 MiB wanted, 48.0 MiB of 64.0 MiB free on PTX machine", error.Message);
        Assert.Equal(CudaResult.OutOfMemory, error.Code);

        // Nothing is lost by it.
        using DeviceBuffer rest = test.Backend.Allocate(48 << 20);
    }

    [Fact]
    public void MemoryOfAnotherBackendIsRefused()
    {
        using var test = new CudaDeviceUnderTest();
        using var other = new CudaDeviceUnderTest();
        Tensor x = test.Upload([1, 2, 3], 3), y = other.Allocate(3);
        Assert.Contains("is not in the memory of", Assert.Throws<ArgumentException>(() => test.Backend.Copy(x, y)).Message);
        x.Buffer.Dispose();
        y.Buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => x.ToArray<float>());
        x.Buffer.Dispose();
    }

    private static CudaDriver Altered(string name, nint function) => new(asked => asked == name ? function : PtxDriver.Function(asked), "a test");

    [UnmanagedCallersOnly]
    private static CudaResult OldVersion(int* version)
    {
        *version = 11_040;
        return CudaResult.Success;
    }

    [UnmanagedCallersOnly]
    private static CudaResult NoDevice(uint flags) => CudaResult.NoDevice;
}

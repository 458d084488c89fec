using Jukebox.Core.Tensors;
using Jukebox.Cuda.Backend;
using Jukebox.Cuda.Driver;
using Jukebox.PtxMachine.Driver;
using Xunit;

namespace Jukebox.Tests.Failures;

/// <summary>Kernels that fault, and devices that go away.</summary>
public sealed class LaunchFailureTests
{
    private const string Launch = "layer_norm of layer_norm.f32, grid (3, 1, 1), block (256, 1, 1), 0 bytes of dynamic shared memory";

    [Fact]
    public void AFaultIsToldWhenTheHostWaits()
    {
        using var test = new CudaDeviceUnderTest();
        Fault(test);
        var error = Assert.Throws<CudaException>(test.Backend.Synchronize);
        Assert.Equal(CudaResult.IllegalAddress, error.Code);
        Assert.True(error.IsDeviceLost);
        Assert.Contains("CUDA_ERROR_ILLEGAL_ADDRESS (700), an illegal memory access was encountered", error.Message);
        Assert.Contains($"launched last was {Launch}", error.Message);
        Assert.Contains("JUKEBOX_CUDA_SYNCHRONIZE=1", error.Message);

        // And from then on, until the device is opened again.
        Assert.Throws<CudaException>(test.Backend.Synchronize);
        Assert.Throws<CudaException>(() => test.Backend.Allocate(1));
    }

    [Fact]
    public void WithWaitingLaunchesAFaultIsToldByTheOperation()
    {
        using var test = new CudaDeviceUnderTest(null, new CudaOptions { SynchronizeLaunches = true });
        var error = Assert.Throws<CudaException>(() => Fault(test));
        Assert.Equal($"the kernel {Launch}, failed: CUDA_ERROR_ILLEGAL_ADDRESS (700), an illegal memory access was encountered", error.Message);
    }

    [Fact]
    public void AfterAFaultTheDeviceCanBeOpenedAgain()
    {
        using MachineDevice device = PtxDriver.AddDevice(new DeviceOptions());
        using (CudaBackend first = TestBackends.Open(device, new CudaOptions()))
        {
            using var contract = new OpContract(first, 1);
            Tensor x = contract.Input(ElementType.F32, [1, 2, 3], 3);
            Assert.Equal([1f, 2, 3], x.ToArray<float>());
        }

        using CudaBackend faulted = TestBackends.Open(device, new CudaOptions());
        using DeviceBuffer buffer = faulted.Allocate(1024);
        var tensor = new Tensor(buffer, ElementType.F32, new Shape(3, 5));
        faulted.LayerNorm(tensor with { OffsetElements = 1L << 40 }, tensor.Prefix(5), tensor.Prefix(5), tensor);
        Assert.Throws<CudaException>(faulted.Synchronize);
        buffer.Dispose();
        faulted.Dispose();

        using CudaBackend again = TestBackends.Open(device, new CudaOptions());
        again.Synchronize();
    }

    [Fact]
    public void ALostDeviceIsToldAsSuch()
    {
        using var test = new CudaDeviceUnderTest(new DeviceOptions { LostAfterLaunches = 2 });
        Tensor x = test.Upload(new float[15], 3, 5), vector = test.Upload(new float[5], 5);
        test.Backend.LayerNorm(x, vector, vector, x);
        test.Backend.LayerNorm(x, vector, vector, x);
        test.Backend.Synchronize();
        test.Backend.LayerNorm(x, vector, vector, x);
        var error = Assert.Throws<CudaException>(test.Backend.Synchronize);
        Assert.True(error.IsDeviceLost);
        Assert.Contains("CUDA_ERROR_DEVICE_UNAVAILABLE (46)", error.Message);
        Assert.Contains(Launch, error.Message);
    }

    [Fact]
    public void NothingIsUploadedOrDownloadedInARecording()
    {
        using var test = new CudaDeviceUnderTest();
        Tensor x = test.Upload([1, 2, 3], 3);
        Assert.Contains("uploaded", Assert.Throws<InvalidOperationException>(() => test.Backend.Record(() => x.Upload<float>([4, 5, 6]))).Message);
        Assert.Contains("downloaded", Assert.Throws<InvalidOperationException>(() => test.Backend.Record(() => x.ToArray<float>())).Message);

        // The queue works on as before.
        Assert.Equal([1f, 2, 3], x.ToArray<float>());
        x.Buffer.Dispose();
    }

    private static void Fault(CudaDeviceUnderTest test)
    {
        Tensor x = test.Upload(new float[15], 3, 5), vector = test.Upload(new float[5], 5);
        test.Backend.LayerNorm(x with { OffsetElements = 1L << 40 }, vector, vector, x);
    }
}

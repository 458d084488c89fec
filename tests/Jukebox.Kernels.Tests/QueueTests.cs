using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.PtxMachine.Driver;
using Xunit;

namespace Jukebox.Tests;

/// <summary>
/// The order of uploads, operations and downloads, also on a device that does everything as late as it may: there, host memory
/// that is changed too early is seen to change.
/// </summary>
public sealed class QueueTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void UploadsTakeTheirPlaceInTheQueue(bool isLazy)
    {
        using var test = new CudaDeviceUnderTest(new DeviceOptions { IsLazy = isLazy });
        Tensor x = test.Allocate(3), first = test.Allocate(3), second = test.Allocate(3);
        float[] values = [1, 2, 3];
        x.Upload<float>(values);
        test.Backend.Copy(x, first);
        values[1] = 7;
        x.Upload<float>(values);
        test.Backend.Copy(x, second);
        values[1] = 8;
        Assert.Equal([1f, 2, 3], first.ToArray<float>());
        Assert.Equal([1f, 7, 3], second.ToArray<float>());
        Free(x, first, second);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void MoreThanTheRingHoldsGoesUpWhole(bool isLazy)
    {
        using var test = new CudaDeviceUnderTest(new DeviceOptions { IsLazy = isLazy });
        int[] values = new TestRandom(11).Ints((37 << 20) / sizeof(int), int.MaxValue);
        var tensor = new Tensor(test.Backend.Allocate((values.Length * sizeof(int)) + 3), ElementType.I32, new Shape(values.Length));
        tensor.Buffer.Upload([9, 9, 9], tensor.LengthBytes);
        tensor.Upload<int>(values);
        Assert.Equal(values, tensor.ToArray<int>());
        tensor.Buffer.Dispose();
    }

    [Fact]
    public void SmallUploadsDoNotWait()
    {
        using var test = new CudaDeviceUnderTest();
        Tensor x = test.Allocate(2);
        test.Device.Log.Clear();
        for (int i = 0; i < 1000; i++)
        {
            x.Upload<float>([i, i + 1]);
        }

        Assert.Equal(1000, test.Logged(DriverAction.CopyToDevice).Count);
        Assert.Equal(test.Device.Log.Entries.Count, test.Logged(DriverAction.CopyToDevice).Count);
        Assert.Equal([999f, 1000], x.ToArray<float>());
        x.Buffer.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ARecordingIsIssuedAsOften(bool isLazy)
    {
        using var test = new CudaDeviceUnderTest(new DeviceOptions { IsLazy = isLazy });
        Tensor x = test.Upload([1, 2], 2), y = test.Upload([3, 4], 2), spare = test.Allocate(2);
        using Recording swap = test.Backend.Record(() =>
        {
            test.Backend.Copy(x, spare);
            test.Backend.Copy(y, x);
            test.Backend.Copy(spare, y);
        });
        Assert.Equal([1f, 2], x.ToArray<float>());
        test.Device.Log.Clear();
        for (int i = 0; i < 3; i++)
        {
            swap.Replay();
        }

        Assert.Empty(test.Logged(DriverAction.Wait, DriverAction.Allocate));
        Assert.Equal([3f, 4], x.ToArray<float>());
        Assert.Equal([1f, 2], y.ToArray<float>());
        Assert.Equal(3, test.Logged(DriverAction.LaunchGraph).Count);
        Assert.Equal(9, test.Logged(DriverAction.CopyOnDevice).Count);
        Free(x, y, spare);
    }

    [Fact]
    public void StoredTensorsArriveAsTheyAre()
    {
        using var test = new CudaDeviceUnderTest();
        using var contract = new OpContract(test.Backend, 3);
        foreach (ElementType type in (ElementType[])[ElementType.F32, ElementType.F16, ElementType.BF16])
        {
            Tensor source = contract.Input(type, contract.Random.Floats(1001), 7, 143), loaded = contract.LoadedFromOddAddress(source);
            Assert.Equal(type, loaded.Type);
            Assert.Equal(OpContract.Stored(source), OpContract.Stored(loaded));
        }
    }

    /// <summary>Nothing of another thread's gets into a recording, or between the parts of an upload.</summary>
    [Fact]
    public void AThreadThatIsNotRecordingNeitherUploadsNorFillsNorDownloads()
    {
        using var test = new CudaDeviceUnderTest();
        Tensor x = test.Upload([1, 2, 3], 3);
        using (test.Backend.Record(() =>
        {
            Exception?[] errors = new Exception?[3];
            var other = new Thread(() =>
            {
                errors[0] = Xunit.Record.Exception(() => x.Upload<float>([4, 5, 6]));
                errors[1] = Xunit.Record.Exception(() => x.Buffer.Fill(0));
                errors[2] = Xunit.Record.Exception(() => x.ToArray<float>());
            });
            other.Start();
            other.Join();
            Assert.All(errors, error => Assert.Contains("serves one thread at a time", Assert.IsType<InvalidOperationException>(error).Message));
        }))
        {
        }

        Assert.Equal([1f, 2, 3], x.ToArray<float>());
        Free(x);
    }

    private static void Free(params ReadOnlySpan<Tensor> tensors)
    {
        foreach (Tensor tensor in tensors)
        {
            tensor.Buffer.Dispose();
        }
    }
}

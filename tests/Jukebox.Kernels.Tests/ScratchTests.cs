using Jukebox.Cuda.Backend;
using Jukebox.PtxMachine;
using Xunit;

namespace Jukebox.Tests;

/// <summary>What operations share on the device: scratch and counters, which must never be the same memory.</summary>
public sealed class ScratchTests
{
    private const int CounterCount = 1000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ScratchLeavesCountersZeroInWhateverOrderTheyAreAskedFor(bool countersFirst)
    {
        using var test = new CudaDeviceUnderTest();
        DeviceMemory memory = test.Device.Memory;
        long before = memory.AllocatedBytes;
        using (var shared = new DeviceScratch(lengthBytes => (CudaBuffer)test.Backend.Allocate(lengthBytes)))
        {
            ulong counters = countersFirst ? shared.Counters(CounterCount) : 0, scratch = shared.Lend(100);
            counters = countersFirst ? counters : shared.Counters(CounterCount);
            foreach (int growth in (ReadOnlySpan<int>)[1, 1, 40, 40])
            {
                int lengthBytes = 100_000 * growth, count = CounterCount * growth;
                memory.Fill(shared.Lend(lengthBytes), lengthBytes, 0xFF);
                Assert.Equal(new byte[count * sizeof(int)], Read(memory, shared.Counters(count), count * sizeof(int)));
                memory.Fill(shared.Lend(lengthBytes), lengthBytes, 0xFF);
                Assert.Equal(new byte[count * sizeof(int)], Read(memory, shared.Counters(count), count * sizeof(int)));
            }

            // A recording may still use what was outgrown.
            Assert.True(memory.TryFind(counters, out _, out _) && memory.TryFind(scratch, out _, out _));
            Assert.NotEqual(counters, shared.Counters(1));
            Assert.Equal(shared.Lend(1), shared.Lend(2));
        }

        Assert.Equal(before, memory.AllocatedBytes);
    }

    private static byte[] Read(DeviceMemory memory, ulong address, int lengthBytes)
    {
        var bytes = new byte[lengthBytes];
        memory.Read(address, bytes);
        return bytes;
    }
}

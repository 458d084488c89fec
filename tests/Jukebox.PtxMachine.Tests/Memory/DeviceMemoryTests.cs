using Xunit;

namespace Jukebox.PtxMachine.Tests.Memory;

public class DeviceMemoryTests
{
    [Fact]
    public void AllocationsAreAlignedAndApart()
    {
        using var memory = new DeviceMemory(1 << 20);
        ulong[] addresses = [.. Enumerable.Range(1, 50).Select(i => memory.Allocate(i * 37))];
        Assert.All(addresses, address => Assert.Equal(0ul, address % 256));
        for (int i = 1; i < addresses.Length; i++)
        {
            Assert.True(addresses[i] >= addresses[i - 1] + (ulong)(i * 37) + 1);
        }
    }

    [Fact]
    public void TheWholeCapacityCanBeAllocatedAndNoMore()
    {
        using var memory = new DeviceMemory(1 << 20);
        ulong half = memory.Allocate(1 << 19);
        memory.Allocate(1 << 19);
        Assert.Equal(0, memory.FreeBytes);
        OutOfDeviceMemoryException refusal = Assert.Throws<OutOfDeviceMemoryException>(() => memory.Allocate(1));
        Assert.Equal("1 bytes asked of device memory that has 0 of 1048576 free", refusal.Message);
        memory.Free(half);
        Assert.Equal(half, memory.Allocate(1 << 19));
    }

    [Fact]
    public void RandomAllocationsNeverOverlap()
    {
        using var memory = new DeviceMemory(1 << 22);
        var random = new Random(7);
        var live = new List<(ulong Start, long LengthBytes)>();
        for (int step = 0; step < 4000; step++)
        {
            if (live.Count > 0 && random.Next(100) < 48)
            {
                int victim = random.Next(live.Count);
                memory.Free(live[victim].Start);
                live.RemoveAt(victim);
                continue;
            }

            long lengthBytes = random.Next(1, 20000);
            ulong start = memory.Allocate(lengthBytes);
            Assert.DoesNotContain(live, other => other.Start < start + (ulong)lengthBytes && start < other.Start + (ulong)other.LengthBytes);
            live.Add((start, lengthBytes));
        }

        Assert.Equal(live.Sum(a => a.LengthBytes), memory.AllocatedBytes);
    }

    [Fact]
    public unsafe void PointersMustLieInOneAllocation()
    {
        using var memory = new DeviceMemory(1 << 20);
        ulong address = memory.Allocate(100);
        Assert.Equal((nint)address + 60, (nint)memory.Pointer(address + 60, 40));
        Assert.Throws<ArgumentException>(() => (nint)memory.Pointer(address + 60, 41));
        Assert.Throws<ArgumentException>(() => (nint)memory.Pointer(address - 1, 1));
        memory.Free(address);
        Assert.Throws<ArgumentException>(() => (nint)memory.Pointer(address, 1));
        Assert.Throws<ArgumentException>(() => memory.Free(address));
    }

    [Fact]
    public void BytesSurviveTheRoundTrip()
    {
        using var memory = new DeviceMemory(1 << 20);
        ulong from = memory.Allocate(1000), to = memory.Allocate(1000);
        byte[] bytes = new byte[1000];
        new Random(3).NextBytes(bytes);
        memory.Write(from, bytes);
        memory.Copy(to, from, 1000);
        memory.Fill(to + 10, 5, 0xAB);
        bytes.AsSpan(10, 5).Fill(0xAB);
        byte[] back = new byte[1000];
        memory.Read(to, back);
        Assert.Equal(bytes, back);
        Assert.True(memory.TryFind(to + 999, out ulong start, out long lengthBytes));
        Assert.Equal((to, 1000L), (start, lengthBytes));
    }
}

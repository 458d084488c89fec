using Xunit;

namespace Jukebox.PtxMachine.Tests.Execution;

public class WarpTests
{
    public static TheoryData<int> Targets => [.. KernelFiles.Targets];

    public static TheoryData<int, MachineMode> TargetsAndModes()
    {
        var data = new TheoryData<int, MachineMode>();
        foreach (int target in KernelFiles.Targets)
        {
            foreach (MachineMode mode in Enum.GetValues<MachineMode>())
            {
                data.Add(target, mode);
            }
        }

        return data;
    }

    private static int[] Numbers(int count, int seed, int highest = 100)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(highest))];
    }

    [Theory]
    [InlineData(70, 5)]
    [InlineData(70, 3)]
    [InlineData(80, 5)]
    [InlineData(80, 3)]
    public void ShufflesReadTheLanesOfTheirSegment(int target, int widthLog2)
    {
        using var device = new TestDevice(KernelFiles.Read("warp", target));
        int[] x = Numbers(64, 1);
        int width = 1 << widthLog2;
        ulong[] results = [.. Enumerable.Range(0, 4).Select(_ => device.Allocate<int>(64))];
        device.Launch("shuffles", new Dim3(1), new Dim3(64), 0, device.Upload(x), results[0], results[1], results[2], results[3], widthLog2);
        int[] Expect(Func<int, int> source) => [.. Enumerable.Range(0, 64).Select(i => x[i - (i % width) + (source(i % width) is int lane && lane >= 0 && lane < width ? lane : i % width)])];
        Assert.Equal(Expect(lane => lane - 3), device.Download<int>(results[0], 64));
        Assert.Equal(Expect(lane => lane + 3), device.Download<int>(results[1], 64));
        Assert.Equal(Expect(lane => lane ^ 5), device.Download<int>(results[2], 64));
        Assert.Equal([.. Enumerable.Range(0, 64).Select(i => x[i - (i % width) + ((37 + i) % width)])], device.Download<int>(results[3], 64));
    }

    [Theory]
    [InlineData(70, 32)]
    [InlineData(70, 13)]
    [InlineData(80, 32)]
    [InlineData(80, 1)]
    public void VotesAreOfTheirMembersOnly(int target, int limit)
    {
        using var device = new TestDevice(KernelFiles.Read("warp", target));
        int[] x = Numbers(64, 2);
        ulong[] results = [.. Enumerable.Range(0, 4).Select(_ => device.Upload(Enumerable.Repeat(-1, 64).ToArray()))];
        device.Launch("votes", new Dim3(1), new Dim3(64), 0, device.Upload(x), results[0], results[1], results[2], results[3], limit);
        int[][] actual = [.. results.Select(result => device.Download<int>(result, 64))];
        for (int i = 0; i < 64; i++)
        {
            int[] members = [.. Enumerable.Range(i / 32 * 32, limit)];
            int Mask(Func<int, bool> test) => members.Where(test).Aggregate(0, (mask, member) => mask | (1 << (member % 32)));
            int[] expected = i % 32 >= limit ? [-1, -1, -1, -1]
                : [members.Any(m => x[m] > 90) ? 1 : 0, 1, Mask(m => (x[m] & 1) != 0), Mask(m => x[m] % 5 == x[i] % 5)];
            Assert.Equal(expected, actual.Select(values => values[i]));
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void BarriersCountWhatTheWholeBlockSays(int target)
    {
        const int Threads = 77;
        using var device = new TestDevice(KernelFiles.Read("warp", target));
        int[] x = Numbers(Threads, 3);
        ulong[] results = [.. Enumerable.Range(0, 3).Select(_ => device.Allocate<int>(Threads))];
        device.Launch("block_votes", new Dim3(1), new Dim3(Threads), 0, device.Upload(x), results[0], results[1], results[2]);
        Assert.All(device.Download<int>(results[0], Threads), count => Assert.Equal(x.Count(v => (v & 1) != 0), count));
        Assert.All(device.Download<int>(results[1], Threads), all => Assert.Equal(x.All(v => v < 50), all != 0));
        Assert.All(device.Download<int>(results[2], Threads), any => Assert.Equal(x.Any(v => v == 17), any != 0));
    }

    [Theory]
    [MemberData(nameof(TargetsAndModes))]
    public void AtomicsLoseNothing(int target, MachineMode mode)
    {
        const int Blocks = 7, Threads = 96;
        using var device = new TestDevice(KernelFiles.Read("warp", target), mode);
        int[] x = Numbers(Blocks * Threads, 4, 1000);
        ulong result = device.Upload(0, -1, 5000, 0, 0), floatSum = device.Upload(0f), doubleSum = device.Upload(0.0);
        LaunchReport report = device.Launch("atomics", new Dim3(Blocks), new Dim3(Threads), 0, device.Upload(x), result, floatSum, doubleSum);
        int[] actual = device.Download<int>(result, 5);
        Assert.Equal([x.Sum(), x.Max(), x.Min(), x.Aggregate((a, b) => a | b)], actual[..4]);
        Assert.InRange(actual[4], 1, Blocks);
        Assert.Equal(0.5f * x.Length, device.Download<float>(floatSum, 1)[0]);
        Assert.Equal(x.Sum(), device.Download<double>(doubleSum, 1)[0]);
        Assert.Empty(report.Findings);
    }

    [Theory]
    [MemberData(nameof(TargetsAndModes))]
    public void LanesThatPartMeetAgain(int target, MachineMode mode)
    {
        using var device = new TestDevice(KernelFiles.Read("warp", target), mode);
        int[] x = [.. Numbers(256, 5, 5000).Select(v => v + 1)];
        ulong steps = device.Allocate<int>(256);
        LaunchReport report = device.Launch("collatz", new Dim3(4), new Dim3(64), 0, device.Upload(x), steps);
        int[] counts = [.. x.Select(Collatz)];
        int[] expected = [.. counts.Select((count, i) => i % 32 == 0 ? counts[i..(i + 32)].Sum() : count)];
        Assert.Equal(expected, device.Download<int>(steps, 256));
        Assert.Empty(report.Findings);
    }

    [Theory]
    [MemberData(nameof(TargetsAndModes))]
    public void LanesThatAJumpTablePartsMeetAgain(int target, MachineMode mode)
    {
        const int Count = 192;
        using var device = new TestDevice(KernelFiles.Read("warp", target), mode);
        int[] x = [.. Numbers(Count, 7, 5).Select((way, i) => i / 32 == 1 ? 2 : way)];
        ulong y = device.Allocate<int>(Count);
        LaunchReport report = device.Launch("jumps", new Dim3(2), new Dim3(Count / 2), 0, device.Upload(x), y);
        int[] ways = [.. x.Select((way, i) => way switch
        {
            0 => 3 * i,
            2 => 1 - i,
            4 => 1,
            _ => (1 << ((i & 7) + 1)) - i,
        })];
        Assert.Equal(ways.Select((way, i) => way + ways[i ^ 1]), device.Download<int>(y, Count));
        Assert.Empty(report.Findings);
        Assert.Equal(mode == MachineMode.Count, report.Counts is not null);
    }

    [Fact]
    public void FoldsAreOfAllLanes()
    {
        using var device = new TestDevice(KernelFiles.Read("matrix", 80));
        int[] x = [.. Numbers(32, 6, 1 << 20).Select((v, i) => i % 3 == 0 ? -v : v | 0x700)];
        ulong[] results = [.. Enumerable.Range(0, 4).Select(_ => device.Allocate<int>(32))];
        device.Launch("fold", new Dim3(1), new Dim3(32), 0, device.Upload(x), results[0], results[1], results[2], results[3]);
        int[] expected = [x.Sum(), x.Min(), (int)x.Max(v => (uint)v), x.Aggregate((a, b) => a & b)];
        for (int k = 0; k < 4; k++)
        {
            Assert.All(device.Download<int>(results[k], 32), value => Assert.Equal(expected[k], value));
        }
    }

    private static int Collatz(int n)
    {
        int count = 0;
        for (; n != 1; count++)
        {
            n = (n & 1) != 0 ? (3 * n) + 1 : n / 2;
        }

        return count;
    }
}

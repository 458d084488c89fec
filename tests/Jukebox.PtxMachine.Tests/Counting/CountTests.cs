using Xunit;

namespace Jukebox.PtxMachine.Tests.Counting;

/// <summary>Kernels whose figures follow from their source by hand: the calibration of the count mode.</summary>
public class CountTests
{
    private const int Blocks = 4, Threads = 256, Count = Blocks * Threads, Warps = Count / 32;

    public static TheoryData<int> Targets => [.. KernelFiles.Targets];

    private static TestDevice Device(int target) => new(KernelFiles.Read("counted", target), MachineMode.Count);

    [Theory]
    [MemberData(nameof(Targets))]
    public void ACopyMovesEverySectorOnce(int target)
    {
        using TestDevice device = Device(target);
        LaunchCounts counts = device.Launch("copy", new Dim3(Blocks), new Dim3(Threads), 0, device.Upload(new float[Count]), device.Allocate<float>(Count)).Counts!;
        var expected = new MemoryCounts(Warps, 4 * Count, Count / 8, Count / 8);
        Assert.Equal((expected, expected), (counts.GlobalLoads, counts.GlobalStores));
        Assert.Equal((Count / 8, Count / 8), (counts.DistinctLoadSectors, counts.DistinctStoreSectors));
        Assert.Equal(8 * Count, counts.DistinctGlobalBytes);
        Assert.Equal(2 * Warps, counts[InstructionClass.GlobalMemory]);
        Assert.Equal(0, counts.Flops);
        Assert.Equal(32 * counts.WarpInstructions, counts.ThreadInstructions);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void AWideCopyNeedsAQuarterOfTheRequests(int target)
    {
        using TestDevice device = Device(target);
        LaunchCounts counts = device.Launch("copy_wide", new Dim3(Blocks), new Dim3(Threads), 0, device.Upload(new float[4 * Count]), device.Allocate<float>(4 * Count)).Counts!;
        Assert.Equal(new MemoryCounts(Warps, 16 * Count, Count / 2, Count / 2), counts.GlobalLoads);
        Assert.Equal(counts.GlobalLoads, counts.GlobalStores);
    }

    [Theory]
    [InlineData(70, 2, 8)]
    [InlineData(80, 2, 8)]
    [InlineData(80, 3, 12)]
    [InlineData(80, 8, 32)]
    [InlineData(80, 100, 32)]
    public void AStridedCopyTouchesMoreSectors(int target, int stride, int sectorsPerWarp)
    {
        using TestDevice device = Device(target);
        LaunchCounts counts = device.Launch("copy_strided", new Dim3(Blocks), new Dim3(Threads), 0, device.Upload(new float[Count * stride]), device.Allocate<float>(Count), stride).Counts!;
        Assert.Equal(new MemoryCounts(Warps, 4 * Count, sectorsPerWarp * Warps, Count / 8), counts.GlobalLoads);
        Assert.Equal(sectorsPerWarp * Warps, counts.DistinctLoadSectors);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void ABroadcastTouchesOneSectorPerWarpAndOneInAll(int target)
    {
        using TestDevice device = Device(target);
        LaunchCounts counts = device.Launch("broadcast", new Dim3(Blocks), new Dim3(Threads), 0, device.Upload(1f), device.Allocate<float>(Count)).Counts!;
        Assert.Equal(new MemoryCounts(Warps, 4 * Count, Warps, Warps), counts.GlobalLoads);
        Assert.Equal(1, counts.DistinctLoadSectors);
    }

    [Theory]
    [InlineData(70, "transpose", 32)]
    [InlineData(80, "transpose", 32)]
    [InlineData(70, "transpose_padded", 1)]
    [InlineData(80, "transpose_padded", 1)]
    public void ATranspositionHasConflictsUnlessItsTileIsPadded(int target, string kernel, int wavefrontsPerLoad)
    {
        const int Width = 64, Height = 96, Requests = Width * Height / 32;
        using TestDevice device = Device(target);
        LaunchCounts counts = device.Launch(kernel, new Dim3(Width / 32, Height / 32), new Dim3(32, 8), 0, device.Upload(new float[Width * Height]), device.Allocate<float>(Width * Height), Width, Height).Counts!;
        Assert.Equal(new SharedCounts(Requests, 4 * Width * Height, Requests, Requests), counts.SharedStores);
        Assert.Equal(new SharedCounts(Requests, 4 * Width * Height, wavefrontsPerLoad * Requests, Requests), counts.SharedLoads);
        Assert.Equal(new MemoryCounts(Requests, 4 * Width * Height, 4 * Requests, 4 * Requests), counts.GlobalStores);
        Assert.Equal(Width / 32 * (Height / 32) * 8, counts.Barriers);
    }

    /// <summary>Words of a thread are neighbours, so threads of a group conflict when their strides fall on the same banks.</summary>
    [Theory]
    [InlineData("read_shared_4", 1, 1, 1)]
    [InlineData("read_shared_4", 2, 2, 1)]
    [InlineData("read_shared_4", 32, 32, 1)]
    [InlineData("read_shared_4", 33, 1, 1)]
    [InlineData("read_shared_4", 0, 1, 1)]
    [InlineData("read_shared_8", 2, 2, 2)]
    [InlineData("read_shared_8", 4, 4, 2)]
    [InlineData("read_shared_8", 0, 2, 2)]
    [InlineData("read_shared_8", 34, 2, 2)]
    [InlineData("read_shared_16", 4, 4, 4)]
    [InlineData("read_shared_16", 8, 8, 4)]
    [InlineData("read_shared_16", 36, 4, 4)]
    [InlineData("read_shared_16", 32, 32, 4)]
    public void WideSharedLoadsAreServedByPartsOfTheWarp(string kernel, int stride, int wavefronts, int ideal)
    {
        foreach (int target in KernelFiles.Targets)
        {
            using TestDevice device = Device(target);
            LaunchCounts counts = device.Launch(kernel, new Dim3(1), new Dim3(32), ((32 * stride) + 4) * 4, device.Allocate<float>(128), stride).Counts!;
            Assert.Equal((1L, wavefronts, ideal), (counts.SharedLoads.Requests, counts.SharedLoads.Wavefronts, counts.SharedLoads.IdealWavefronts));
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void FlopsAreTwoPerFusedMultiplyAdd(int target)
    {
        const int Terms = 37;
        using TestDevice device = Device(target);
        LaunchCounts counts = device.Launch("multiply_add", new Dim3(Blocks), new Dim3(Threads), 0, device.Allocate<float>(Count), 0.5f, Terms).Counts!;
        Assert.Equal(2 * Terms * Count, counts.Flops);
        Assert.Equal(Terms * Warps, counts[InstructionClass.Float32]);
    }

    [Theory]
    [InlineData(70, 40, 1)]
    [InlineData(80, 40, 1)]
    [InlineData(80, 64, 0)]
    [InlineData(80, 0, 0)]
    [InlineData(80, 1, 1)]
    public void OnlyTheWarpThatPartsIsDivergent(int target, int limit, int divergent)
    {
        using TestDevice device = Device(target);
        ulong output = device.Upload(new float[Count + 1]);
        LaunchCounts counts = device.Launch("diverge", new Dim3(1), new Dim3(Threads), 0, output, limit).Counts!;
        Assert.Equal(divergent, counts.DivergentBranches);
        Assert.Equal(3 * ((limit + 31) / 32), counts[InstructionClass.Atomic]);
        Assert.Equal(3f * limit, device.Download<float>(output, 1)[0]);
    }
}

using Xunit;

namespace Jukebox.PtxMachine.Tests.Checking;

public class PlantedBugTests
{
    private const int Elements = 100, Threads = 64, Blocks = 2;

    public static TheoryData<string, int, string> Kernels()
    {
        var data = new TheoryData<string, int, string>();
        foreach ((string file, int target) in new[] { ("bugs", 70), ("bugs", 80), ("bugs_async", 80) })
        {
            foreach (string kernel in PlantedBugs.Read($"{file}.cu").ByKernel.Keys)
            {
                data.Add(file, target, kernel);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void EveryPlantedBugIsNamedWithItsLineAndNothingElseIs(string file, int target, string kernel)
    {
        List<(FindingKind Kind, int Line)> planted = PlantedBugs.Read($"{file}.cu").ByKernel[kernel];
        using var device = new TestDevice(KernelFiles.Read(file, target), MachineMode.Check);
        IReadOnlyList<Finding> findings = Launch(device, kernel);
        Assert.All(findings, finding =>
        {
            Assert.True(planted.Contains((finding.Kind, finding.SourceLine)), $"not planted: {finding}");
            Assert.Equal($"{file}.cu", finding.SourceFile);
            Assert.True(finding.PtxLine > 0);
            Assert.InRange(finding.Block.X, 0, Blocks - 1);
            Assert.InRange(finding.Thread.X, 0, Threads - 1);
        });
        Assert.True((planted.Count == 0) == (findings.Count == 0), $"{planted.Count} planted, {findings.Count} found");
    }

    [Fact]
    public void ThereAreEnoughPlantedBugs()
    {
        int bugs = new[] { "bugs.cu", "bugs_async.cu" }.Sum(file => PlantedBugs.Read(file).ByKernel.Count(pair => pair.Value.Count > 0));
        Assert.True(bugs >= 30, $"{bugs} kernels with a planted bug");
    }

    [Fact]
    public void AFindingNamesBlockThreadAddressAndFigures()
    {
        using var device = new TestDevice(KernelFiles.Read("bugs", 80), MachineMode.Check);
        (ulong x, ulong y) = (device.Upload(new float[Elements]), device.Upload(new float[Elements]));
        Finding finding = Assert.Single(device.Launch("past_the_end", new Dim3(Blocks), new Dim3(Threads), 0, x, y, Elements).Findings);
        Assert.Equal(new Dim3(1, 0, 0), finding.Block);
        Assert.Equal(new Dim3(Elements - Threads, 0, 0), finding.Thread);
        Assert.Equal(y + (4 * Elements), finding.Address);
        Assert.Contains("writes 4 bytes 400 bytes behind the start of the nearest allocation below, which has 400", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public void ARaceInOneBlockNamesTheOtherWarpAndItsInstruction()
    {
        using var device = new TestDevice(KernelFiles.Read("bugs", 80), MachineMode.Check);
        (ulong x, ulong y) = (device.Upload(new float[Elements]), device.Upload(new float[Elements]));
        Finding finding = Assert.Single(device.Launch("warp_writes_what_another_read", new Dim3(Blocks), new Dim3(Threads), 0, x, y, Elements).Findings);
        Assert.Equal(FindingKind.GlobalRaceBetweenWarps, finding.Kind);
        Assert.Equal((new Dim3(0, 0, 0), new Dim3(32, 0, 0), x), (finding.Block, finding.Thread, finding.Address));
        Assert.Matches(@"^writes 4 bytes: warp 0 reads it in the same barrier interval, at PTX line \d+$", finding.What);
    }

    [Fact]
    public void WhatAnEarlierLaunchWroteIsInitialised()
    {
        using var device = new TestDevice(KernelFiles.Read("bugs", 80), MachineMode.Check);
        (ulong x, ulong y, ulong between) = (device.Upload(new float[Elements]), device.Upload(new float[Elements]), device.Allocate<float>(Threads));
        Assert.Empty(device.Launch("halves", new Dim3(1), new Dim3(Threads), 0, x, between, Elements).Findings);
        Assert.Empty(device.Launch("uninitialised_global", new Dim3(1), new Dim3(Threads), 0, x, y, between).Findings);
    }

    private static IReadOnlyList<Finding> Launch(TestDevice device, string kernel)
    {
        ulong x = device.Upload(Enumerable.Range(0, Elements).Select(i => (float)i).ToArray()), y = device.Upload(new float[Elements]);
        object third = kernel switch
        {
            "uninitialised_global" or "last_block_adds" or "last_block_adds_without_fence" => device.Allocate<float>(Threads),
            "use_after_free" => Freed(device),
            _ => Elements,
        };
        return device.Launch(kernel, new Dim3(Blocks), new Dim3(Threads), 0, x, y, third).Findings;
    }

    private static ulong Freed(TestDevice device)
    {
        ulong address = device.Upload(new float[Threads]);
        device.Memory.Free(address);
        return address;
    }
}

using Jukebox.PtxMachine.Driver;
using Xunit;
using static Jukebox.PtxMachine.Tests.Driver.DriverUnderTest;

namespace Jukebox.PtxMachine.Tests.Driver;

/// <summary>What streams promise, and what they do not: a lazy device does the least that the interface promises.</summary>
public sealed unsafe class StreamTests
{
    [Fact]
    public void PageLockedMemoryIsReadWhenTheCopyIsMade()
    {
        using var test = new DriverUnderTest(new DeviceOptions { IsLazy = true });
        ulong address = Allocate(1);
        byte* locked = AllocateHost(1);
        nint stream = Stream();
        locked[0] = 5;
        Upload(address, locked, 1, stream);
        locked[0] = 6;
        Require(Wait(stream));
        Assert.Equal([6], Download(address, 1));
    }

    [Fact]
    public void PageableMemoryIsReadAtTheCall()
    {
        using var test = new DriverUnderTest(new DeviceOptions { IsLazy = true });
        ulong address = Allocate(1);
        nint stream = Stream();
        byte value = 5;
        Upload(address, &value, 1, stream);
        value = 6;
        Require(Wait(stream));
        Assert.Equal([5], Download(address, 1));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(0, 2)]
    public void OnlyBlockingStreamsComeBeforeTheDefaultOne(uint flags, byte expected)
    {
        using var test = new DriverUnderTest(new DeviceOptions { IsLazy = true });
        ulong address = Allocate(1);
        Set(address, 1, 1, 0);
        Assert.Equal([1], Download(address, 1));
        nint stream = Stream(flags);
        Set(address, 2, 1, stream);
        Assert.Equal([expected], Download(address, 1));
        Require(Wait(stream));
        Assert.Equal([2], Download(address, 1));
    }

    [Fact]
    public void AStreamWaitsForAnotherThroughAnEvent()
    {
        using var test = new DriverUnderTest(new DeviceOptions { IsLazy = true });
        ulong address = Allocate(1);
        nint first = Stream(), second = Stream(), mark;
        Require(((delegate* unmanaged<nint*, uint, CuResult>)Find("cuEventCreate"))(&mark, 0));
        Set(address, 1, 1, first);
        Require(((delegate* unmanaged<nint, nint, CuResult>)Find("cuEventRecord"))(mark, first));
        Set(address, 9, 1, first);
        Require(((delegate* unmanaged<nint, nint, uint, CuResult>)Find("cuStreamWaitEvent"))(second, mark, 0));
        Set(address, 2, 1, second);
        Require(Wait(second));
        Assert.Equal([2], Download(address, 1));
        Require(Wait(first));
        Assert.Equal([9], Download(address, 1));
    }

    [Fact]
    public void WhatIsCapturedIsDoneAtEveryLaunchAndNotBefore()
    {
        using var test = new DriverUnderTest();
        ulong address = Allocate(2);
        Set(address, 1, 2, 0);
        nint stream = Stream(), graph, executable;
        Require(((delegate* unmanaged<nint, int, CuResult>)Find("cuStreamBeginCapture_v2"))(stream, 0));
        Set(address, 2, 1, stream);
        Set(address + 1, 3, 1, stream);
        Require(((delegate* unmanaged<nint, nint*, CuResult>)Find("cuStreamEndCapture"))(stream, &graph));
        Assert.Equal([1, 1], Download(address, 2));
        nuint nodes;
        Require(((delegate* unmanaged<nint, nint*, nuint*, CuResult>)Find("cuGraphGetNodes"))(graph, null, &nodes));
        Assert.Equal((nuint)2, nodes);
        Require(((delegate* unmanaged<nint*, nint, ulong, CuResult>)Find("cuGraphInstantiateWithFlags"))(&executable, graph, 0));
        for (int i = 0; i < 2; i++)
        {
            Set(address, 1, 2, 0);
            Require(((delegate* unmanaged<nint, nint, CuResult>)Find("cuGraphLaunch"))(executable, stream));
            Require(Wait(stream));
            Assert.Equal([2, 3], Download(address, 2));
        }
    }

    [Fact]
    public void WaitingSpoilsACapture()
    {
        using var test = new DriverUnderTest();
        nint stream = Stream(), graph;
        Require(((delegate* unmanaged<nint, int, CuResult>)Find("cuStreamBeginCapture_v2"))(stream, 0));
        Assert.Equal(CuResult.StreamCaptureUnsupported, Wait(stream));
        Assert.Equal(CuResult.StreamCaptureInvalidated, ((delegate* unmanaged<nint, nint*, CuResult>)Find("cuStreamEndCapture"))(stream, &graph));
        Assert.Equal(CuResult.Success, Wait(stream));
    }

    [Theory]
    [InlineData(0, CuResult.StreamCaptureUnsupported)]
    [InlineData(2, CuResult.Success)]
    public void AGlobalCaptureForbidsAllocation(int mode, object expected)
    {
        using var test = new DriverUnderTest();
        nint stream = Stream();
        ulong address;
        Require(((delegate* unmanaged<nint, int, CuResult>)Find("cuStreamBeginCapture_v2"))(stream, mode));
        Assert.Equal((CuResult)expected, ((delegate* unmanaged<ulong*, nuint, CuResult>)Find("cuMemAlloc_v2"))(&address, 1));
    }

    [Theory]
    [InlineData(0, 4, CuResult.Success)]
    [InlineData(4, 0, CuResult.Success)]
    [InlineData(0, 3, CuResult.InvalidValue)]
    [InlineData(3, 0, CuResult.InvalidValue)]
    [InlineData(2, 2, CuResult.InvalidValue)]
    public void ACopyOntoItselfIsRefused(int from, int to, object expected)
    {
        using var test = new DriverUnderTest();
        ulong address = Allocate(8);
        Set(address, 1, 8, 0);
        Assert.Equal((CuResult)expected, ((delegate* unmanaged<ulong, ulong, nuint, CuResult>)Find("cuMemcpyDtoD_v2"))(address + (ulong)to, address + (ulong)from, 4));
    }

    [Fact]
    public void TheLogHasWhatWasAskedInOrder()
    {
        using var test = new DriverUnderTest();
        ulong address = Allocate(100);
        Set(address, 1, 100, 0);
        Download(address, 100);
        Assert.Equal(
            [DriverAction.Allocate, DriverAction.Set, DriverAction.CopyToHost, DriverAction.Wait, DriverAction.Wait],
            test.Device.Log.Entries.Select(entry => entry.Action));
        Assert.Equal(100, test.Device.Log.Entries[0].LengthBytes);
    }
}

using Jukebox.PtxMachine.Driver;
using Xunit;
using static Jukebox.PtxMachine.Tests.Driver.DriverUnderTest;

namespace Jukebox.PtxMachine.Tests.Driver;

/// <summary>What is loaded and what is refused, with the reason in the log that a program can ask for.</summary>
public sealed class ModuleTests
{
    private const string Nothing = ".version 7.0\n.target sm_70\n.address_size 64\n.visible .entry nothing() { ret; }\n";

    [Fact]
    public void PtxIsLoaded()
    {
        using var test = new DriverUnderTest();
        Assert.Equal(CuResult.Success, Load(Nothing, out _, out string log));
        Assert.Equal("", log);
    }

    [Theory]
    [InlineData("\u007fELF, and so on", CuResult.NoBinaryForGpu, "machine code")]
    [InlineData("a text", CuResult.InvalidImage, "neither PTX nor machine code")]
    public void WhatIsNoPtxIsRefused(string image, object result, string reason)
    {
        using var test = new DriverUnderTest();
        Assert.Equal((CuResult)result, Load(image, out _, out string log));
        Assert.Contains(reason, log);
    }

    [Fact]
    public void PtxForALaterDeviceIsRefused()
    {
        using var test = new DriverUnderTest(new DeviceOptions { ComputeCapability = 75 });
        Assert.Equal(CuResult.InvalidPtx, Load(Nothing.Replace("sm_70", "sm_80"), out _, out string log));
        Assert.Contains("is for sm_80; the device has compute capability 7.5", log);
    }

    [Fact]
    public void PtxOfALaterVersionIsRefused()
    {
        using var test = new DriverUnderTest();
        Assert.Equal(CuResult.UnsupportedPtxVersion, Load(Nothing.Replace("7.0", "9.9"), out _, out string log));
        Assert.Contains("is PTX 9.9", log);
    }

    [Fact]
    public void AnUnknownInstructionIsRefusedByName()
    {
        using var test = new DriverUnderTest();
        Assert.Equal(CuResult.InvalidPtx, Load(Nothing.Replace("ret;", "frobnicate.u32;"), out _, out string log));
        Assert.Contains("frobnicate", log);
    }
}

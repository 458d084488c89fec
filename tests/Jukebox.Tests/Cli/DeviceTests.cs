using System.Runtime.InteropServices;
using Xunit;

namespace Jukebox.Tests.Cli;

/// <summary>The choice of a device where there is no CUDA driver; the kernel tests have one.</summary>
public sealed class DeviceTests : IDisposable
{
    private readonly NoiseSong _song = new();

    public DeviceTests() =>
        Skip.If(NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out _), "this machine has a CUDA driver");

    public void Dispose() => _song.Dispose();

    [SkippableFact]
    public void AnExplicitChoiceNeverFallsBack()
    {
        foreach (string device in (string[])["cuda", "shadow"])
        {
            CliRun run = _song.SampleOn(device, "song");
            Assert.Equal(1, run.ExitCode);
            Assert.StartsWith("no CUDA driver", run.Error, StringComparison.Ordinal);
            Assert.Contains("install NVIDIA's driver", run.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(_song.In("song")), "a refused song leaves nothing behind");
        }
    }

    [SkippableFact]
    public void TheAutomaticChoiceSaysInOneLineWhyItFallsBack()
    {
        CliRun run = _song.SampleOn("auto", "song");
        Assert.Equal(0, run.ExitCode);
        string line = Assert.Single(run.Error.Split('\n'), line => line.Contains("processor", StringComparison.Ordinal));
        Assert.StartsWith("Computing on the processor: no CUDA driver", line, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void TheProcessorIsTakenSilentlyWhenAskedFor() =>
        Assert.DoesNotContain("CUDA", _song.SampleOn("cpu", "song").Error, StringComparison.Ordinal);

    [SkippableFact]
    public void InfoNamesTheDevices()
    {
        CliRun run = CliRun.Of("info", "--devices");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("cpu ", run.Output, StringComparison.Ordinal);
        Assert.Contains("cuda    none: no CUDA driver", run.Output, StringComparison.Ordinal);
        Assert.Contains("nvrtc ", run.Output, StringComparison.Ordinal);
    }
}

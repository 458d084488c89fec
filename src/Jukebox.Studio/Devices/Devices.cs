using Jukebox.Core.Contract;
using Jukebox.Core.Text;
using Jukebox.Cpu.Backend;
using Jukebox.Cuda.Driver;

namespace Jukebox.Studio.Devices;

/// <summary>What this machine can compute on.</summary>
internal static class Devices
{
    /// <summary>The limits of a device, measured now.</summary>
    public static MachineLimits Measure(IBackend backend) =>
        backend.MeasureLimits() ?? throw new StudioException("bench measures one device: use --device cuda or --device cpu.");

    /// <summary>One line per device; where there is no CUDA device, why.</summary>
    public static IEnumerable<string> Describe()
    {
        foreach (CpuInstructionSet set in CpuOptions.Supported.Take(1))
        {
            yield return $"cpu     {Environment.ProcessorCount} threads, {set}";
        }

        IReadOnlyList<string> lines;
        try
        {
            CudaDriver driver = CudaLibrary.OpenDriver();
            lines = [.. CudaDevice.List(driver).Select(device =>
                $"cuda {device.Ordinal}  {device.Name}, compute capability {device.CapabilityText}, {Readable.Bytes(device.MemoryBytes)}, "
                + $"{device.MultiprocessorCount} multiprocessors"
                + (device.BandwidthBytesPerSecond > 0 ? $", {Readable.Bytes((long)device.BandwidthBytesPerSecond)}/s" : "")
                + (device.Capability < CudaDevice.LeastCapability ? " (too old)" : "")),
                $"        driver for CUDA {CudaDriver.VersionText(driver.Version)} from {driver.Origin}"];
        }
        catch (CudaException error)
        {
            lines = [$"cuda    none: {error.Message}"];
        }

        foreach (string line in lines)
        {
            yield return line;
        }

        yield return $"nvrtc   {DescribeCompiler()}";
    }

    private static string DescribeCompiler()
    {
        try
        {
            return CudaLibrary.FindNvrtc() is { } compiler ? $"{compiler.Version} from {compiler.Origin}" : "none: kernels run from the PTX that ships";
        }
        catch (CudaException error)
        {
            return $"none: {error.Message}";
        }
    }
}

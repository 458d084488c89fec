using System.Runtime.InteropServices;

namespace Jukebox.Cuda.Driver;

/// <summary>What a device is, as far as this project asks.</summary>
/// <param name="Ordinal">Index by which it is opened.</param>
/// <param name="Name">NVIDIA's name.</param>
/// <param name="Capability">Compute capability times ten: 80 for 8.0.</param>
/// <param name="MemoryBytes">All of its memory.</param>
/// <param name="MultiprocessorCount">Multiprocessors.</param>
/// <param name="SharedBytesPerBlock">Shared memory that a block may have, when it asks for more than the default.</param>
/// <param name="ClockHertz">Of its multiprocessors, at most.</param>
/// <param name="BandwidthBytesPerSecond">Of its memory, by clock and bus; 0 where the driver does not say.</param>
public sealed record CudaDevice(
    int Ordinal,
    string Name,
    int Capability,
    long MemoryBytes,
    int MultiprocessorCount,
    int SharedBytesPerBlock,
    double ClockHertz,
    double BandwidthBytesPerSecond)
{
    /// <summary>The least compute capability that the kernels run on, times ten.</summary>
    public const int LeastCapability = 70;

    /// <summary>"8.0".</summary>
    public string CapabilityText => $"{Capability / 10}.{Capability % 10}";

    /// <summary>Every device that a driver offers.</summary>
    public static unsafe IReadOnlyList<CudaDevice> List(CudaDriver driver)
    {
        int count;
        driver.Check(driver.cuDeviceGetCount(&count));
        return [.. Enumerable.Range(0, count).Select(ordinal => Read(driver, ordinal))];
    }

    /// <summary>The device of an index.</summary>
    /// <exception cref="CudaException">There is none, or it is too old.</exception>
    internal static unsafe CudaDevice Open(CudaDriver driver, int ordinal)
    {
        int count;
        driver.Check(driver.cuDeviceGetCount(&count));
        if ((uint)ordinal >= (uint)count)
        {
            throw new CudaException($"there is no CUDA device {ordinal}: the driver in {driver.Origin} offers {count}", code: CudaResult.InvalidDevice);
        }

        CudaDevice device = Read(driver, ordinal);
        return device.Capability >= LeastCapability
            ? device
            : throw new CudaException(
                $"{device.Name} has compute capability {device.CapabilityText}; the kernels need {LeastCapability / 10}.{LeastCapability % 10} (Volta) or later");
    }

    /// <summary>The driver's own handle of the device.</summary>
    internal unsafe int Handle(CudaDriver driver)
    {
        int handle;
        driver.Check(driver.cuDeviceGet(&handle, Ordinal));
        return handle;
    }

    private static unsafe CudaDevice Read(CudaDriver driver, int ordinal)
    {
        const int nameBytes = 256;
        int handle;
        driver.Check(driver.cuDeviceGet(&handle, ordinal));
        int device = handle;
        byte* name = stackalloc byte[nameBytes];
        driver.Check(driver.cuDeviceGetName(name, nameBytes, device));
        nuint memoryBytes;
        driver.Check(driver.cuDeviceTotalMem_v2(&memoryBytes, device));

        // Two transfers a clock; kilohertz and bits.
        double bandwidth = 2.0 * Attribute(DeviceAttribute.MemoryClockKilohertz) * 1000 * Attribute(DeviceAttribute.MemoryBusBits) / 8;
        return new CudaDevice(
            ordinal,
            Marshal.PtrToStringUTF8((nint)name) ?? "",
            (Attribute(DeviceAttribute.ComputeCapabilityMajor) * 10) + Attribute(DeviceAttribute.ComputeCapabilityMinor),
            checked((long)memoryBytes),
            Attribute(DeviceAttribute.MultiprocessorCount),
            Math.Max(Attribute(DeviceAttribute.MaxSharedBytesPerBlockOptIn), Attribute(DeviceAttribute.MaxSharedBytesPerBlock)),
            1000.0 * Attribute(DeviceAttribute.ClockKilohertz),
            bandwidth);

        int Attribute(DeviceAttribute attribute)
        {
            int value;
            driver.Check(driver.cuDeviceGetAttribute(&value, attribute, device));
            return value;
        }
    }
}

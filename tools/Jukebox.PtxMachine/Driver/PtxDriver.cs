namespace Jukebox.PtxMachine.Driver;

/// <summary>
/// The driver of this process: its devices, and its functions by their C names. A program that is handed
/// <see cref="Function"/> sees every device that was added; a program that loads the published library sees the one that
/// the environment describes (<see cref="DeviceOptions.FromEnvironment"/>).
/// </summary>
public static class PtxDriver
{
    private static readonly Lock Lock = new();
    private static readonly List<MachineDevice> Added = [];

    /// <summary>The CUDA version that <c>cuDriverGetVersion</c> gives, as 1000 · major + 10 · minor; <c>PTXMACHINE_DRIVER_VERSION</c> changes it.</summary>
    public static int Version { get; } = int.TryParse(Environment.GetEnvironmentVariable("PTXMACHINE_DRIVER_VERSION"), out int version) ? version : 12_090;

    /// <summary>The newest PTX that a driver of this version reads.</summary>
    public static Version NewestPtx => Version switch
    {
        >= 13_000 => new Version(9, 0),
        >= 12_090 => new Version(8, 8),
        >= 12_080 => new Version(8, 7),
        >= 12_070 => new Version(8, 6),
        >= 12_050 => new Version(8, 5),
        >= 12_000 => new Version(8, Version % 1000 / 10),
        _ => new Version(7, Version % 1000 / 10),
    };

    /// <summary>Devices, removed ones included: ordinals stay what they were.</summary>
    internal static int DeviceCount
    {
        get
        {
            lock (Lock)
            {
                return Added.Count;
            }
        }
    }

    /// <summary>Adds a device, whose ordinal is new.</summary>
    public static MachineDevice AddDevice(DeviceOptions options)
    {
        lock (Lock)
        {
            var device = new MachineDevice(Added.Count, options);
            Added.Add(device);
            return device;
        }
    }

    /// <summary>Address of a function of the driver's C interface, under the name that the library exports; 0 when there is none.</summary>
    public static nint Function(string name) => FunctionTable.Find(name);

    /// <summary>Where nobody added a device, the environment's is there.</summary>
    internal static void EnsureDevice()
    {
        lock (Lock)
        {
            if (Added.Count == 0)
            {
                AddDevice(DeviceOptions.FromEnvironment());
            }
        }
    }

    internal static MachineDevice Device(int ordinal)
    {
        lock (Lock)
        {
            return (uint)ordinal < (uint)Added.Count && !Added[ordinal].IsRemoved
                ? Added[ordinal]
                : throw new DriverException(CuResult.InvalidDevice, $"there is no device {ordinal}");
        }
    }
}

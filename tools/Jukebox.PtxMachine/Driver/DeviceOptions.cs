using System.Globalization;

namespace Jukebox.PtxMachine.Driver;

/// <summary>What a device of the PTX machine claims to be, and what is to go wrong with it.</summary>
public sealed record DeviceOptions
{
    /// <summary>Compute capability times ten: PTX for a later one is refused.</summary>
    public int ComputeCapability { get; init; } = 80;

    /// <summary>What <c>cuDeviceGetName</c> says.</summary>
    public string Name { get; init; } = "PTX machine";

    /// <summary>Memory that can be allocated.</summary>
    public long MemoryBytes { get; init; } = 4L << 30;

    /// <summary>Multiprocessors that it claims; work is spread over the processor's cores whatever this says.</summary>
    public int MultiprocessorCount { get; init; } = 108;

    /// <summary>What launches look at besides computing.</summary>
    public MachineMode Mode { get; init; } = MachineMode.Fast;

    /// <summary>Threads that share a launch in fast mode.</summary>
    public int WorkerCount { get; init; } = Environment.ProcessorCount;

    /// <summary>Whether <see cref="MachineDevice.Log"/> keeps every call in memory.</summary>
    public bool KeepLog { get; init; }

    /// <summary>A file that every call is appended to, one JSON object a line; none for no file.</summary>
    public string? LogPath { get; init; }

    /// <summary>
    /// Whether queued work is only done when somebody waits for it, as late as the interface allows: page-locked memory that
    /// is changed too early is then seen to change.
    /// </summary>
    public bool IsLazy { get; init; }

    /// <summary>Whether faults are told on standard error as well as in the log.</summary>
    public bool ReportsFaults { get; init; }

    /// <summary>Whether the device goes when its primary context does.</summary>
    public bool IsRemovedWithContext { get; init; }

    /// <summary>The newest PTX that its driver reads; none for what the driver's version says.</summary>
    public Version? NewestPtx { get; init; }

    /// <summary>Launches after which the device is lost, for good; none for never.</summary>
    public long? LostAfterLaunches { get; init; }

    /// <summary>
    /// The options that environment variables name, each <c>PTXMACHINE_</c> and the option in capitals:
    /// <c>PTXMACHINE_COMPUTE_CAPABILITY</c> (8.0 or 80), <c>_NAME</c>, <c>_MEMORY_BYTES</c>, <c>_MULTIPROCESSORS</c>,
    /// <c>_MODE</c> (fast, count, check), <c>_WORKERS</c>, <c>_LOG</c>, <c>_LAZY</c> (1), <c>_LOST_AFTER_LAUNCHES</c>.
    /// </summary>
    public static DeviceOptions FromEnvironment()
    {
        var options = new DeviceOptions();
        return options with
        {
            ComputeCapability = Read("COMPUTE_CAPABILITY", text => int.Parse(text.Replace(".", ""), CultureInfo.InvariantCulture), options.ComputeCapability),
            Name = Read("NAME", text => text, options.Name),
            MemoryBytes = Read("MEMORY_BYTES", text => long.Parse(text, CultureInfo.InvariantCulture), options.MemoryBytes),
            MultiprocessorCount = Read("MULTIPROCESSORS", text => int.Parse(text, CultureInfo.InvariantCulture), options.MultiprocessorCount),
            Mode = Read("MODE", text => Enum.Parse<MachineMode>(text, ignoreCase: true), options.Mode),
            WorkerCount = Read("WORKERS", text => int.Parse(text, CultureInfo.InvariantCulture), options.WorkerCount),
            ReportsFaults = true,
            LogPath = Read("LOG", text => text, options.LogPath),
            IsLazy = Read("LAZY", text => text == "1", options.IsLazy),
            LostAfterLaunches = Read("LOST_AFTER_LAUNCHES", text => long.Parse(text, CultureInfo.InvariantCulture), options.LostAfterLaunches),
        };
    }

    private static T Read<T>(string name, Func<string, T> parse, T otherwise)
    {
        string variable = "PTXMACHINE_" + name;
        if (Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } text)
        {
            return otherwise;
        }

        try
        {
            return parse(text);
        }
        catch (Exception error) when (error is FormatException or OverflowException or ArgumentException)
        {
            throw new DriverException(CuResult.InvalidValue, $"{variable} is '{text}': {error.Message}");
        }
    }
}

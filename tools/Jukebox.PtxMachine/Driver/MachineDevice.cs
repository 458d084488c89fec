namespace Jukebox.PtxMachine.Driver;

/// <summary>
/// One device that the driver offers: memory, a machine that runs kernels in it, a log. Added and removed in process by
/// <see cref="PtxDriver"/>; whoever added it disposes it, after everything that a program made on it.
/// </summary>
public sealed class MachineDevice : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Finding> _findings = [];
    private MachineContext? _primary;
    private int _retainCount;
    private long _launches;

    internal MachineDevice(int ordinal, DeviceOptions options)
    {
        Ordinal = ordinal;
        Options = options;
        Log = new DriverLog(options.KeepLog, options.LogPath);
        Memory = new DeviceMemory(options.MemoryBytes);
        Machine = new Machine(
            new MachineOptions { Mode = options.Mode, WorkerCount = options.WorkerCount, MultiprocessorCount = options.MultiprocessorCount },
            Memory);
    }

    /// <summary>The number by which <c>cuDeviceGet</c> finds it.</summary>
    public int Ordinal { get; }

    /// <summary>What it claims to be.</summary>
    public DeviceOptions Options { get; }

    /// <summary>Everything it was asked for.</summary>
    public DriverLog Log { get; }

    /// <summary>Its memory.</summary>
    public DeviceMemory Memory { get; }

    /// <summary>What the check mode found in every launch so far.</summary>
    public IReadOnlyList<Finding> Findings
    {
        get
        {
            lock (_lock)
            {
                return [.. _findings];
            }
        }
    }

    internal Machine Machine { get; }

    internal bool IsRemoved { get; private set; }

    /// <summary>Whether it is gone for good.</summary>
    internal bool IsLost => Options.LostAfterLaunches is { } limit && Volatile.Read(ref _launches) > limit;

    /// <summary>Removes it from the driver and gives its memory back.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (IsRemoved)
            {
                return;
            }

            IsRemoved = true;
        }

        Memory.Dispose();
        Log.Dispose();
    }

    internal MachineContext RetainPrimary()
    {
        lock (_lock)
        {
            _retainCount++;
            return _primary ??= new MachineContext(this);
        }
    }

    internal void ReleasePrimary()
    {
        bool isLast;
        lock (_lock)
        {
            if (_primary is null)
            {
                throw new DriverException(CuResult.InvalidContext, "the primary context was not retained");
            }

            isLast = --_retainCount == 0;
            if (isLast)
            {
                _primary.Destroy();
                _primary = null;
            }
        }

        if (isLast && Options.IsRemovedWithContext)
        {
            Dispose();
        }
    }

    internal void ResetPrimary()
    {
        lock (_lock)
        {
            _primary?.Destroy();
            _primary = null;
            _retainCount = 0;
        }
    }

    internal bool IsPrimaryActive
    {
        get
        {
            lock (_lock)
            {
                return _primary is not null;
            }
        }
    }

    /// <summary>Counts a launch; false when it is one too many.</summary>
    internal bool CountLaunch()
    {
        Interlocked.Increment(ref _launches);
        return !IsLost;
    }

    internal void Keep(IReadOnlyList<Finding> findings)
    {
        lock (_lock)
        {
            _findings.AddRange(findings);
        }
    }
}

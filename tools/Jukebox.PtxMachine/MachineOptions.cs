namespace Jukebox.PtxMachine;

/// <summary>What a launch looks at besides computing.</summary>
public enum MachineMode
{
    /// <summary>Values only, on all cores; an address outside the device's memory is still a fault.</summary>
    Fast,

    /// <summary>Values and the launch's cost, exactly and repeatably.</summary>
    Count,

    /// <summary>Values and everything that hardware forgives: bounds, uninitialised reads, races, barriers.</summary>
    Check,
}

/// <summary>How a <see cref="Machine"/> executes.</summary>
public sealed record MachineOptions
{
    public MachineMode Mode { get; init; } = MachineMode.Fast;

    /// <summary>Threads that share the blocks of a launch in fast mode; the other modes use one.</summary>
    public int WorkerCount { get; init; } = Environment.ProcessorCount;

    /// <summary>Findings per launch after which check mode stops looking.</summary>
    public int MaxFindings { get; init; } = 16;

    /// <summary>Backward branches that one warp may take in a launch before it counts as hung.</summary>
    public long MaxLoopsPerWarp { get; init; } = 1L << 28;

    /// <summary>What <c>%nsmid</c> says.</summary>
    public int MultiprocessorCount { get; init; } = 108;
}

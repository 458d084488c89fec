namespace Jukebox.PtxMachine;

/// <summary>What one launch was, and what the machine's mode adds to it.</summary>
public sealed record LaunchReport(string Kernel, Dim3 Grid, Dim3 Block, int DynamicSharedBytes)
{
    /// <summary>The cost; null except in count mode.</summary>
    public LaunchCounts? Counts { get; init; }

    /// <summary>What the check mode found: each place once, at most <see cref="MachineOptions.MaxFindings"/>. Empty in the other modes.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];
}

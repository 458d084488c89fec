namespace Jukebox.PtxMachine;

public enum FindingKind
{
    OutOfBounds,
    Misaligned,
    UseAfterFree,
    ReadOnly,
    UninitialisedGlobal,
    UninitialisedShared,
    UninitialisedLocal,
    SharedRace,
    RaceInWarp,
    GlobalRaceBetweenBlocks,
    GlobalRaceBetweenWarps,
    DivergentBarrier,
    BarrierNeverComplete,
    AbsentLanes,
    AsyncCopyNotAwaited,
    Trap,
    Hang,
    StackOverflow,
}

/// <summary>One thing that a kernel did wrong, and where.</summary>
public sealed record Finding
{
    public required FindingKind Kind { get; init; }

    /// <summary>One sentence with the figures.</summary>
    public required string What { get; init; }

    /// <summary>The instruction's text, such as <c>st.global.f32</c>.</summary>
    public required string Instruction { get; init; }

    /// <summary>The PTX file's name and the line in it, from 1.</summary>
    public required string PtxFile { get; init; }

    public required int PtxLine { get; init; }

    /// <summary>The CUDA source behind it; null where the PTX has no <c>.loc</c>.</summary>
    public string? SourceFile { get; init; }

    public int SourceLine { get; init; }

    /// <summary>The block's index in the grid.</summary>
    public required Dim3 Block { get; init; }

    /// <summary>The thread's index in its block.</summary>
    public required Dim3 Thread { get; init; }

    /// <summary>The address at fault; 0 where there is none.</summary>
    public ulong Address { get; init; }

    public override string ToString()
    {
        string source = SourceFile is null ? string.Empty : $", {SourceFile}({SourceLine})";
        string address = Address == 0 ? string.Empty : $", address 0x{Address:x}";
        return $"{Kind}: {What} ({Instruction} at {PtxFile}({PtxLine}){source}, block {Block}, thread {Thread}{address})";
    }
}

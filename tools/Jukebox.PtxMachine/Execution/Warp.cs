namespace Jukebox.PtxMachine.Execution;

/// <summary>Lanes that wait: where they go on, where they meet the others again, and which they are.</summary>
internal struct PendingLanes
{
    public int Pc;
    public int Join;
    public uint Mask;

    /// <summary>They have reached a barrier, and let others go on in the hope that those leave.</summary>
    public bool IsAtBarrier;
}

/// <summary>
/// A warp's state. Registers are kept lane by lane side by side: 32 times 4 bytes (types up to 32 bits, the narrower zero-extended) or 32
/// times 8 bytes; a predicate is 4 bytes with a bit per lane.
/// </summary>
internal unsafe struct Warp
{
    /// <summary>Branch nesting that a warp can hold.</summary>
    public const int StackEntries = 512;

    public const uint AllLanes = uint.MaxValue;

    public byte* Registers;

    /// <summary>Lanes that execute the current instruction.</summary>
    public uint Mask;

    /// <summary>Lanes that have not exited.</summary>
    public uint Live;

    public int Pc;

    /// <summary>Where the lanes of <see cref="Mask"/> wait for those on the stack; <see cref="int.MaxValue"/> for nowhere.</summary>
    public int Join;

    public int Depth;
    public PendingLanes* Stack;

    /// <summary>Index in the block.</summary>
    public int Index;

    public byte* Shared;
    public uint SharedBytes;

    /// <summary>Local memory of lane 0; each lane has <see cref="LocalBytes"/>.</summary>
    public byte* Local;
    public uint LocalBytes;

    public byte* Parameters;
    public uint ParameterBytes;

    public ulong ArenaStart;
    public ulong ArenaBytes;

    /// <summary>Backward branches that are left before the warp counts as hung.</summary>
    public long LoopsLeft;

    /// <summary>The barrier that the warp waits at, -1 for none; how many threads it waits for, 0 for all.</summary>
    public int Barrier;
    public int BarrierThreads;
    public bool IsDone;
}

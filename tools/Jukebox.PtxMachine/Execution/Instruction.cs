global using unsafe Handler = delegate*<Jukebox.PtxMachine.Execution.Warp*, Jukebox.PtxMachine.Execution.Instruction*, void>;

namespace Jukebox.PtxMachine.Execution;

/// <summary>How an instruction moves the program counter. <see cref="Plain"/> is the only one that the inner loop takes without looking.</summary>
internal enum Flow : byte
{
    Plain,

    /// <summary>As plain, under a guard.</summary>
    Guarded,
    Branch,
    ConditionalBranch,
    IndexedBranch,
    Call,
    Exit,
    Barrier,
    Trap,
}

/// <summary>
/// One decoded instruction. Operands are byte offsets into a warp's registers, immediates included: those have slots of their own. What
/// the fields beyond <see cref="A"/> mean is each handler's business.
/// </summary>
internal unsafe struct Instruction
{
    public Handler Execute;
    public Flow Flow;

    /// <summary>Lanes may wait for each other here.</summary>
    public bool IsJoin;

    public bool GuardNegated;

    /// <summary>Small facts of one kind of instruction, such as a comparison's second operator.</summary>
    public byte Detail;

    /// <summary>The guard's predicate.</summary>
    public int Guard;

    public int D;
    public int A;
    public int B;
    public int C;
    public int D1;
    public int D2;
    public int D3;

    /// <summary>Index in the program.</summary>
    public int Index;

    public int Target;
    public int Join;
    public long Immediate;

    /// <summary>More operands, where seven do not do.</summary>
    public int* Extra;
}

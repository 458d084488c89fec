using System.Diagnostics.CodeAnalysis;

namespace Jukebox.PtxMachine.Execution;

/// <summary>Ends a launch from inside a handler; becomes a <see cref="PtxFaultException"/> where block and kernel are known.</summary>
internal sealed class FaultSignal(FindingKind kind, int instruction, int lane, ulong address, string what) : Exception(what)
{
    public FindingKind Kind => kind;

    /// <summary>Index in the program.</summary>
    public int Instruction => instruction;

    public int Lane => lane;

    /// <summary>Index in the block; set where the lane's warp is known.</summary>
    public int Warp { get; set; }

    public ulong Address => address;

    [DoesNotReturn]
    public static unsafe void Throw(Instruction* instruction, FindingKind kind, int lane, ulong address, string what) =>
        throw new FaultSignal(kind, instruction->Index, lane, address, what);
}

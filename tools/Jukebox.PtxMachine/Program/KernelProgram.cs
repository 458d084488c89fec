using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

/// <summary>A value that a slot of every warp's registers holds from the start.</summary>
internal readonly record struct Constant(int Slot, int LaneBytes, ulong Bits);

/// <summary>A kernel with all that it calls, decoded for one placement of its module's variables. Immutable once built.</summary>
internal sealed unsafe class KernelProgram : IDisposable
{
    private readonly ConcurrentBag<BlockState> _idle = [];
    private readonly List<nint> _extras;
    private bool _disposed;

    public KernelProgram(PtxKernel kernel, ProgramBuilder builder)
    {
        Kernel = kernel;
        Length = builder.Instructions.Count;
        Code = (Instruction*)NativeMemory.AlignedAlloc((nuint)(Length * sizeof(Instruction)), 64);
        for (int index = 0; index < Length; index++)
        {
            Code[index] = builder.Instructions[index];
        }

        Syntax = [.. builder.Syntax];
        Costs = [.. builder.Syntax.Select(CostTable.Of)];
        RegisterBytes = (builder.RegisterBytes + 63) / 64 * 64;
        Constants = [.. builder.Constants];
        Specials = [.. builder.Specials.Select(pair => (pair.Key, pair.Value))];
        LocalBytes = (kernel.LocalBytes + 15) / 16 * 16;
        _extras = builder.TakeExtras();
    }

    ~KernelProgram() => Release();

    public PtxKernel Kernel { get; }

    public Instruction* Code { get; }

    public int Length { get; }

    /// <summary>What each instruction was in the text.</summary>
    public PtxInstruction[] Syntax { get; }

    /// <summary>What each instruction counts as.</summary>
    public InstructionCost[] Costs { get; }

    /// <summary>Registers, constants and special values of one warp.</summary>
    public int RegisterBytes { get; }

    public Constant[] Constants { get; }

    public (SpecialRegister Register, int Slot)[] Specials { get; }

    /// <summary>Local memory of one thread, a multiple of 16.</summary>
    public int LocalBytes { get; }

    /// <summary>Nanoseconds that one block took of late; 0 when unknown. Decides whether waking other workers pays.</summary>
    public double BlockNanoseconds { get; set; }

    /// <summary>A state with room for a block, from the pool if one fits.</summary>
    public BlockState Rent(int warps, int sharedBytes)
    {
        while (_idle.TryTake(out BlockState? state))
        {
            if (state.Warps >= warps && state.SharedCapacity >= sharedBytes)
            {
                return state;
            }

            state.Dispose();
        }

        return new BlockState(this, warps, sharedBytes);
    }

    public void Return(BlockState state)
    {
        if (_disposed)
        {
            state.Dispose();
            return;
        }

        _idle.Add(state);
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        while (_idle.TryTake(out BlockState? state))
        {
            state.Dispose();
        }

        NativeMemory.AlignedFree(Code);
        _extras.ForEach(extra => NativeMemory.AlignedFree((void*)extra));
    }
}

namespace Jukebox.PtxMachine.Execution;

/// <summary>Whether handlers tell an <see cref="Observer"/> what they do.</summary>
internal interface IMode
{
    static abstract bool IsObserved { get; }
}

internal readonly struct Unobserved : IMode
{
    public static bool IsObserved => false;
}

internal readonly struct Observed : IMode
{
    public static bool IsObserved => true;
}

/// <summary>
/// Looks on while blocks execute one after another on one thread. The methods about accesses may take lanes out of the access: they
/// return the lanes that remain.
/// </summary>
internal abstract unsafe class Observer
{
    [ThreadStatic]
    private static Observer? _current;

    /// <summary>The observer of the launch that this thread executes.</summary>
    public static Observer Current
    {
        get => _current!;
        set => _current = value;
    }

    public abstract uint OnGlobal(Warp* w, Instruction* i, ulong* addresses, int lengthBytes, AccessKind kind, uint mask);

    public abstract uint OnShared(Warp* w, Instruction* i, ulong* offsets, int lengthBytes, AccessKind kind, uint mask);

    public abstract uint OnLocal(Warp* w, Instruction* i, ulong* offsets, int lengthBytes, AccessKind kind, uint mask);

    /// <summary>A load of constant memory, by device addresses.</summary>
    public virtual uint OnConstant(Warp* w, Instruction* i, ulong* addresses, int lengthBytes, uint mask) => mask;

    /// <summary>A shuffle that reads a lane which does not take part.</summary>
    public virtual void OnAbsentSource(Warp* w, Instruction* i, int lane, int source)
    {
    }

    /// <summary>Two lanes of one store write different values to the same place.</summary>
    public virtual void OnCollision(Warp* w, Instruction* i, int laneA, int laneB, ulong address)
    {
    }

    /// <summary>An instruction that names lanes which must take part; <paramref name="members"/> is what it names.</summary>
    public virtual void OnWarpSync(Warp* w, Instruction* i, uint members)
    {
    }

    /// <summary>An asynchronous copy of <paramref name="lengthBytes"/> per lane to shared memory.</summary>
    public virtual void OnAsyncCopy(Warp* w, Instruction* i, ulong* offsets, int lengthBytes, uint mask)
    {
    }

    public virtual void OnAsyncCommit(Warp* w, Instruction* i)
    {
    }

    /// <summary>A wait until at most <paramref name="pendingGroups"/> groups are under way; −1 for all copies, committed or not.</summary>
    public virtual void OnAsyncWait(Warp* w, Instruction* i, int pendingGroups)
    {
    }

    /// <summary>A fence that orders what the warp did before it and does after it.</summary>
    public virtual void OnFence(Warp* w, FenceScope scope)
    {
    }

    /// <summary>Before an instruction executes, with the lanes that take part in it.</summary>
    public virtual void OnInstruction(Warp* w, Instruction* i, uint mask)
    {
    }

    /// <summary>A conditional branch whose lanes went both ways, or all one.</summary>
    public virtual void OnBranch(Warp* w, Instruction* i, bool isDivergent)
    {
    }

    /// <summary>A block begins.</summary>
    public virtual void OnBlock(long block, byte* shared, int sharedBytes, int warps)
    {
    }

    /// <summary>Warps of a barrier may go on; <paramref name="running"/> are all that have not ended.</summary>
    public virtual void OnBarrier(uint warps, uint running)
    {
    }
}

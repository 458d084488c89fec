namespace Jukebox.PtxMachine;

/// <summary>What an instruction is to the hardware that would run it.</summary>
public enum InstructionClass
{
    Integer,
    Float32,
    Float64,
    Half,
    Convert,
    Move,
    Compare,
    Special,
    Matrix,
    GlobalMemory,
    SharedMemory,
    LocalMemory,
    ConstantMemory,
    Atomic,
    Warp,
    Barrier,
    Control,
}

/// <summary>
/// The exact cost of one launch. A request is one warp's instruction; a sector is 32 bytes of global memory; a wavefront is one pass
/// over the 32 banks of shared memory.
/// </summary>
public sealed record LaunchCounts
{
    internal LaunchCounts(long[] instructions)
    {
        InstructionsByClass = instructions;
    }

    /// <summary>Instructions issued by warps, indexed by <see cref="InstructionClass"/>.</summary>
    public IReadOnlyList<long> InstructionsByClass { get; }

    /// <summary>Instructions issued by warps in all.</summary>
    public long WarpInstructions => InstructionsByClass.Sum();

    /// <summary>The same, each counted once for every active thread.</summary>
    public long ThreadInstructions { get; init; }

    /// <summary>Floating-point operations outside the tensor cores; a fused multiply-add is two, one of a packed pair twice as many.</summary>
    public long Flops { get; init; }

    /// <summary>Operations of <c>mma</c>: two for each multiply-add.</summary>
    public long MatrixFlops { get; init; }

    /// <summary>Loads of global memory, asynchronous copies and the reading half of atomics among them.</summary>
    public MemoryCounts GlobalLoads { get; init; }

    /// <summary>Stores to global memory, and atomics.</summary>
    public MemoryCounts GlobalStores { get; init; }

    /// <summary>Different sectors read by the launch: what memory must deliver if a cache holds every repetition.</summary>
    public long DistinctLoadSectors { get; init; }

    /// <summary>Different sectors written by the launch.</summary>
    public long DistinctStoreSectors { get; init; }

    /// <summary>Bytes of the different sectors read and written.</summary>
    public long DistinctGlobalBytes => 32 * (DistinctLoadSectors + DistinctStoreSectors);

    /// <summary>Loads of shared memory, <c>ldmatrix</c> among them.</summary>
    public SharedCounts SharedLoads { get; init; }

    /// <summary>Stores to shared memory, <c>cp.async</c> and atomics among them.</summary>
    public SharedCounts SharedStores { get; init; }

    /// <summary>Conditional branches executed by warps.</summary>
    public long Branches { get; init; }

    /// <summary>Those at which a warp's threads went both ways.</summary>
    public long DivergentBranches { get; init; }

    /// <summary>Barrier instructions executed by warps.</summary>
    public long Barriers { get; init; }

    public long this[InstructionClass instructionClass] => InstructionsByClass[(int)instructionClass];
}

/// <summary>
/// Accesses of global memory. <paramref name="Bytes"/> is what threads asked for, each thread for itself; <paramref name="Sectors"/> the
/// sectors that each request touched; <paramref name="IdealSectors"/> as few as could hold the different bytes of each request.
/// </summary>
public readonly record struct MemoryCounts(long Requests, long Bytes, long Sectors, long IdealSectors);

/// <summary>Accesses of shared memory: <paramref name="IdealWavefronts"/> is what they would take without bank conflicts.</summary>
public readonly record struct SharedCounts(long Requests, long Bytes, long Wavefronts, long IdealWavefronts);

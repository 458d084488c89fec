namespace Jukebox.PtxMachine.Driver;

/// <summary>Limits that a compute capability sets, from the programming guide's table of technical specifications.</summary>
/// <param name="SharedBytesPerMultiprocessor">Shared memory of a multiprocessor.</param>
/// <param name="SharedBytesPerBlock">What one block can ask for.</param>
/// <param name="ThreadsPerMultiprocessor">Resident threads.</param>
/// <param name="BlocksPerMultiprocessor">Resident blocks.</param>
internal sealed record Architecture(
    int SharedBytesPerMultiprocessor, int SharedBytesPerBlock, int ThreadsPerMultiprocessor, int BlocksPerMultiprocessor)
{
    /// <summary>What a block has without asking.</summary>
    public const int DefaultSharedBytes = 48 * 1024;

    /// <summary>Threads of the largest block.</summary>
    public const int ThreadsPerBlock = 1024;

    /// <summary>What a resident block takes besides its own, from compute capability 8.0 on.</summary>
    private const int ReservedSharedBytes = 1024;

    /// <summary>The limits of a capability times ten; of the nearest older one where it has no line.</summary>
    public static Architecture Of(int capability) => capability switch
    {
        < 75 => new(96 * 1024, 96 * 1024, 2048, 32),
        < 80 => new(64 * 1024, 64 * 1024, 1024, 16),
        < 86 => new(164 * 1024, 163 * 1024, 2048, 32),
        < 89 => new(100 * 1024, 99 * 1024, 1536, 16),
        < 90 => new(100 * 1024, 99 * 1024, 1536, 24),
        < 120 => new(228 * 1024, 227 * 1024, 2048, 32),
        _ => new(100 * 1024, 99 * 1024, 1536, 24),
    };

    /// <summary>Resident blocks by threads and shared memory; registers are not known here, so they do not count.</summary>
    public int ResidentBlocks(int blockThreads, int sharedBytes)
    {
        int warps = (blockThreads + 31) / 32;
        int byThreads = ThreadsPerMultiprocessor / (warps * 32);
        int reserved = SharedBytesPerBlock < SharedBytesPerMultiprocessor ? ReservedSharedBytes : 0;
        int byShared = sharedBytes + reserved == 0 ? BlocksPerMultiprocessor : SharedBytesPerMultiprocessor / (sharedBytes + reserved);
        return Math.Min(Math.Min(byThreads, byShared), BlocksPerMultiprocessor);
    }
}

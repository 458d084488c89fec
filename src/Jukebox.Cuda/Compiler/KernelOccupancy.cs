namespace Jukebox.Cuda.Compiler;

/// <summary>
/// How many warps of a kernel a multiprocessor holds at once, by the rules and limits of the CUDA programming guide's table of
/// technical specifications. Needs no device.
/// </summary>
/// <param name="Capability">Compute capability times ten.</param>
/// <param name="WarpsPerMultiprocessor">Resident warps.</param>
/// <param name="BlocksPerMultiprocessor">Resident blocks.</param>
/// <param name="SharedBytesPerMultiprocessor">Shared memory.</param>
/// <param name="SharedBytesPerBlock">What one block can ask for.</param>
internal sealed record KernelOccupancy(
    int Capability, int WarpsPerMultiprocessor, int BlocksPerMultiprocessor, int SharedBytesPerMultiprocessor, int SharedBytesPerBlock)
{
    private const int RegistersPerMultiprocessor = 64 * 1024;
    private const int RegisterUnit = 256;
    private const int WarpUnit = 4;

    /// <summary>The architectures that kernels are compiled for before anybody has them.</summary>
    public static IReadOnlyList<KernelOccupancy> Architectures { get; } =
    [
        new(70, 64, 32, 96 * 1024, 96 * 1024),
        new(75, 32, 16, 64 * 1024, 64 * 1024),
        new(80, 64, 32, 164 * 1024, 163 * 1024),
        new(86, 48, 16, 100 * 1024, 99 * 1024),
        new(89, 48, 24, 100 * 1024, 99 * 1024),
        new(90, 64, 32, 228 * 1024, 227 * 1024),
        new(100, 64, 32, 228 * 1024, 227 * 1024),
        new(120, 48, 24, 100 * 1024, 99 * 1024),
    ];

    /// <summary>Resident warps of a kernel by its registers per thread and its shared memory, static and dynamic.</summary>
    public int ResidentWarps(int blockThreads, int registers, int sharedBytes)
    {
        int warps = (blockThreads + 31) / 32;
        int registersPerWarp = RoundUp(Math.Max(registers, 1) * 32, RegisterUnit);
        int byRegisters = RegistersPerMultiprocessor / registersPerWarp / WarpUnit * WarpUnit / warps;
        int shared = RoundUp(sharedBytes, Capability >= 80 ? 128 : 256) + (Capability >= 80 ? 1024 : 0);
        int byShared = sharedBytes > SharedBytesPerBlock ? 0 : shared == 0 ? BlocksPerMultiprocessor : SharedBytesPerMultiprocessor / shared;
        int blocks = Math.Min(Math.Min(byRegisters, byShared), Math.Min(WarpsPerMultiprocessor / warps, BlocksPerMultiprocessor));
        return blocks * warps;
    }

    private static int RoundUp(int value, int unit) => (value + unit - 1) / unit * unit;
}

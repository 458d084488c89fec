using System.Runtime.Intrinsics.X86;

namespace Jukebox.Cpu.Backend;

/// <summary>Which vectors the kernels are compiled for.</summary>
public enum CpuInstructionSet
{
    /// <summary>128-bit vectors of whatever the machine has; plain loops where it has none.</summary>
    Portable,

    /// <summary>256-bit vectors with fused multiply-add.</summary>
    Avx2,

    /// <summary>512-bit vectors.</summary>
    Avx512,
}

/// <summary>How the processor is used.</summary>
/// <param name="InstructionSet">One that the machine has, or none for the best.</param>
/// <param name="ThreadCount">Threads including the caller's, or none for one per processor.</param>
public sealed record CpuOptions(CpuInstructionSet? InstructionSet = null, int? ThreadCount = null)
{
    /// <summary>
    /// The instruction sets that this process may use, best first: what the machine has, less what the run time's own
    /// switches (<c>DOTNET_EnableAVX512=0</c> and the like) take away.
    /// </summary>
    public static IReadOnlyList<CpuInstructionSet> Supported { get; } = FindSupported();

    private static CpuInstructionSet[] FindSupported()
    {
        bool avx512 = Avx512F.IsSupported && Avx512DQ.IsSupported;
        bool avx2 = Avx2.IsSupported && Fma.IsSupported;
        return (avx512, avx2) switch
        {
            (true, true) => [CpuInstructionSet.Avx512, CpuInstructionSet.Avx2, CpuInstructionSet.Portable],
            (_, true) => [CpuInstructionSet.Avx2, CpuInstructionSet.Portable],
            _ => [CpuInstructionSet.Portable],
        };
    }
}

using Jukebox.Core.Tensors;
using Jukebox.Cuda.Compiler;
using Jukebox.Cuda.Kernels;
using Jukebox.Models.Format;
using Jukebox.PtxMachine.Parsing;
using Jukebox.Tests.Compilation;

namespace Jukebox.Tests.Cost;

/// <summary>
/// How much of what a kernel of a step streams is on its way to one multiprocessor at once: the warps that registers and shared memory let
/// it hold, times what each asks for ahead of its use. Computed from what the assembler says, so it needs NVRTC.
/// </summary>
internal sealed record BytesInFlight(string Kernel, int Registers, int SharedBytes, int ResidentWarps, int WarpBytes)
{
    /// <summary>What keeps a multiprocessor's share of memory busy.</summary>
    public const int Aim = 32 * 1024;

    /// <summary>Compute capability of the figures, times ten.</summary>
    public const int Capability = 90;

    private const int LaneBytes = 16;

    public int Bytes => ResidentWarps * WarpBytes;

    /// <summary>The kernels that read the weights and the caches of a step; the others of a step have next to nothing to read.</summary>
    public static IReadOnlyList<BytesInFlight> OfStep(PriorSpec spec, ElementType storage)
    {
        int headBytes = spec.Transformer.StateWidth / spec.Transformer.Heads * storage.LengthBytes();
        return
        [
            Of(KernelTable.LinearMmaStep, new KernelVariant(storage, true), KernelTable.LinearStepAheadBytes),
            Of(KernelTable.AttentionStep, new KernelVariant(storage), KernelTable.AttentionWarpKeys * Math.Min(headBytes, 32 * LaneBytes)),
        ];
    }

    private static BytesInFlight Of(KernelEntry entry, KernelVariant variant, int warpBytes)
    {
        AssembledKernel kernel = AssembledKernel.Of(new KernelUnit(entry.File, variant), Capability).Single(kernel => kernel.Entry == entry);
        return new BytesInFlight(entry.Name, kernel.Registers, kernel.StaticSharedBytes + entry.DynamicSharedBytes, kernel.ResidentWarps, warpBytes);
    }
}

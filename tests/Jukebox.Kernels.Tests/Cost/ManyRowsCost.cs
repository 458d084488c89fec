using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.PtxMachine;

namespace Jukebox.Tests.Cost;

/// <summary>
/// The counted cost of a linear layer of a thousand rows, as activations have it: of some of its outputs, since the blocks of all others do the same. What is
/// reckoned from it for a card is a model and no measurement.
/// </summary>
/// <param name="MatrixShare">Share of the operations that tensor cores do.</param>
/// <param name="WavefrontRatio">Shared-memory wavefronts over those without bank conflicts.</param>
/// <param name="SectorRatio">Sectors of global memory over as few as could hold what was asked for.</param>
/// <param name="OperationsPerByte">Operations of tensor cores for each byte that blocks ask of the second-level cache.</param>
/// <param name="OperationsPerWavefront">The same for each pass over the banks of shared memory.</param>
/// <param name="OperationsPerInstruction">The same for each instruction that a warp issues.</param>
public sealed record ManyRowsCost(
    double MatrixShare, double WavefrontRatio, double SectorRatio, double OperationsPerByte, double OperationsPerWavefront, double OperationsPerInstruction)
{
    /// <summary>Counts the chunk kernel alone: what prepares the rows for it is a hundredth of its work.</summary>
    public static ManyRowsCost Measure(int rows, int inputs, int outputs, int capability = 80)
    {
        using var counter = new CostCounter(capability, ElementType.F16);
        using var memory = new StepMemory(counter.Backend, ElementType.F16);
        PackedMatrix matrix = memory.Linear(inputs, outputs);
        Tensor x = memory.Tensor(ElementType.F32, rows, inputs), y = memory.Tensor(ElementType.F32, rows, outputs);
        LaunchCounts counts = counter.Count(() => counter.Backend.Linear(x, matrix, Activation.QuickGelu, null, y)).Single(report => report.Kernel == "linear_mma_chunk").Counts!;
        double matrixFlops = counts.MatrixFlops, wavefronts = counts.SharedLoads.Wavefronts + counts.SharedStores.Wavefronts;
        double sectors = counts.GlobalLoads.Sectors + counts.GlobalStores.Sectors;
        return new ManyRowsCost(
            matrixFlops / (matrixFlops + counts.Flops),
            wavefronts / (counts.SharedLoads.IdealWavefronts + counts.SharedStores.IdealWavefronts),
            sectors / (counts.GlobalLoads.IdealSectors + counts.GlobalStores.IdealSectors),
            matrixFlops / (32 * sectors),
            matrixFlops / wavefronts,
            matrixFlops / counts.WarpInstructions);
    }

    /// <summary>Share of a card's dense rate that neither shared memory nor issuing nor the second-level cache forbids: a bound by a model, no measurement.</summary>
    public double MostOfDense(MatrixCardModel card)
    {
        const double issuesPerCycle = 4;
        double most = Math.Min(Math.Min(OperationsPerWavefront, OperationsPerInstruction * issuesPerCycle), OperationsPerByte * card.CacheBytesPerCycle);
        return Math.Min(1, most / card.OperationsPerCycle);
    }
}

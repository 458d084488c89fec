using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Tokens;

namespace Jukebox.Cpu.Backend;

/// <summary>The quantiser.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>A few tiles: the packed codebook streams past each, so more would gain nothing.</summary>
    private const int NearestCodeRowsPerPart = 48;

    /// <summary>Codes that one part counts: it looks at every row, but adds only those of its own codes.</summary>
    private const int SummedCodesPerPart = 256;

    private Kernel _packCodebook;
    private Kernel _nearestCode;
    private delegate*<int> _panelCodes;
    private delegate*<int, int, long> _nearestCodeScratch;

    /// <inheritdoc/>
    public void NearestCode(Tensor x, Tensor codebook, Tensor codes)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int width = codebook.Shape[-1], bins = codebook.Shape[0];
        OperationShapes.NearestCode(x, codebook, codes);
        var job = new NearestCodeJob
        {
            Input = Floats(x),
            Codebook = Floats(codebook),
            Codes = Ints(codes),
            RowCount = x.Shape.RowCount,
            Width = width,
            CodeCount = bins,
            PanelCount = (bins + _panelCodes() - 1) / _panelCodes(),
            RowsPerPart = NearestCodeRowsPerPart,
        };
        int padded = job.PanelCount * _panelCodes();
        job.ScratchPerWorker = (_nearestCodeScratch(width, job.PanelCount) + 15) / 16 * 16;
        job.Panels = (float*)_scratch.Reserve(
            ((padded * (width + 1L)) + (job.ScratchPerWorker * _team.Count)) * sizeof(float));
        job.Norms = job.Panels + ((long)padded * width);
        job.Scratch = job.Norms + padded;
        _team.Run(_packCodebook, &job, job.PanelCount);
        _team.Run(_nearestCode, &job, (job.RowCount + job.RowsPerPart - 1) / job.RowsPerPart);
    }

    /// <inheritdoc/>
    public void CodeSums(Tensor codes, Tensor x, Tensor counts, Tensor sums)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.CodeSums(codes, x, counts, sums);
        var job = new CodeSumsJob
        {
            Codes = Ints(codes),
            Input = Floats(x),
            Counts = Floats(counts),
            Sums = Floats(sums),
            RowCount = checked((int)codes.LengthElements),
            CodeCount = sums.Shape[0],
            Width = sums.Shape[1],
            CodesPerPart = SummedCodesPerPart,
            Add = _rows.AddScaled,
        };
        for (int row = 0; row < job.RowCount; row++)
        {
            CheckedIndex(job.Codes[row], sums);
        }

        _team.Run(&CodeSumsJob.Run, &job, Divide(job.CodeCount, job.CodesPerPart));
    }
}

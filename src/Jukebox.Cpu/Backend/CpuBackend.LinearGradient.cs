using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Linear;
using Jukebox.Cpu.Rows;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Backend;

/// <summary>
/// The gradients of linear layers: products of register tiles as in the forward pass, of matrices that are packed for
/// them once each.
/// </summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>
    /// Most rows whose products are one chain of additions of a weight's gradient. More would cost more room, fewer more
    /// visits of the gradient.
    /// </summary>
    private const int GradientRows = 1024;

    /// <summary>Rows that a part packs.</summary>
    private const int PackedRows = 24;

    private LinearGradientTable _linearGradient;

    /// <inheritdoc/>
    public void LinearInputGradient(Tensor dy, in LinearWeights weights, Tensor? added, Tensor dx)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int inputs = weights.InputWidth, outputs = weights.OutputWidth, rows = dx.Shape.RowCount;
        OperationShapes.Require(
            dx.Shape[-1] == inputs && dy.Shape[-1] == outputs && dx.LengthElements == (long)rows * inputs
            && dy.LengthElements == (long)rows * outputs && (added?.LengthElements ?? dx.LengthElements) == dx.LengthElements,
            "linear input gradient",
            dy,
            weights.Weight,
            dx);
        if (rows == 0)
        {
            return;
        }

        var job = new LinearJob
        {
            Input = Floats(dy),
            Residual = added is { } tensor ? Floats(tensor) : null,
            Output = Floats(dx),
            RowCount = rows,
            InputWidth = outputs,
            OutputWidth = inputs,
        };
        ReserveProduct(ref job, Math.Min(rows, HeldRows));
        PackPanels(Floats(weights.Weight), transposed: !weights.OutputMajor, job);
        RunRowBlocks(job, _linearSingle.Packed);
    }

    /// <inheritdoc/>
    public void LinearWeightGradient(Tensor x, Tensor dy, in LinearWeights gradient)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int inputs = gradient.InputWidth, outputs = gradient.OutputWidth, rows = x.Shape.RowCount;
        OperationShapes.Require(
            x.Shape[-1] == inputs && dy.Shape[-1] == outputs && dy.Shape.RowCount == rows && (gradient.Bias?.LengthElements ?? outputs) == outputs,
            "linear weight gradient",
            x,
            dy,
            gradient.Weight);

        // (left, right) is the gradient's shape: the rows of the product come from left, its columns from right.
        (Tensor left, Tensor right) = gradient.OutputMajor ? (dy, x) : (x, dy);
        float* target = Floats(gradient.Weight);
        int pieceRows = rows == 0 ? 1 : Divide(rows, Divide(rows, GradientRows));
        for (int row = 0; row < rows; row += pieceRows)
        {
            var job = new LinearJob
            {
                Residual = target,
                Output = target,
                RowCount = left.Shape[-1],
                InputWidth = Math.Min(pieceRows, rows - row),
                OutputWidth = right.Shape[-1],
            };
            ReserveProduct(ref job, job.RowCount);
            PackColumns(Floats(left) + ((long)row * job.RowCount), job.InputWidth, job.RowCount, _tileRows, narrowLast: true, job.PackedInput);
            PackColumns(Floats(right) + ((long)row * job.OutputWidth), job.InputWidth, job.OutputWidth, _panelWidth, narrowLast: false, job.Panels);
            RunTiles(ref job, _linearSingle.Packed);
        }

        if (gradient.Bias is { } bias)
        {
            AddColumnSums(dy, bias);
        }
    }

    private void BindLinearGradient<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        _linearGradient.PackColumns = &ColumnKernels<TSimd, TVector>.Pack;
        _linearGradient.SumRows = &ColumnKernels<TSimd, TVector>.SumRows;
        _linearGradient.AddPieces = &ColumnKernels<TSimd, TVector>.AddPieces;
    }

    /// <summary>Lays out scratch: packed rows, panels, each worker's sums.</summary>
    private void ReserveProduct(ref LinearJob job, int rowsHeld)
    {
        job.PanelInputs = job.InputWidth;
        SetBlocks(ref job, rowsHeld);
        job.WorkerScratchFloats = (long)job.ColumnsPerPart * job.TilesPerGroup * _tileRows;
        long packedFloats = RoundUp(CpuTiles.PaddedRows(_tileRows, rowsHeld), 16) * (long)job.InputWidth;
        long panelFloats = RoundUp(job.OutputWidth, Math.Max(_panelWidth, 16)) * (long)job.InputWidth;
        float* scratch = (float*)_scratch.Reserve((packedFloats + panelFloats + (_team.Count * job.WorkerScratchFloats)) * sizeof(float));
        job.PackedInput = scratch;
        job.Panels = scratch + packedFloats;
        job.WorkerScratch = job.Panels + panelFloats;
    }

    /// <summary>Packs a matrix (Cin, Cout) of the job's product, or (Cout, Cin) where it is transposed, as panels.</summary>
    private void PackPanels(float* matrix, bool transposed, in LinearJob job)
    {
        if (!transposed)
        {
            PackColumns(matrix, job.InputWidth, job.OutputWidth, _panelWidth, narrowLast: false, job.Panels);
            return;
        }

        var pack = new PackJob
        {
            Input = matrix,
            Packed = job.Panels,
            RowCount = job.OutputWidth,
            Width = job.InputWidth,
            FullRows = _panelWidth,
        };
        _team.Run(&CpuTiles.PackPanel, &pack, Divide(job.OutputWidth, _panelWidth));
    }

    private void PackColumns(float* input, int rows, int width, int fullColumns, bool narrowLast, float* packed)
    {
        var job = new ColumnPackJob
        {
            Input = input,
            Packed = packed,
            RowCount = rows,
            Width = width,
            RowsPerPart = PackedRows,
            FullColumns = fullColumns,
            NarrowLast = narrowLast,
        };
        _team.Run(_linearGradient.PackColumns, &job, Divide(rows, PackedRows));
    }

    /// <summary>sums += Σ over the rows of x.</summary>
    private void AddColumnSums(Tensor x, Tensor sums)
    {
        var job = new ColumnSumJob { Input = Floats(x), Sums = Floats(sums), RowCount = x.Shape.RowCount, Width = x.Shape[-1] };
        DividePieces(ref job);
        job.Stride = RoundUp(job.Width, 16);
        job.Pieces = (float*)_scratch.Reserve(job.PieceCount * job.Stride * sizeof(float));
        _team.Run(_linearGradient.SumRows, &job, job.PieceCount);
        AddPieces(ref job);
    }

    /// <summary>Cuts rows into pieces whose number follows from the rows alone.</summary>
    private static void DividePieces(ref ColumnSumJob job)
    {
        const int fewestRows = 16, mostPieces = 32;
        job.RowsPerPiece = Math.Max(fewestRows, Divide(job.RowCount, mostPieces));
        job.PieceCount = Divide(job.RowCount, job.RowsPerPiece);
    }

    private void AddPieces(ref ColumnSumJob job)
    {
        job.ColumnsPerPart = ColumnsPerPart(job.Width, 1);
        fixed (ColumnSumJob* pinned = &job)
        {
            _team.Run(_linearGradient.AddPieces, pinned, Divide(job.Width, job.ColumnsPerPart));
        }
    }

    /// <summary>The kernels of the linear gradients, beside those of the forward pass.</summary>
    private struct LinearGradientTable
    {
        public Kernel PackColumns, SumRows, AddPieces;
    }
}

using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Linear;
using Jukebox.Cpu.Rows;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Backend;

/// <summary>
/// Linear layers. One row is bound by reading the weights; a few rows read them once for all; many rows are bound by
/// arithmetic. All of them add the same products in the same order, so a row's result does not show which it was.
/// </summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>From so many rows on, packing the weights costs less than reading them in place.</summary>
    private const int PackedRowsMinimum = 48;

    /// <summary>Most rows whose interleaved copy is held at once: a multiple of every tile's.</summary>
    private const int HeldRows = 1056;

    /// <summary>Panels of weights that one part packs.</summary>
    private const int PanelsPerPart = 4;

    /// <summary>Most input channels that are multiplied at once: a part's panels, a megabyte, then nearly fit the second-level cache.</summary>
    private const int WholeInputs = 2048;

    /// <summary>Input channels of a tile's rows that then stay in the first-level cache while the tile passes over the part's panels.</summary>
    private const int TileInputBlock = 480;

    /// <summary>
    /// Where there are more, input channels that are multiplied before the next ones come: those of a part's panels, half a megabyte, stay in the second-level
    /// cache, those of the held rows, 4 MB, in the last-level one. Measured for 1008 rows of 4800 channels, in shares of the multiply-add peak: 77 % with 480,
    /// 79 % with 960, 77 % with 1200, 61 % with all at once; much the same for 256 rows and for 64.
    /// </summary>
    private const int PanelInputs = 960;

    /// <summary>Rows that then pass over an input block of a panel; theirs and their sums stay in the second-level cache beside the panels.</summary>
    private const int GroupRows = 168;

    /// <summary>Input channels of a panel, and of a tile's rows, that then stay in the first-level cache.</summary>
    private const int PanelInputBlock = 256;

    /// <summary>
    /// Input channels read in place before going on to the next columns: few enough pages for the first-level table of
    /// translations. Measured for 8 rows of bfloat16, in shares of the read bandwidth: 45 % with 8, 63 % with 12, 64 % with
    /// 16, 66 % with 24, 34 % with 64; and 35 % with 24 when the next block is not asked for ahead.
    /// </summary>
    private const int InPlaceBlock = 24;

    /// <summary>Kernels by storage of the weights: F32, F16, BF16.</summary>
    private LinearKernels _linearSingle, _linearHalf, _linearBFloat16;

    private int _tileRows, _panelWidth;

    /// <inheritdoc/>
    public void NormLinear(
        Tensor x, in LayerNormWeights norm, PackedMatrix weights, Activation activation, in CacheAppend? append, Tensor normed, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        LayerNorm(x, norm.Gain, norm.Bias, normed);
        Linear(normed, weights, activation, null, y);
        if (append is { } cache)
        {
            AppendToCache(y, cache.Keys, cache.Values, cache.Pattern, cache.Cursor);
        }
    }

    /// <inheritdoc/>
    public void Linear(Tensor x, PackedMatrix weights, Activation activation, Tensor? residual, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        LinearWeights tensors = weights is CpuMatrix matrix
            ? matrix.Weights
            : throw new ArgumentException($"linear: the matrix {weights} was packed for another device, not for {Name}", nameof(weights));
        int rows = OperationShapes.Linear(x, weights, residual, y);
        if (rows > 0)
        {
            Multiply(x, tensors, activation, residual, y, rows);
        }
    }

    /// <inheritdoc/>
    public void LinearForward(Tensor x, in LinearWeights weights, Tensor? residual, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int rows = OperationShapes.LinearForward(x, weights, residual, y);
        if (rows > 0)
        {
            Multiply(x, weights, Activation.None, residual, y, rows);
        }
    }

    private void Multiply(Tensor x, in LinearWeights weights, Activation activation, Tensor? residual, Tensor y, int rows)
    {
        var job = new LinearJob
        {
            Input = Floats(x),
            Weight = Bytes(weights.Weight),
            Residual = residual is { } added ? Floats(added) : null,
            Output = Floats(y),
            RowCount = rows,
            InputWidth = weights.InputWidth,
            OutputWidth = weights.OutputWidth,
            Gelu = activation == Activation.QuickGelu,
        };
        Tensor? bias = weights.Bias;
        ref LinearKernels kernels = ref KernelsOf(weights.Weight);
        if (weights.OutputMajor)
        {
            RunDots(ref job, kernels.Dots, bias);
        }
        else if (rows == 1)
        {
            RunStream(ref job, kernels.Stream, bias);
        }
        else if (rows < PackedRowsMinimum)
        {
            RunInPlace(ref job, kernels.InPlace, bias);
        }
        else
        {
            RunPacked(ref job, kernels.Packed, bias);
        }
    }

    private static int Divide(int dividend, int divisor) => (dividend + divisor - 1) / divisor;

    private static int RoundUp(int value, int multiple) => Divide(value, multiple) * multiple;

    private static long RoundUp(long value, int multiple) => (value + multiple - 1) / multiple * multiple;

    private void BindLinear<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        _tileRows = TSimd.TileRows;
        _panelWidth = 2 * TSimd.Width;
        _linearSingle = LinearKernels.For<TSimd, TVector, SingleStorage>();
        _linearHalf = LinearKernels.For<TSimd, TVector, HalfStorage>();
        _linearBFloat16 = LinearKernels.For<TSimd, TVector, BFloat16Storage>();
    }

    private ref LinearKernels KernelsOf(Tensor weight)
    {
        switch (weight.Type)
        {
            case ElementType.F32:
                return ref _linearSingle;
            case ElementType.F16:
                return ref _linearHalf;
            case ElementType.BF16:
                return ref _linearBFloat16;
            default:
                throw new ArgumentException($"cannot compute with {weight.Type}");
        }
    }

    /// <summary>Output channels per part, a multiple of the panel, so that every thread gets about that many parts.</summary>
    private int ColumnsPerPart(int outputs, int partsPerThread) =>
        Math.Max(1, Divide(Divide(outputs, _panelWidth), _team.Count * partsPerThread)) * _panelWidth;

    /// <summary>Lays out scratch: the bias widened, then shared floats, then each worker's.</summary>
    private void ReserveLinear(ref LinearJob job, Tensor? bias, long sharedFloats, long workerFloats)
    {
        const int lineFloats = 16;
        long biasFloats = bias is { Type: not ElementType.F32 } ? job.OutputWidth : 0;
        biasFloats = (biasFloats + lineFloats - 1) / lineFloats * lineFloats;
        job.WorkerScratchFloats = (workerFloats + lineFloats - 1) / lineFloats * lineFloats;
        sharedFloats = (sharedFloats + lineFloats - 1) / lineFloats * lineFloats;
        float* scratch = (float*)_scratch.Reserve((biasFloats + sharedFloats + (_team.Count * job.WorkerScratchFloats)) * sizeof(float));
        job.Bias = bias is { } values ? Widened(values, scratch) : null;
        job.PackedInput = scratch + biasFloats;
        job.WorkerScratch = job.PackedInput + sharedFloats;
    }

    private void RunStream(ref LinearJob job, Kernel kernel, Tensor? bias)
    {
        job.ColumnsPerPart = ColumnsPerPart(job.OutputWidth, 1);
        job.ColumnParts = Divide(job.OutputWidth, job.ColumnsPerPart);
        ReserveLinear(ref job, bias, 0, job.ColumnsPerPart + _panelWidth);
        fixed (LinearJob* pinned = &job)
        {
            _team.Run(kernel, pinned, job.ColumnParts);
        }
    }

    private void RunDots(ref LinearJob job, Kernel kernel, Tensor? bias)
    {
        job.ColumnsPerPart = ColumnsPerPart(job.OutputWidth, 4);
        job.ColumnParts = Divide(job.OutputWidth, job.ColumnsPerPart);
        ReserveLinear(ref job, bias, 0, 4L * job.ColumnsPerPart);
        fixed (LinearJob* pinned = &job)
        {
            _team.Run(kernel, pinned, job.ColumnParts);
        }
    }

    private void RunInPlace(ref LinearJob job, Kernel kernel, Tensor? bias)
    {
        job.ColumnsPerPart = ColumnsPerPart(job.OutputWidth, 1);
        job.ColumnParts = Divide(job.OutputWidth, job.ColumnsPerPart);
        job.InputBlock = InPlaceBlock;
        int padded = CpuTiles.PaddedRows(_tileRows, job.RowCount);
        long sumFloats = (long)padded * job.ColumnsPerPart, lastPanelFloats = (long)job.InputWidth * _panelWidth;
        ReserveLinear(ref job, bias, (long)padded * job.InputWidth, sumFloats + lastPanelFloats);
        PackInput(job);
        fixed (LinearJob* pinned = &job)
        {
            _team.Run(kernel, pinned, job.ColumnParts);
        }
    }

    private void RunPacked(ref LinearJob job, Kernel kernel, Tensor? bias)
    {
        int rowsHeld = Math.Min(job.RowCount, HeldRows), pieces = job.InputWidth <= WholeInputs ? 1 : Divide(job.InputWidth, PanelInputs);
        job.PanelInputs = Divide(job.InputWidth, pieces);
        SetBlocks(ref job, rowsHeld);
        long inputFloats = RoundUp((long)CpuTiles.PaddedRows(_tileRows, rowsHeld) * job.InputWidth, 16);
        long partFloats = (long)job.TilesPerPart * _tileRows * job.ColumnsPerPart, groupFloats = (long)job.TilesPerGroup * _tileRows * job.ColumnsPerPart;
        long sumFloats = pieces == 1 ? 0 : PartsOf(job, rowsHeld) * partFloats;
        ReserveLinear(ref job, bias, inputFloats + sumFloats, ((long)job.ColumnsPerPart * job.PanelInputs) + (pieces == 1 ? groupFloats : 0));
        job.Sums = pieces == 1 ? null : job.PackedInput + inputFloats;
        RunRowBlocks(job, kernel);
    }

    /// <summary>
    /// Interleaves as many rows at a time as are held at once, and multiplies some input channels of them at a time: with all columns, so that these
    /// channels of the rows stay in the last-level cache.
    /// </summary>
    private void RunRowBlocks(in LinearJob job, Kernel kernel)
    {
        for (int row = 0; row < job.RowCount; row += HeldRows)
        {
            LinearJob piece = RowsOf(job, row);
            PackInput(piece);
            for (piece.FirstInput = 0; piece.FirstInput < job.InputWidth; piece.FirstInput += job.PanelInputs)
            {
                piece.PanelInputs = Math.Min(job.PanelInputs, job.InputWidth - piece.FirstInput);
                RunTiles(ref piece, kernel);
            }
        }
    }

    /// <summary>The job of those rows that are held at once from a row on.</summary>
    private static LinearJob RowsOf(in LinearJob job, int row)
    {
        LinearJob piece = job;
        piece.RowCount = Math.Min(HeldRows, job.RowCount - row);
        piece.Input += (long)row * job.InputWidth;
        piece.Output += (long)row * job.OutputWidth;
        piece.Residual = job.Residual == null ? null : job.Residual + ((long)row * job.OutputWidth);
        return piece;
    }

    /// <summary>Multiplies interleaved rows with panels.</summary>
    private void RunTiles(ref LinearJob job, Kernel kernel)
    {
        fixed (LinearJob* pinned = &job)
        {
            _team.Run(kernel, pinned, PartsOf(job, job.RowCount));
        }
    }

    /// <summary>How the product of packed rows and panels is cut; several parts of rows to a part of columns where these are few.</summary>
    private void SetBlocks(ref LinearJob job, int rows)
    {
        job.ColumnsPerPart = PanelsPerPart * _panelWidth;
        job.ColumnParts = Divide(job.OutputWidth, job.ColumnsPerPart);
        bool isWide = job.InputWidth > WholeInputs;
        job.InputBlock = Divide(job.PanelInputs, Divide(job.PanelInputs, isWide ? PanelInputBlock : TileInputBlock));
        int tiles = Divide(rows, _tileRows), rowParts = Math.Clamp(8 * _team.Count / job.ColumnParts, 1, Math.Max(1, tiles / 4));
        job.TilesPerPart = Divide(tiles, rowParts);
        job.TilesPerGroup = isWide ? Math.Min(job.TilesPerPart, GroupRows / _tileRows) : 1;
    }

    private int PartsOf(in LinearJob job, int rows) => job.ColumnParts * Divide(Divide(rows, _tileRows), job.TilesPerPart);

    private void PackInput(in LinearJob job)
    {
        var pack = new PackJob
        {
            Input = job.Input,
            Packed = job.PackedInput,
            RowCount = job.RowCount,
            Width = job.InputWidth,
            FullRows = _tileRows,
        };
        _team.Run(&CpuTiles.Pack, &pack, Divide(job.RowCount, _tileRows));
    }

    /// <summary>The kernels for one storage of the weights.</summary>
    private struct LinearKernels
    {
        public Kernel Stream, InPlace, Packed, Dots;

        public static LinearKernels For<TSimd, TVector, TStorage>()
            where TSimd : ISimd<TVector>
            where TVector : unmanaged
            where TStorage : IStorage => new()
            {
                Stream = &StreamKernels<TSimd, TVector, TStorage>.Run,
                InPlace = &TileKernels<TSimd, TVector, TStorage>.RunInPlace,
                Packed = &TileKernels<TSimd, TVector, TStorage>.RunPacked,
                Dots = &DotKernels<TSimd, TVector, TStorage>.Run,
            };
    }
}

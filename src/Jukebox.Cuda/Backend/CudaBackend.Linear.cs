using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Compiler;
using Jukebox.Cuda.Kernels;

namespace Jukebox.Cuda.Backend;

/// <summary>
/// Linear layers. A few rows are bound by reading the matrix, many by arithmetic; both kinds of kernel, with tensor cores
/// or without, add the same products in the same order, so a row's result does not show which it was.
/// </summary>
public sealed unsafe partial class CudaBackend
{
    /// <inheritdoc/>
    public PackedMatrix Pack(in LinearWeights weights)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Pack(weights);
        Tensor source = weights.Weight;
        ElementType storage = PackedType(source.Type);
        MatrixLayout layout = LayoutOf(storage);
        CudaBuffer packed = AllocateBuffer(PackedBytes(source.Type, weights.InputWidth, weights.OutputWidth));
        try
        {
            var args = new LinearPackArgs
            {
                Source = Address(source),
                Packed = packed.Address,
                Type = (int)source.Type,
                Inputs = weights.InputWidth,
                Outputs = weights.OutputWidth,
                OutputMajor = weights.OutputMajor ? 1 : 0,
            };
            var grid = new KernelGrid(Blocks(packed.LengthBytes / 16, KernelTable.LinearPack));
            Launch(KernelTable.LinearPack, new KernelVariant(storage, layout == MatrixLayout.Mma), grid, args);
            var matrix = new CudaMatrix(weights, packed, storage, layout, weights.Bias is { } bias ? WidenedBias(bias) : null);
            source.Buffer.Dispose();
            weights.Bias?.Buffer.Dispose();
            return matrix;
        }
        catch
        {
            packed.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public long PackedBytes(ElementType stored, int inputs, int outputs)
    {
        ElementType storage = PackedType(stored);
        int tileOutputs = LayoutOf(storage) == MatrixLayout.Mma ? KernelTable.LinearMmaTile : KernelTable.LinearFmaTile;
        long paddedOutputs = (long)Divide(outputs, tileOutputs) * tileOutputs;
        return paddedOutputs * Divide(inputs, KernelTable.LinearGroupChannels) * KernelTable.LinearGroupChannels * storage.LengthBytes();
    }

    /// <inheritdoc/>
    public void Linear(Tensor x, PackedMatrix weights, Activation activation, Tensor? residual, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        CudaMatrix matrix = Own(weights);
        if (OperationShapes.Linear(x, weights, residual, y) > 0)
        {
            LinearArgs args = ArgsOf(x, matrix, activation, y);
            args.Residual = residual is { } added ? Address(added, ElementType.F32) : 0;
            Run(args, matrix, null);
        }
    }

    /// <inheritdoc/>
    public void NormLinear(
        Tensor x, in LayerNormWeights norm, PackedMatrix weights, Activation activation, in CacheAppend? append, Tensor normed, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        CudaMatrix matrix = Own(weights);
        OperationShapes.Require(
            norm.Gain.LengthElements == x.Shape[-1] && norm.Bias.LengthElements == x.Shape[-1] && norm.Bias.Type == norm.Gain.Type
            && normed.LengthElements == x.LengthElements,
            "norm and linear",
            x,
            norm.Gain,
            norm.Bias,
            normed);
        if (OperationShapes.Linear(x, weights, null, y) > 0)
        {
            LinearArgs args = ArgsOf(x, matrix, activation, y);
            args.Norm = new LinearNormArgs { Gain = Address(norm.Gain), Bias = Address(norm.Bias), Type = (int)OperationShapes.FloatingType(norm.Gain) };
            args.Append = append is { } cache ? AppendOf(cache, matrix.Type, y) : default;
            Run(args, matrix, normed);
        }
    }

    private MatrixLayout LayoutOf(ElementType storage) => HasTensorCores && storage != ElementType.F32 ? MatrixLayout.Mma : MatrixLayout.Fma;

    /// <summary>A matrix that this backend packed.</summary>
    private CudaMatrix Own(PackedMatrix weights)
    {
        ObjectDisposedException.ThrowIf(weights.IsDisposed, weights);
        return weights is CudaMatrix matrix && matrix.Packed.Owner == this
            ? matrix
            : throw new ArgumentException($"linear: the matrix {weights} was packed for another device, not for {Name}", nameof(weights));
    }

    private LinearArgs ArgsOf(Tensor x, CudaMatrix weights, Activation activation, Tensor y) => new()
    {
        X = Address(x, ElementType.F32),
        Matrix = weights.Packed.Address,
        Bias = Address(weights.Bias),
        Y = Address(y, ElementType.F32),
        Rows = y.Shape.RowCount,
        Inputs = weights.InputWidth,
        Outputs = weights.OutputWidth,
        Gelu = activation == Activation.QuickGelu ? 1 : 0,
    };

    private LinearAppendArgs AppendOf(in CacheAppend append, ElementType matrices, Tensor y)
    {
        Tensor keys = append.Keys;
        int length = OperationShapes.AppendToCache(y, keys, append.Values, append.Pattern);
        CheckCount(y.Shape[1], length);
        return new LinearAppendArgs
        {
            Keys = Address(keys, matrices),
            Values = Address(append.Values, matrices),
            Cursor = Address(append.Cursor, ElementType.I32),
            RowCount = y.Shape[1],
            SlotCount = keys.Shape[1],
            Width = keys.Shape[2],
            Pattern = new AttentionPatternArgs(append.Pattern),
        };
    }

    /// <summary>Issues a linear layer; <paramref name="normed"/> is room for x with its norm, where it has one.</summary>
    private void Run(LinearArgs args, CudaMatrix matrix, Tensor? normed)
    {
        if (matrix.Order == MatrixLayout.Mma)
        {
            RunMma(args, new KernelVariant(matrix.Type, true));
        }
        else
        {
            RunFma(args, new KernelVariant(matrix.Type), normed);
        }
    }

    private void RunMma(LinearArgs args, KernelVariant variant)
    {
        bool isStep = args.Rows <= KernelTable.LinearStepRows;
        if (!isStep || IsNormedApart(args))
        {
            int rows = Divide(args.Rows, KernelTable.LinearTileRows) * KernelTable.LinearTileRows, groups = Divide(args.Inputs, KernelTable.LinearGroupChannels);
            args.Prepared = _scratch.Lend((long)rows * groups * KernelTable.LinearGroupChannels * sizeof(ushort));
            Launch(KernelTable.LinearMmaPrepare, variant, new KernelGrid(rows), args);
        }

        if (isStep)
        {
            Launch(KernelTable.LinearMmaStep, variant, new KernelGrid(Divide(args.Outputs, KernelTable.LinearMmaTile)), args);
        }
        else
        {
            Launch(KernelTable.LinearMmaChunk, variant, ChunkGrid(args, KernelTable.LinearMmaChunkOutputs), args);
        }
    }

    private void RunFma(LinearArgs args, KernelVariant variant, Tensor? normed)
    {
        if (normed is { } room && IsNormedApart(args))
        {
            var norm = new LayerNormArgs { X = args.X, Gain = args.Norm.Gain, Bias = args.Norm.Bias, Y = Address(room, ElementType.F32), Width = args.Inputs };
            Launch(KernelTable.LayerNorm, new KernelVariant((ElementType)args.Norm.Type), new KernelGrid(args.Rows), norm);
            args.X = norm.Y;
            args.Norm = default;
        }

        if (args.Rows <= KernelTable.LinearStepRows)
        {
            Launch(KernelTable.LinearFmaStep, variant, new KernelGrid(Divide(args.Outputs, KernelTable.LinearFmaTile)), args);
        }
        else
        {
            Launch(KernelTable.LinearFmaChunk, variant, ChunkGrid(args, KernelTable.LinearFmaChunkOutputs), args);
        }
    }

    /// <summary>
    /// Whether a norm is a launch of its own: every block of a step would normalise all rows for itself, which costs more
    /// than it saves when there are many.
    /// </summary>
    private static bool IsNormedApart(in LinearArgs args) => args.Norm.Gain != 0 && args.Rows > KernelTable.LinearFusedRows;

    private static KernelGrid ChunkGrid(in LinearArgs args, int blockOutputs) =>
        new(Divide(args.Outputs, blockOutputs), Divide(args.Rows, KernelTable.LinearChunkRows));

    /// <summary>A copy of a bias in the type that kernels read.</summary>
    private Tensor WidenedBias(Tensor bias)
    {
        var widened = new Tensor(AllocateBuffer(bias.LengthElements * sizeof(float)), ElementType.F32, bias.Shape);
        try
        {
            Convert(bias, widened);
            return widened;
        }
        catch
        {
            widened.Buffer.Dispose();
            throw;
        }
    }
}

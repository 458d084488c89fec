using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Rows;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Backend;

/// <summary>Gradients of operations on rows and elements, the loss, and the steps of an optimiser.</summary>
public sealed unsafe partial class CpuBackend
{
    private RowGradientTable _rowGradients;

    /// <inheritdoc/>
    public void QuickGelu(Tensor x, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Require(x.LengthElements == y.LengthElements, "quick gelu", x, y);
        RunElements(_rowGradients.QuickGelu, new ElementJob { X = Floats(x), Output = Floats(y), Count = y.LengthElements });
    }

    /// <inheritdoc/>
    public void QuickGeluGradient(Tensor x, Tensor dy, Tensor dx)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Require(x.LengthElements == dx.LengthElements && dy.LengthElements == dx.LengthElements, "quick gelu gradient", x, dy, dx);
        var job = new ElementJob { X = Floats(x), Delta = Floats(dy), Output = Floats(dx), Count = dx.LengthElements };
        RunElements(_rowGradients.QuickGeluGradient, job);
    }

    /// <inheritdoc/>
    public void LayerNormGradient(Tensor x, Tensor gain, Tensor dy, Tensor? added, Tensor dx, in LayerNormWeights gradient)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int width = x.Shape[-1];
        OperationShapes.Require(
            dy.Shape == x.Shape && dx.Shape == x.Shape && (added ?? x).Shape == x.Shape && gain.LengthElements == width
            && gradient.Gain.LengthElements == width && gradient.Bias.LengthElements == width,
            "layer norm gradient",
            x,
            gain,
            dy,
            dx,
            gradient.Gain,
            gradient.Bias);
        var sums = new ColumnSumJob { RowCount = x.Shape.RowCount, Width = width, Sums = Floats(gradient.Gain) };
        DividePieces(ref sums);
        long stride = RoundUp(width, 16);
        sums.Stride = 2 * stride;
        sums.Pieces = (float*)_scratch.Reserve(sums.PieceCount * sums.Stride * sizeof(float));
        var job = new LayerNormGradientJob
        {
            Input = Floats(x),
            OutputGradient = Floats(dy),
            Added = added is { } tensor ? Floats(tensor) : null,
            InputGradient = Floats(dx),
            Gain = Floats(gain),
            Pieces = sums.Pieces,
            RowCount = sums.RowCount,
            Width = width,
            RowsPerPiece = sums.RowsPerPiece,
            Stride = stride,
        };
        _team.Run(_rowGradients.LayerNorm, &job, sums.PieceCount);
        AddPieces(ref sums);
        sums.Pieces += stride;
        sums.Sums = Floats(gradient.Bias);
        AddPieces(ref sums);
    }

    /// <inheritdoc/>
    public void GatherGradient(Tensor indices, Tensor dy, Tensor dtable)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int width = dtable.Shape[1], count = checked((int)indices.LengthElements);
        OperationShapes.Require(dy.Shape[-1] == width && dy.LengthElements == indices.LengthElements * width, "gather gradient", indices, dy, dtable);
        Scatter(Ints(indices), Floats(dy), dtable, itemCount: 1, count, count);
    }

    /// <inheritdoc/>
    public void EmbedGradient(Tensor tokens, Tensor dy, Tensor dtable, Tensor dstart, Tensor dpositions)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int batch = dy.Shape[0], count = dy.Shape[1], width = dy.Shape[2];
        OperationShapes.Require(
            tokens.Shape[0] == batch && tokens.Shape[1] == count && dtable.Shape[1] == width && dstart.LengthElements == (long)batch * width
            && dpositions.LengthElements == (long)count * width,
            "embed gradient",
            tokens,
            dy,
            dtable,
            dstart,
            dpositions);
        if (count == 0)
        {
            return;
        }

        Scatter(Ints(tokens), Floats(dy) + width, dtable, batch, count, count - 1);
        for (int n = 0; n < batch; n++)
        {
            Tensor item = dy.Slice(n, 1).Reshape(dpositions.Shape);
            ScaledAdd(dpositions, item, 1, dpositions);
            new ReadOnlySpan<float>(Floats(item), width).CopyTo(new Span<float>(Floats(dstart) + ((long)n * width), width));
        }
    }

    /// <inheritdoc/>
    public void CrossEntropy(Tensor logits, Tensor targets, Tensor scales, Tensor losses, Tensor? dlogits)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int width = logits.Shape[-1], rows = logits.Shape.RowCount;
        OperationShapes.Require(
            targets.LengthElements == rows && scales.LengthElements == rows && losses.LengthElements == rows
            && (dlogits?.LengthElements ?? logits.LengthElements) == logits.LengthElements,
            "cross entropy",
            logits,
            targets,
            scales,
            losses);
        CheckIndices(Ints(targets), rows, width);
        var job = new CrossEntropyJob
        {
            Logits = Floats(logits),
            Gradient = dlogits is { } tensor ? Floats(tensor) : null,
            Targets = Ints(targets),
            Scales = Floats(scales),
            Losses = Floats(losses),
            RowCount = rows,
            Width = width,
            RowsPerPart = Math.Max(1, ElementsPerPart / Math.Max(width, 1)),
        };
        _team.Run(_rowGradients.CrossEntropy, &job, Divide(rows, job.RowsPerPart));
    }

    /// <inheritdoc/>
    public void AdamStep(Tensor parameters, Tensor gradients, Tensor firstMoments, Tensor secondMoments, in AdamRule rule)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        long count = parameters.LengthElements;
        OperationShapes.Require(
            gradients.LengthElements == count && firstMoments.LengthElements == count && secondMoments.LengthElements == count,
            "adam step",
            parameters,
            gradients,
            firstMoments,
            secondMoments);
        var job = new ElementJob
        {
            Output = Floats(parameters),
            Delta = Floats(gradients),
            First = Floats(firstMoments),
            Second = Floats(secondMoments),
            Count = count,
            Rule = rule,
        };
        RunElements(_rowGradients.Adam, job);
    }

    /// <inheritdoc/>
    public void Average(Tensor x, double keep, Tensor average)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Require(x.LengthElements == average.LengthElements, "average", x, average);
        RunElements(_rowGradients.Average, new ElementJob { X = Floats(x), Output = Floats(average), Count = x.LengthElements, Keep = keep });
    }

    private void BindRowGradients<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        _rowGradients.QuickGelu = &ElementKernels<TSimd, TVector>.QuickGelu;
        _rowGradients.QuickGeluGradient = &ElementKernels<TSimd, TVector>.QuickGeluGradient;
        _rowGradients.Adam = &ElementKernels<TSimd, TVector>.Adam;
        _rowGradients.Average = &ElementKernels<TSimd, TVector>.Average;
        _rowGradients.LayerNorm = &RowGradientKernels<TSimd, TVector>.LayerNorm;
        _rowGradients.CrossEntropy = &RowGradientKernels<TSimd, TVector>.CrossEntropy;
        _rowGradients.Scatter = &RowGradientKernels<TSimd, TVector>.Scatter;
    }

    private static void CheckIndices(int* indices, int count, int limit)
    {
        for (int i = 0; i < count; i++)
        {
            if ((uint)indices[i] >= (uint)limit)
            {
                throw new ArgumentException($"index {indices[i]} where there are {limit}");
            }
        }
    }

    /// <summary>Adds the rows of each item to those of the table that its first <paramref name="used"/> indices name.</summary>
    private void Scatter(int* indices, float* rows, Tensor table, int itemCount, int stride, int used)
    {
        for (int item = 0; item < itemCount; item++)
        {
            CheckIndices(indices + ((long)item * stride), used, table.Shape[0]);
        }

        var job = new ScatterJob
        {
            Indices = indices,
            Rows = rows,
            Table = Floats(table),
            ItemCount = itemCount,
            CountPerItem = used,
            Width = table.Shape[1],
            IndexStride = stride,
            RowStride = stride,
        };
        job.ColumnsPerPart = ColumnsPerPart(job.Width, 2);
        _team.Run(_rowGradients.Scatter, &job, Divide(job.Width, job.ColumnsPerPart));
    }

    private void RunElements(Kernel kernel, ElementJob job)
    {
        job.ElementsPerPart = ElementsPerPart;
        _team.Run(kernel, &job, checked((int)((job.Count + ElementsPerPart - 1) / ElementsPerPart)));
    }

    /// <summary>The kernels of gradients on rows and elements.</summary>
    private struct RowGradientTable
    {
        public Kernel QuickGelu, QuickGeluGradient, Adam, Average, LayerNorm, CrossEntropy, Scatter;
    }
}

using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Compiler;
using Jukebox.Cuda.Kernels;

namespace Jukebox.Cuda.Backend;

/// <summary>Operations on one row, or one element, at a time.</summary>
public sealed unsafe partial class CudaBackend
{
    /// <inheritdoc/>
    public void Embed(Tensor tokens, Tensor table, Tensor start, Tensor positions, Tensor? condition, Tensor cursor, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int batch = y.Shape[0], count = y.Shape[1], width = y.Shape[2];
        OperationShapes.Embed(tokens, table, start, positions, condition, y);
        CheckCount(count, Math.Min(positions.Shape.RowCount, condition?.Shape[1] ?? int.MaxValue));
        if (y.LengthElements == 0)
        {
            return;
        }

        var args = new EmbedArgs
        {
            Tokens = Address(tokens, ElementType.I32),
            Table = Address(table),
            Start = Address(start),
            Positions = Address(positions),
            Condition = condition is { } rows ? Address(rows, ElementType.F32) : 0,
            Cursor = Address(cursor, ElementType.I32),
            Y = Address(y, ElementType.F32),
            TableType = (int)OperationShapes.FloatingType(table),
            StartType = (int)OperationShapes.FloatingType(start),
            PositionsType = (int)OperationShapes.FloatingType(positions),
            TableRows = table.Shape[0],
            TokenCount = tokens.Shape[1],
            ConditionLength = condition?.Shape[1] ?? 0,
            Width = width,
        };
        Launch(KernelTable.Embed, default, new KernelGrid(count, Blocks(width, KernelTable.Embed), batch), args);
    }

    /// <inheritdoc/>
    public void Gather(Tensor indices, Tensor table, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int width = table.Shape[1];
        OperationShapes.Require(y.Shape[-1] == width && y.LengthElements == indices.LengthElements * width, "gather", indices, table, y);
        if (y.LengthElements == 0)
        {
            return;
        }

        var args = new EmbedGatherArgs
        {
            Indices = Address(indices, ElementType.I32),
            Table = Address(table),
            Y = Address(y, ElementType.F32),
            TableType = (int)OperationShapes.FloatingType(table),
            TableRows = table.Shape[0],
            Width = width,
        };
        Launch(KernelTable.EmbedGather, default, new KernelGrid(checked((int)indices.LengthElements), Blocks(width, KernelTable.EmbedGather)), args);
    }

    /// <inheritdoc/>
    public void ScaledAdd(Tensor x, Tensor delta, float scale, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Require(x.Shape == y.Shape && delta.Shape == y.Shape, "scaled add", x, delta, y);
        if (y.LengthElements == 0)
        {
            return;
        }

        var args = new ElementwiseScaledAddArgs
        {
            X = Address(x, ElementType.F32),
            Delta = Address(delta, ElementType.F32),
            Y = Address(y, ElementType.F32),
            Count = y.LengthElements,
            Scale = scale,
        };
        Launch(KernelTable.ElementwiseScaledAdd, default, new KernelGrid(Blocks(args.Count, KernelTable.ElementwiseScaledAdd)), args);
    }

    /// <inheritdoc/>
    public void AddAt(Tensor x, Tensor rows, Tensor cursor, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int width = y.Shape[2];
        OperationShapes.AddAt(x, rows, y);
        CheckCount(y.Shape[1], rows.Shape[1]);
        if (y.LengthElements == 0)
        {
            return;
        }

        var args = new ElementwiseAddAtArgs
        {
            X = Address(x, ElementType.F32),
            Rows = Address(rows, ElementType.F32),
            Cursor = Address(cursor, ElementType.I32),
            Y = Address(y, ElementType.F32),
            Count = (long)y.Shape[1] * width,
            RowCount = rows.Shape[1],
            Width = width,
        };
        Launch(KernelTable.ElementwiseAddAt, default, new KernelGrid(Blocks(args.Count, KernelTable.ElementwiseAddAt), y.Shape[0]), args);
    }

    /// <inheritdoc/>
    public void Convert(Tensor x, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Require(x.LengthElements == y.LengthElements, "convert", x, y);
        if (y.LengthElements == 0)
        {
            return;
        }

        var args = new ElementwiseConvertArgs
        {
            X = Address(x),
            Y = Address(y),
            Count = y.LengthElements,
            XType = (int)OperationShapes.FloatingType(x),
            YType = (int)OperationShapes.FloatingType(y),
        };
        Launch(KernelTable.ElementwiseConvert, default, new KernelGrid(Blocks(args.Count, KernelTable.ElementwiseConvert)), args);
    }

    private static int Divide(int count, int step) => (int)(((long)count + step - 1) / step);

    /// <summary>Blocks whose threads have an element each.</summary>
    private static int Blocks(long count, KernelEntry entry) => checked((int)((count + entry.BlockThreads - 1) / entry.BlockThreads));
}

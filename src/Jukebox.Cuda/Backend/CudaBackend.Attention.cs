using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Compiler;
using Jukebox.Cuda.Kernels;

namespace Jukebox.Cuda.Backend;

/// <summary>The key and value caches, and attention over them. Positions are the device's: it is told, not asked, that they fit.</summary>
public sealed unsafe partial class CudaBackend
{
    /// <inheritdoc/>
    public void AppendToCache(Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, Tensor cursor)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int width = keys.Shape[2], count = projected.Shape[1];
        int length = OperationShapes.AppendToCache(projected, keys, values, pattern);
        OperationShapes.Require(values.Type == keys.Type, "append to cache", projected, keys, values);
        CheckCount(count, length);
        if (projected.LengthElements == 0)
        {
            return;
        }

        var args = new AttentionAppendArgs
        {
            Projected = Address(projected, ElementType.F32),
            Keys = Address(keys),
            Values = Address(values),
            Cursor = Address(cursor, ElementType.I32),
            Columns = projected.Shape[2],
            SlotCount = keys.Shape[1],
            Width = width,
            Pattern = new AttentionPatternArgs(pattern),
        };
        var grid = new KernelGrid(count, Blocks(width, KernelTable.AttentionAppend), projected.Shape[0]);
        Launch(KernelTable.AttentionAppend, new KernelVariant(OperationShapes.FloatingType(keys)), grid, args);
    }

    /// <inheritdoc/>
    public void Attend(Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, int heads, Tensor cursor, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Attend(projected, keys, values, pattern, heads, y);
        OperationShapes.Require(values.Type == keys.Type, "attend", projected, keys, values, y);
        AttentionInputs inputs = Inputs(projected, keys, pattern, heads, cursor);
        if (y.LengthElements == 0)
        {
            return;
        }

        ulong valueAddress = Address(values), output = Address(y, ElementType.F32);
        inputs.WholeChunks = valueAddress % 16 == 0 ? inputs.WholeChunks : 0;
        var variant = new KernelVariant(keys.Type);
        int batch = y.Shape[0];
        if (inputs.QueryCount > 1)
        {
            var chunk = new AttentionChunkArgs { Inputs = inputs, Values = valueAddress, Y = output };
            Launch(KernelTable.AttentionChunk, variant, new KernelGrid(inputs.QueryCount, heads, batch), 2 * SpanBytes(inputs, keys.Type), chunk);
            return;
        }

        // A pattern's last position sees the most.
        int splits = Math.Max(1, Divide(pattern.Visible(pattern.ContextLength - 1).Count, KernelTable.AttentionSplitKeys));
        var step = new AttentionStepArgs { Inputs = inputs, Values = valueAddress, Y = output };
        if (splits > 1)
        {
            step.Partials = _scratch.Lend((long)batch * heads * splits * (2 + inputs.HeadWidth) * sizeof(float));
            step.Arrived = _scratch.Counters(batch * heads); // splits that are done, by item and head
        }

        Launch(KernelTable.AttentionStep, variant, new KernelGrid(splits, heads, batch), SpanBytes(inputs, keys.Type), step);
    }

    /// <inheritdoc/>
    public void AttentionWeights(Tensor projected, Tensor keys, in AttentionPattern pattern, int heads, int head, Tensor cursor, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.AttentionWeights(projected, keys, pattern, heads, head, y);
        AttentionInputs inputs = Inputs(projected, keys, pattern, heads, cursor);
        if (y.LengthElements == 0)
        {
            return;
        }

        var args = new AttentionWeightsArgs { Inputs = inputs, Y = Address(y, ElementType.F32), Head = head };
        Launch(
            KernelTable.AttentionWeights,
            new KernelVariant(keys.Type),
            new KernelGrid(inputs.QueryCount, y.Shape[0]),
            SpanBytes(inputs, keys.Type),
            args);
    }

    private AttentionInputs Inputs(Tensor projected, Tensor keys, in AttentionPattern pattern, int heads, Tensor cursor)
    {
        int width = keys.Shape[2];
        CheckCount(projected.Shape[1], pattern.ContextLength);
        ulong keyAddress = Address(keys);
        bool whole = keyAddress % 16 == 0 && (long)width * OperationShapes.FloatingType(keys).LengthBytes() % 16 == 0;
        return new AttentionInputs
        {
            Projected = Address(projected, ElementType.F32),
            Keys = keyAddress,
            Cursor = Address(cursor, ElementType.I32),
            Columns = projected.Shape[2],
            QueryCount = projected.Shape[1],
            SlotCount = keys.Shape[1],
            Width = width,
            HeadWidth = width / heads,
            WholeChunks = whole ? 1 : 0,
            Scale = 1 / MathF.Sqrt(width / heads),
            Pattern = new AttentionPatternArgs(pattern),
        };
    }

    /// <summary>Shared memory of one head's channels as singles, cut along the row into 16-byte chunks of the storage.</summary>
    private static int SpanBytes(in AttentionInputs inputs, ElementType storage)
    {
        int chunk = 16 / storage.LengthBytes();
        int chunks = inputs.Width % chunk == 0 && inputs.HeadWidth % chunk == 0 ? inputs.HeadWidth / chunk : Divide(inputs.HeadWidth - 1, chunk) + 1;
        return chunks * chunk * sizeof(float);
    }

    private static void CheckCount(int count, int length)
    {
        if (count > length)
        {
            throw new ArgumentException($"{count} positions of a sequence of {length}");
        }
    }
}

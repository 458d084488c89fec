using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Compiler;
using Jukebox.Cuda.Kernels;

namespace Jukebox.Cuda.Backend;

/// <summary>Drawing tokens, moving the cursor, and the quantiser.</summary>
public sealed unsafe partial class CudaBackend
{
    /// <summary>Largest vocabulary whose logits are kept in shared memory while they are filtered and drawn from.</summary>
    private const int SharedVocabulary = 10 * 1024;

    /// <inheritdoc/>
    public void SampleTokens(Tensor logits, in SamplingRule rule, ulong seed, int level, Tensor items, Tensor cursor, Tensor tokens, Tensor drawn)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int count = logits.Shape[1], batch = logits.Shape[0];
        OperationShapes.SampleTokens(logits, items, tokens, drawn);
        if (batch == 0)
        {
            return;
        }

        bool inShared = count <= SharedVocabulary;
        var args = new SampleTokensArgs
        {
            Logits = Address(logits, ElementType.F32),
            Items = Address(items, ElementType.I32),
            Cursor = Address(cursor, ElementType.I32),
            Tokens = Address(tokens, ElementType.I32),
            Drawn = Address(drawn, ElementType.I32),
            Seed = seed,
            Temperature = rule.Temperature,
            TopP = rule.TopP,
            TopK = rule.TopK,
            Level = level,
            Count = count,
            TokenCount = tokens.Shape[1],
            RingLength = drawn.Shape[0],
            InShared = inShared ? 1 : 0,
        };
        Launch(KernelTable.SampleTokens, default, new KernelGrid(batch), inShared ? count * sizeof(float) : 0, args);
    }

    /// <inheritdoc/>
    public void Advance(Tensor cursor, int count)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Require(cursor.LengthElements == 2, "advance", cursor);
        var args = new ElementwiseAdvanceArgs { Cursor = Address(cursor, ElementType.I32), Count = count };
        Launch(KernelTable.ElementwiseAdvance, default, new KernelGrid(1), args);
    }

    /// <inheritdoc/>
    public void NearestCode(Tensor x, Tensor codebook, Tensor codes)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int width = codebook.Shape[-1], bins = codebook.Shape[0], rows = x.Shape.RowCount;
        OperationShapes.NearestCode(x, codebook, codes);
        if (rows == 0)
        {
            return;
        }

        var args = new NearestCodeArgs
        {
            X = Address(x, ElementType.F32),
            Codebook = Address(codebook, ElementType.F32),
            Codes = Address(codes, ElementType.I32),
            RowCount = rows,
            CodeCount = bins,
            Width = width,
        };
        Launch(KernelTable.NearestCode, default, new KernelGrid(Divide(rows, KernelTable.TileRows)), args);
    }
}

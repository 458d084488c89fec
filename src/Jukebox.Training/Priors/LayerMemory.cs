using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Training.Priors;

/// <summary>What a block keeps of its forward pass beside its input. Norms, activations and caches are computed again: they cost little.</summary>
/// <param name="Projected">(N, T, 3S): queries, keys and values; of a cross layer (N, T, S), queries.</param>
/// <param name="StateKeys">(N, E, 2S): keys and values of the encoder states; cross layers only.</param>
/// <param name="Attended">(N, T, S).</param>
/// <param name="Sum">(N, T, C): input plus attention's output.</param>
/// <param name="Hidden">(N, T, H): the MLP's hidden signal before its activation.</param>
internal readonly record struct LayerActivations(Tensor Projected, Tensor StateKeys, Tensor Attended, Tensor Sum, Tensor Hidden)
{
    /// <summary>Takes the memory for a block of a kind, or of any kind.</summary>
    public static LayerActivations Allocate(Workspace memory, string name, StackShape shape, AttentionKind? kind)
    {
        (TransformerSpec spec, int n, int t) = (shape.Spec, shape.BatchSize, shape.Length);
        int state = spec.StateWidth, stateKeys = kind is null or AttentionKind.LyricsCross ? shape.StateLength : 0;
        return new LayerActivations(
            memory.Allocate($"{name}.projected", ElementType.F32, n, t, (kind == AttentionKind.LyricsCross ? 1 : 3) * state),
            memory.Allocate($"{name}.state_keys", ElementType.F32, n, stateKeys, 2 * state),
            memory.Allocate($"{name}.attended", ElementType.F32, n, t, state),
            memory.Allocate($"{name}.sum", ElementType.F32, n, t, spec.Width),
            memory.Allocate($"{name}.hidden", ElementType.F32, n, t, spec.HiddenWidth));
    }

    /// <summary>The part of the first items, for a block whose projection has that many channels.</summary>
    public LayerActivations First(int items, int projectedWidth) => new(
        Projected.Prefix(items, Projected.Shape[1], projectedWidth),
        StateKeys.Slice(0, items),
        Attended.Slice(0, items),
        Sum.Slice(0, items),
        Hidden.Slice(0, items));
}

/// <summary>What the blocks of a stack compute with, one after the other. D… is a gradient.</summary>
/// <param name="Cursor">(2) I32: position 0.</param>
/// <param name="Normed">(N, T, C); in the backward pass also its gradient.</param>
/// <param name="Activated">(N, T, H); in the backward pass also the hidden signal's gradient.</param>
/// <param name="Keys">(N, L, S).</param>
/// <param name="Values">(N, L, S).</param>
/// <param name="DKeys">(N, L, S).</param>
/// <param name="DValues">(N, L, S).</param>
/// <param name="DProjected">(N, T, 3S or S).</param>
/// <param name="DStateKeys">(N, E, 2S).</param>
/// <param name="DAttended">(N, T, S).</param>
/// <param name="Branch">(N, T, C): attention's output, then its gradient; only where residual branches are scaled.</param>
/// <param name="DSum">(N, T, C): only where residual branches are scaled.</param>
internal readonly record struct LayerScratch(
    Tensor Cursor,
    Tensor Normed,
    Tensor Activated,
    Tensor Keys,
    Tensor Values,
    Tensor DKeys,
    Tensor DValues,
    Tensor DProjected,
    Tensor DStateKeys,
    Tensor DAttended,
    Tensor Branch,
    Tensor DSum)
{
    /// <summary>Takes the memory that any block of a stack needs.</summary>
    public static LayerScratch Allocate(Workspace memory, string name, StackShape shape)
    {
        (TransformerSpec spec, int n, int t) = (shape.Spec, shape.BatchSize, shape.Length);
        int state = spec.StateWidth, keys = Math.Max(t, shape.StateLength), branch = spec.ResidualScale ? t : 0;
        var scratch = new LayerScratch(
            memory.Allocate($"{name}.cursor", ElementType.I32, 2),
            memory.Allocate($"{name}.normed", ElementType.F32, n, t, spec.Width),
            memory.Allocate($"{name}.activated", ElementType.F32, n, t, spec.HiddenWidth),
            memory.Allocate($"{name}.keys", ElementType.F32, n, keys, state),
            memory.Allocate($"{name}.values", ElementType.F32, n, keys, state),
            memory.Allocate($"{name}.dkeys", ElementType.F32, n, keys, state),
            memory.Allocate($"{name}.dvalues", ElementType.F32, n, keys, state),
            memory.Allocate($"{name}.dprojected", ElementType.F32, n, t, 3 * state),
            memory.Allocate($"{name}.dstate_keys", ElementType.F32, n, shape.StateLength, 2 * state),
            memory.Allocate($"{name}.dattended", ElementType.F32, n, t, state),
            memory.Allocate($"{name}.branch", ElementType.F32, n, branch, spec.Width),
            memory.Allocate($"{name}.dsum", ElementType.F32, n, branch, spec.Width));
        scratch.Cursor.Upload<int>([0, 0]);
        return scratch;
    }

    /// <summary>The part of the first items, for a block with that many key slots and channels of its projection.</summary>
    public LayerScratch First(int items, int keyCount, int projectedWidth)
    {
        int state = Keys.Shape[2];
        return new LayerScratch(
            Cursor,
            Normed.Slice(0, items),
            Activated.Slice(0, items),
            Keys.Prefix(items, keyCount, state),
            Values.Prefix(items, keyCount, state),
            DKeys.Prefix(items, keyCount, state),
            DValues.Prefix(items, keyCount, state),
            DProjected.Prefix(items, DProjected.Shape[1], projectedWidth),
            DStateKeys.Slice(0, items),
            DAttended.Slice(0, items),
            Branch.Slice(0, items),
            DSum.Slice(0, items));
    }
}

/// <summary>What decides how much memory a stack of blocks takes.</summary>
/// <param name="Spec">The stack.</param>
/// <param name="BatchSize">N: most items.</param>
/// <param name="Length">T: positions of the whole window.</param>
/// <param name="LyricsLength">The checkpoint's lyrics length, which shapes the two lyrics patterns; 0 without lyrics.</param>
internal readonly record struct StackShape(TransformerSpec Spec, int BatchSize, int Length, int LyricsLength)
{
    /// <summary>E: encoder states that cross layers attend to; 0 where there are none.</summary>
    public int StateLength
    {
        get
        {
            TransformerSpec spec = Spec;
            return Enumerable.Range(0, spec.Depth).Any(depth => spec.KindAt(depth) == AttentionKind.LyricsCross) ? LyricsLength : 0;
        }
    }

    /// <summary>Who sees whom in the block at a depth; its caches hold the whole window.</summary>
    public AttentionPattern PatternAt(int depth) =>
        AttentionPattern.Create(Spec.KindAt(depth), Length, Spec.BlockCount, Length, Spec.Spread, LyricsLength);
}

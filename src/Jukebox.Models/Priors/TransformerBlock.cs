using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;

namespace Jukebox.Models.Priors;

/// <summary>Parameters of one block. C is the model width, S the attention width, H the hidden width of the MLP.</summary>
internal sealed record LayerWeights
{
    /// <summary>Norm before the attention, (C).</summary>
    public required LayerNormWeights AttentionNorm { get; init; }

    /// <summary>(C, 3S): queries, keys and values. In a cross layer (C, S): queries.</summary>
    public required PackedMatrix Projection { get; init; }

    /// <summary>(C, 2S): keys and values of the encoder states; cross layers only.</summary>
    public PackedMatrix? StateProjection { get; init; }

    /// <summary>(S, C).</summary>
    public required PackedMatrix AttentionOutput { get; init; }

    /// <summary>Norm before the MLP, (C).</summary>
    public required LayerNormWeights MlpNorm { get; init; }

    /// <summary>(C, H).</summary>
    public required PackedMatrix MlpInput { get; init; }

    /// <summary>(H, C).</summary>
    public required PackedMatrix MlpOutput { get; init; }

    /// <summary>Reads the block at <c>prefix</c>, named as in the published checkpoints.</summary>
    public static LayerWeights Load(DeviceWeights weights, string prefix, AttentionKind kind) => new()
    {
        AttentionNorm = weights.LayerNorm($"{prefix}.ln_0"),
        Projection = weights.Linear($"{prefix}.attn.c_attn"),
        StateProjection = kind == AttentionKind.LyricsCross ? weights.Linear($"{prefix}.attn.c_enc_kv") : null,
        AttentionOutput = weights.Linear($"{prefix}.attn.c_proj"),
        MlpNorm = weights.LayerNorm($"{prefix}.ln_1"),
        MlpInput = weights.Linear($"{prefix}.mlp.c_fc"),
        MlpOutput = weights.Linear($"{prefix}.mlp.c_proj"),
    };
}

/// <summary>What a block computes with, for at most N items and T new positions at a time: the same for every block of a stack.</summary>
internal sealed class BlockScratch
{
    /// <summary>Allocates everything.</summary>
    /// <param name="spec">The stack.</param>
    /// <param name="batchSize">N.</param>
    /// <param name="chunkLength">T.</param>
    /// <param name="memory">Where it goes.</param>
    /// <param name="name">Prefix of the names there.</param>
    public BlockScratch(TransformerSpec spec, int batchSize, int chunkLength, Workspace memory, string name)
    {
        Normed = memory.Allocate($"{name}.normed", ElementType.F32, batchSize, chunkLength, spec.Width);
        Projected = memory.Allocate($"{name}.projected", ElementType.F32, batchSize, chunkLength, 3 * spec.StateWidth);
        Attended = memory.Allocate($"{name}.attended", ElementType.F32, batchSize, chunkLength, spec.StateWidth);
        Hidden = memory.Allocate($"{name}.hidden", ElementType.F32, batchSize, chunkLength, spec.HiddenWidth);
        if (spec.ResidualScale)
        {
            Branch = memory.Allocate($"{name}.branch", ElementType.F32, batchSize, chunkLength, spec.Width);
            Sum = memory.Allocate($"{name}.sum", ElementType.F32, batchSize, chunkLength, spec.Width);
        }
    }

    /// <summary>(N, T, C).</summary>
    public Tensor Normed { get; }

    /// <summary>(N, T, 3S); cross layers use (N, T, S) of it.</summary>
    public Tensor Projected { get; }

    /// <summary>(N, T, S).</summary>
    public Tensor Attended { get; }

    /// <summary>(N, T, H).</summary>
    public Tensor Hidden { get; }

    /// <summary>(N, T, C), only where residual branches are scaled: attention's output, then with the MLP's added.</summary>
    public Tensor Branch { get; }

    /// <summary>(N, T, C), only where residual branches are scaled: input of the MLP's norm.</summary>
    public Tensor Sum { get; }
}

/// <summary>Asks a block for the softmax weights of one of its heads: y (N, T, L) by cache slot.</summary>
internal readonly record struct HeadProbe(int Head, Tensor Weights);

/// <summary>
/// One factored-attention block: a = attention(norm(x)), m = MLP(norm(x + a)), y = x + a + m, or y = x + (a + m) / depth where
/// residual branches are scaled. Knows its weights; what a window needs is a <see cref="KvCache"/>.
/// </summary>
internal sealed class TransformerBlock(IBackend backend, TransformerSpec spec, LayerWeights weights)
{
    /// <summary>How the matrices are stored on the device.</summary>
    public ElementType MatrixType => weights.Projection.Type;

    /// <summary>Runs T new positions, from the cursor's on, through the block, in place.</summary>
    /// <param name="x">(N, T, C).</param>
    /// <param name="cache">Of this block and window.</param>
    /// <param name="scratch">Of the stack.</param>
    /// <param name="cursor">(2) I32.</param>
    /// <param name="probe">Attention weights to record, or none.</param>
    public void Forward(Tensor x, KvCache cache, BlockScratch scratch, Tensor cursor, HeadProbe? probe = null)
    {
        int n = x.Shape[0], t = x.Shape[1];
        Tensor normed = scratch.Normed.Prefix(n, t, spec.Width); // (N, T, C)
        Tensor attended = scratch.Attended.Prefix(n, t, spec.StateWidth); // (N, T, S)
        Tensor hidden = scratch.Hidden.Prefix(n, t, spec.HiddenWidth); // (N, T, H)
        Tensor keys = cache.Keys.Slice(0, n), values = cache.Values.Slice(0, n); // (N, L, S)
        Tensor projected = scratch.Projected.Prefix(n, t, weights.Projection.OutputWidth); // (N, T, 3S or S)

        CacheAppend? append = cache.Pattern.Kind == AttentionKind.LyricsCross ? null : new CacheAppend(keys, values, cache.Pattern, cursor);
        backend.NormLinear(x, weights.AttentionNorm, weights.Projection, Activation.None, append, normed, projected);
        if (probe is { } wanted)
        {
            backend.AttentionWeights(projected, keys, cache.Pattern, spec.Heads, wanted.Head, cursor, wanted.Weights);
        }

        backend.Attend(projected, keys, values, cache.Pattern, spec.Heads, cursor, attended);
        if (spec.ResidualScale)
        {
            AddScaledBranches(x, scratch, attended, normed, hidden);
        }
        else
        {
            backend.Linear(attended, weights.AttentionOutput, Activation.None, x, x);
            backend.NormLinear(x, weights.MlpNorm, weights.MlpInput, Activation.QuickGelu, null, normed, hidden);
            backend.Linear(hidden, weights.MlpOutput, Activation.None, x, x);
        }
    }

    /// <summary>Fills one item's keys and values of a cross layer from its encoder states; nothing in any other layer.</summary>
    /// <param name="states">(1, n_tokens, C).</param>
    /// <param name="item">Row of the cache.</param>
    /// <param name="cache">Of this block and window.</param>
    /// <param name="start">(2) I32: a cursor at position 0.</param>
    /// <param name="projected">(1, n_tokens, 2S) scratch.</param>
    public void LoadStates(Tensor states, int item, KvCache cache, Tensor start, Tensor projected)
    {
        if (weights.StateProjection is { } projection)
        {
            backend.Linear(states, projection, Activation.None, null, projected);
            backend.AppendToCache(projected, cache.Keys.Slice(item, 1), cache.Values.Slice(item, 1), cache.Pattern, start);
        }
    }

    /// <summary>x += (a + m) / depth, where a is attention's output and m = MLP(norm(x + a)).</summary>
    private void AddScaledBranches(Tensor x, BlockScratch scratch, Tensor attended, Tensor normed, Tensor hidden)
    {
        Tensor branch = scratch.Branch.Prefix(x.Shape[0], x.Shape[1], x.Shape[2]); // (N, T, C)
        Tensor sum = scratch.Sum.Prefix(x.Shape[0], x.Shape[1], x.Shape[2]); // (N, T, C)
        backend.Linear(attended, weights.AttentionOutput, Activation.None, null, branch);
        backend.ScaledAdd(x, branch, 1, sum);
        backend.NormLinear(sum, weights.MlpNorm, weights.MlpInput, Activation.QuickGelu, null, normed, hidden);
        backend.Linear(hidden, weights.MlpOutput, Activation.None, branch, branch);
        backend.ScaledAdd(x, branch, 1f / spec.Depth, x);
    }
}

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

/// <summary>
/// What a stack of blocks remembers of a window (its caches) and computes with (its scratch), for at most N items
/// and T new positions at a time.
/// </summary>
internal sealed class TransformerState
{
    /// <summary>Allocates everything.</summary>
    /// <param name="spec">The stack.</param>
    /// <param name="sequenceLength">Positions of a whole window.</param>
    /// <param name="lyricsLength">Encoder states of cross layers, or the lyrics that the prefix pattern rounds up.</param>
    /// <param name="batchSize">N.</param>
    /// <param name="chunkLength">T.</param>
    /// <param name="cacheType">How keys and values are stored.</param>
    /// <param name="caches">Where the caches go.</param>
    /// <param name="scratch">Where the scratch goes.</param>
    /// <param name="name">Prefix of the names there.</param>
    public TransformerState(
        TransformerSpec spec,
        int sequenceLength,
        int lyricsLength,
        int batchSize,
        int chunkLength,
        ElementType cacheType,
        Workspace caches,
        Workspace scratch,
        string name)
    {
        chunkLength = Math.Min(chunkLength, sequenceLength);
        Caches = new KvCache[spec.Depth];
        for (int depth = 0; depth < spec.Depth; depth++)
        {
            var pattern = AttentionPattern.Create(spec.KindAt(depth), sequenceLength, spec.BlockCount, chunkLength, spec.Spread, lyricsLength);
            Caches[depth] = new KvCache(caches, $"{name}.{depth}", pattern, cacheType, batchSize, spec.StateWidth);
        }

        Normed = scratch.Allocate($"{name}.normed", ElementType.F32, batchSize, chunkLength, spec.Width);
        Projected = scratch.Allocate($"{name}.projected", ElementType.F32, batchSize, chunkLength, 3 * spec.StateWidth);
        Attended = scratch.Allocate($"{name}.attended", ElementType.F32, batchSize, chunkLength, spec.StateWidth);
        Hidden = scratch.Allocate($"{name}.hidden", ElementType.F32, batchSize, chunkLength, spec.HiddenWidth);
        if (spec.ResidualScale)
        {
            Branch = scratch.Allocate($"{name}.branch", ElementType.F32, batchSize, chunkLength, spec.Width);
            Sum = scratch.Allocate($"{name}.sum", ElementType.F32, batchSize, chunkLength, spec.Width);
        }
    }

    /// <summary>One per block.</summary>
    public KvCache[] Caches { get; }

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

/// <summary>Asks one layer for the softmax weights of one of its heads: y (N, T, L) by cache slot.</summary>
internal readonly record struct AttentionProbe(int Layer, int Head, Tensor Weights);

/// <summary>A stack of factored-attention blocks. Knows its weights; what a window needs is a <see cref="TransformerState"/>.</summary>
internal sealed class Transformer
{
    private readonly IBackend _backend;
    private readonly TransformerSpec _spec;
    private readonly LayerWeights[] _layers;

    /// <summary>How the matrices are stored on the device.</summary>
    public ElementType MatrixType => _layers[0].Projection.Type;

    /// <summary>Reads the blocks <c>prefix._attn_mods.0</c> and so on.</summary>
    public Transformer(IBackend backend, DeviceWeights weights, TransformerSpec spec, string prefix)
    {
        _backend = backend;
        _spec = spec;
        _layers = new LayerWeights[spec.Depth];
        for (int depth = 0; depth < spec.Depth; depth++)
        {
            _layers[depth] = LayerWeights.Load(weights, $"{prefix}._attn_mods.{depth}", spec.KindAt(depth));
        }
    }

    /// <summary>
    /// Runs T new positions, from the cursor's on, through every block, in place. There is no norm after the last.
    /// A single step and a whole chunk are the same arithmetic, bit for bit.
    /// </summary>
    /// <param name="x">(N, T, C).</param>
    /// <param name="state">Caches and scratch of this window.</param>
    /// <param name="cursor">(2) I32.</param>
    /// <param name="probe">Attention weights to record, or none.</param>
    public void Forward(Tensor x, TransformerState state, Tensor cursor, AttentionProbe? probe = null)
    {
        int n = x.Shape[0], t = x.Shape[1], width = _spec.Width, attention = _spec.StateWidth;
        Tensor normed = state.Normed.Prefix(n, t, width); // (N, T, C)
        Tensor attended = state.Attended.Prefix(n, t, attention); // (N, T, S)
        Tensor hidden = state.Hidden.Prefix(n, t, _spec.HiddenWidth); // (N, T, H)
        for (int depth = 0; depth < _layers.Length; depth++)
        {
            LayerWeights layer = _layers[depth];
            KvCache cache = state.Caches[depth];
            Tensor keys = cache.Keys.Slice(0, n), values = cache.Values.Slice(0, n); // (N, L, S)
            Tensor projected = state.Projected.Prefix(n, t, layer.Projection.OutputWidth); // (N, T, 3S or S)

            CacheAppend? append = cache.Pattern.Kind == AttentionKind.LyricsCross ? null : new CacheAppend(keys, values, cache.Pattern, cursor);
            _backend.NormLinear(x, layer.AttentionNorm, layer.Projection, Activation.None, append, normed, projected);
            if (probe is { } wanted && wanted.Layer == depth)
            {
                _backend.AttentionWeights(projected, keys, cache.Pattern, _spec.Heads, wanted.Head, cursor, wanted.Weights);
            }

            _backend.Attend(projected, keys, values, cache.Pattern, _spec.Heads, cursor, attended);
            if (_spec.ResidualScale)
            {
                AddScaledBranches(x, layer, state, attended, normed, hidden);
            }
            else
            {
                _backend.Linear(attended, layer.AttentionOutput, Activation.None, x, x);
                _backend.NormLinear(x, layer.MlpNorm, layer.MlpInput, Activation.QuickGelu, null, normed, hidden);
                _backend.Linear(hidden, layer.MlpOutput, Activation.None, x, x);
            }
        }
    }

    /// <summary>
    /// Fills one item's keys and values of every cross layer from its encoder states.
    /// </summary>
    /// <param name="states">(1, n_tokens, C).</param>
    /// <param name="item">Row of the caches.</param>
    /// <param name="state">Caches of the window.</param>
    /// <param name="start">(2) I32: a cursor at position 0.</param>
    /// <param name="projected">(1, n_tokens, 2S) scratch.</param>
    public void LoadStates(Tensor states, int item, TransformerState state, Tensor start, Tensor projected)
    {
        for (int depth = 0; depth < _layers.Length; depth++)
        {
            if (_layers[depth].StateProjection is { } projection)
            {
                KvCache cache = state.Caches[depth];
                _backend.Linear(states, projection, Activation.None, null, projected);
                _backend.AppendToCache(projected, cache.Keys.Slice(item, 1), cache.Values.Slice(item, 1), cache.Pattern, start);
            }
        }
    }

    /// <summary>x += (a + m) / depth, where a is attention's output and m = MLP(norm(x + a)).</summary>
    private void AddScaledBranches(Tensor x, LayerWeights layer, TransformerState state, Tensor attended, Tensor normed, Tensor hidden)
    {
        Tensor branch = state.Branch.Prefix(x.Shape[0], x.Shape[1], x.Shape[2]); // (N, T, C)
        Tensor sum = state.Sum.Prefix(x.Shape[0], x.Shape[1], x.Shape[2]); // (N, T, C)
        _backend.Linear(attended, layer.AttentionOutput, Activation.None, null, branch);
        _backend.ScaledAdd(x, branch, 1, sum);
        _backend.NormLinear(sum, layer.MlpNorm, layer.MlpInput, Activation.QuickGelu, null, normed, hidden);
        _backend.Linear(hidden, layer.MlpOutput, Activation.None, branch, branch);
        _backend.ScaledAdd(x, branch, 1f / _spec.Depth, x);
    }
}

using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;

namespace Jukebox.Models.Priors;

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

        Scratch = new BlockScratch(spec, batchSize, chunkLength, scratch, name);
    }

    /// <summary>One per block.</summary>
    public KvCache[] Caches { get; }

    /// <summary>What each block in turn computes with.</summary>
    public BlockScratch Scratch { get; }
}

/// <summary>Asks one layer for the softmax weights of one of its heads: y (N, T, L) by cache slot.</summary>
internal readonly record struct AttentionProbe(int Layer, int Head, Tensor Weights);

/// <summary>A stack of factored-attention blocks. Knows its weights; what a window needs is a <see cref="TransformerState"/>.</summary>
internal sealed class Transformer
{
    private readonly TransformerBlock[] _blocks;

    /// <summary>Reads the blocks <c>prefix._attn_mods.0</c> and so on.</summary>
    public Transformer(IBackend backend, DeviceWeights weights, TransformerSpec spec, string prefix)
    {
        _blocks = new TransformerBlock[spec.Depth];
        for (int depth = 0; depth < spec.Depth; depth++)
        {
            _blocks[depth] = new TransformerBlock(backend, spec, LayerWeights.Load(weights, $"{prefix}._attn_mods.{depth}", spec.KindAt(depth)));
        }
    }

    /// <summary>How the matrices are stored on the device.</summary>
    public ElementType MatrixType => _blocks[0].MatrixType;

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
        for (int depth = 0; depth < _blocks.Length; depth++)
        {
            HeadProbe? wanted = probe is { } asked && asked.Layer == depth ? new HeadProbe(asked.Head, asked.Weights) : null;
            _blocks[depth].Forward(x, state.Caches[depth], state.Scratch, cursor, wanted);
        }
    }

    /// <summary>Fills one item's keys and values of every cross layer from its encoder states.</summary>
    /// <param name="states">(1, n_tokens, C).</param>
    /// <param name="item">Row of the caches.</param>
    /// <param name="state">Caches of the window.</param>
    /// <param name="start">(2) I32: a cursor at position 0.</param>
    /// <param name="projected">(1, n_tokens, 2S) scratch.</param>
    public void LoadStates(Tensor states, int item, TransformerState state, Tensor start, Tensor projected)
    {
        for (int depth = 0; depth < _blocks.Length; depth++)
        {
            _blocks[depth].LoadStates(states, item, state.Caches[depth], start, projected);
        }
    }
}

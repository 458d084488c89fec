using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;

namespace Jukebox.Models.Priors;

/// <summary>
/// The separate lyrics encoder of 5b_lyrics: a small transformer over the lyric tokens, projected to the main model's
/// width. State j has seen tokens 0 … j − 1 only: its inputs are shifted, like those of every stack here.
/// </summary>
internal sealed class LyricsEncoder
{
    private readonly IBackend _backend;
    private readonly Tensor _embedding; // (n_vocab, E)
    private readonly Tensor _positions; // (n_tokens, E)
    private readonly Tensor _startToken; // (1, E)
    private readonly Transformer _transformer;
    private readonly PackedMatrix _projection; // (E, C)
    private readonly LayerNormWeights _norm; // (C)
    private readonly PackedMatrix _output; // (n_vocab, C), no bias

    /// <summary>Reads the encoder of a prior.</summary>
    public LyricsEncoder(IBackend backend, DeviceWeights weights, TransformerSpec spec)
    {
        _backend = backend;
        _embedding = weights["prime_prior.x_emb.weight"];
        _positions = weights["prime_prior.pos_emb.pos_emb"];
        _startToken = weights["prime_prior.start_token"];
        _transformer = new Transformer(backend, weights, spec, "prime_prior.transformer");
        _projection = weights.Linear("prime_state_proj");
        _norm = weights.LayerNorm("prime_state_ln");
        _output = weights.Logits(TensorTable.LyricsLogits);
    }

    /// <summary>The states of one item's lyrics, in <see cref="LyricsEncoderState.States"/> (1, n_tokens, C).</summary>
    public void Encode(ReadOnlySpan<int> tokens, LyricsEncoderState state)
    {
        state.Tokens.Upload(tokens);
        state.Cursor.Upload<int>([0, 0]);
        _backend.Convert(_startToken, state.Start);
        for (int first = 0; first < tokens.Length; first += state.Input.Shape[1])
        {
            int count = Math.Min(state.Input.Shape[1], tokens.Length - first);
            Tensor x = state.Input.Prefix(1, count, state.Input.Shape[2]); // (1, T, E)
            Tensor projected = state.States.Reshape(tokens.Length, state.States.Shape[2]).Slice(first, count); // (T, C)
            _backend.Embed(state.Tokens, _embedding, state.Start, _positions, null, state.Cursor, x);
            _transformer.Forward(x, state.Stack, state.Cursor);
            _backend.Linear(x, _projection, Activation.None, null, projected);
            _backend.LayerNorm(projected, _norm.Gain, _norm.Bias, projected);
            _backend.Advance(state.Cursor, count);
        }
    }

    /// <summary>Logits over the lyric vocabulary, from the states: y (n_tokens, n_vocab).</summary>
    public void Logits(LyricsEncoderState state, Tensor y) => _backend.Linear(state.States, _output, Activation.None, null, y);
}

/// <summary>What the lyrics encoder remembers and computes with, for one item at a time.</summary>
internal sealed class LyricsEncoderState
{
    /// <summary>Allocates everything.</summary>
    public LyricsEncoderState(PriorSpec spec, TransformerSpec encoder, int chunkLength, ElementType cacheType, Workspace scratch)
    {
        int length = spec.LyricsLength, width = spec.Transformer.Width;
        chunkLength = Math.Min(chunkLength, length);
        Tokens = scratch.Allocate("lyrics.tokens", ElementType.I32, 1, length);
        Cursor = scratch.Allocate("lyrics.cursor", ElementType.I32, 2);
        Start = scratch.Allocate("lyrics.start", ElementType.F32, 1, encoder.Width);
        Input = scratch.Allocate("lyrics.input", ElementType.F32, 1, chunkLength, encoder.Width);
        Stack = new TransformerState(encoder, length, 0, 1, chunkLength, cacheType, scratch, scratch, "lyrics");
        States = scratch.Allocate("lyrics.states", ElementType.F32, 1, length, width);
        KeysValues = scratch.Allocate("lyrics.keys_values", ElementType.F32, 1, length, 2 * spec.Transformer.StateWidth);
    }

    /// <summary>(1, n_tokens) I32.</summary>
    public Tensor Tokens { get; }

    /// <summary>(2) I32.</summary>
    public Tensor Cursor { get; }

    /// <summary>(1, E).</summary>
    public Tensor Start { get; }

    /// <summary>(1, T, E).</summary>
    public Tensor Input { get; }

    /// <summary>The encoder's own caches and scratch.</summary>
    public TransformerState Stack { get; }

    /// <summary>(1, n_tokens, C): what the main model attends to.</summary>
    public Tensor States { get; }

    /// <summary>(1, n_tokens, 2S): keys and values of one cross layer.</summary>
    public Tensor KeysValues { get; }
}

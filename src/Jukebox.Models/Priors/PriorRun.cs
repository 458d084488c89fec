using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Models.Priors;

/// <summary>
/// Carries windows of one prior out. Everything is allocated when it is made; a step allocates nothing.
/// </summary>
public sealed partial class PriorRun : IPriorRun
{
    private readonly Prior _prior;
    private readonly IBackend _backend;
    private readonly Workspace _caches;
    private readonly Workspace _scratch;
    private readonly PriorState _state;
    private readonly int _chunkLength;

    private PriorWindow? _window;
    private int _position; // positions done, lyrics included
    private int _knownLength; // positions whose token is known, lyrics included

    internal PriorRun(Prior prior, int batchSize, int chunkLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunkLength);
        _prior = prior;
        _backend = prior.Backend;
        BatchSize = batchSize;
        _caches = new Workspace(_backend);
        _scratch = new Workspace(_backend);
        try
        {
            _state = new PriorState(prior.Spec, batchSize, chunkLength, _backend.CacheType(prior.MatrixType), _caches, _scratch);
            _chunkLength = _state.Activations.Shape[1];
            _state.Condition?.Buffer.Fill(0); // lyric positions of a shared sequence have none, and nothing else writes them
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public PriorSpec Spec => _prior.Spec;

    /// <inheritdoc/>
    public int BatchSize { get; }

    /// <summary>Bytes of the key and value caches.</summary>
    public long CacheBytes => _caches.LengthBytes;

    /// <summary>Bytes of everything else that was allocated: activations, conditions, logits.</summary>
    public long ScratchBytes => _scratch.LengthBytes + (_prior.UpperCodes?.ScratchBytes ?? 0);

    /// <summary>Lyric positions that stand before the music in the same sequence.</summary>
    private int LyricPositions => Spec.SequenceLength - Spec.ContextLength;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// A list has the wrong length, an id or code is outside its table, or a label's time is outside the model's range.
    /// </exception>
    public void Begin(PriorWindow window)
    {
        _window = null;
        WindowChecks.Check(Spec, _prior.VqVae, window, BatchSize);
        int items = window.Items.Length;
        _knownLength = LyricPositions + window.Known[0].Length;
        UploadTokens(window);
        _state.Items.Slice(0, items).Upload<int>(window.Items);
        _state.Cursor.Upload<int>([0, 0]);
        for (int item = 0; item < items; item++)
        {
            EmbedStart(window, item);
            EmbedCondition(window, item);
            LoadLyrics(window, item);
        }

        _position = 0;
        _state.Cursor.Upload<int>([0, checked((int)window.StartToken) - LyricPositions]);
        _window = window;
    }

    /// <inheritdoc/>
    public bool PrimeChunk()
    {
        int count = NextChunkLength();
        if (count == 0)
        {
            return false;
        }

        Forward(count);
        Advance(count);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _window = null;
        _recordedStep?.Dispose();
        _caches.Dispose();
        _scratch.Dispose();
        _analysis?.Dispose();
    }

    /// <summary>Embeds T new positions and runs them through the stack; the result is in the activations, (N, T, C).</summary>
    private Tensor Forward(int count, AttentionProbe? probe = null)
    {
        int items = _window!.Items.Length;
        Tensor x = _state.Activations.Prefix(items, count, Spec.Transformer.Width); // (N, T, C)
        Tensor? condition = _state.Condition?.Slice(0, items); // (N, P, C)
        _backend.Embed(
            _state.Tokens.Slice(0, items), _prior.Embedding, _state.Start.Slice(0, items), _prior.Positions, condition, _state.Cursor, x);
        _prior.Stack.Forward(x, _state.Stack, _state.Cursor, probe);
        if (condition is { } rows && !Spec.MergedDecoder)
        {
            _backend.AddAt(x, rows, _state.Cursor, x);
        }

        return x;
    }

    private int NextChunkLength() => _window is null
        ? throw new InvalidOperationException("a window must be begun before it is primed")
        : Math.Max(0, Math.Min(_chunkLength, _knownLength - _position));

    private void Advance(int count)
    {
        _backend.Advance(_state.Cursor, count);
        _position += count;
    }

    private void UploadTokens(PriorWindow window)
    {
        var tokens = new int[Spec.SequenceLength];
        for (int item = 0; item < window.Items.Length; item++)
        {
            FillTokens(Spec, LyricTokens(window, item), window.Known[item], tokens);
            _state.Tokens.Slice(item, 1).Upload<int>(tokens);
        }
    }

    /// <summary>The tokens of a window: lyrics where they share the sequence, then music codes, which come after the lyrics' vocabulary. What follows stays as it is.</summary>
    internal static void FillTokens(PriorSpec spec, ReadOnlySpan<long> lyrics, ReadOnlySpan<int> codes, Span<int> tokens)
    {
        int lyricPositions = spec.SequenceLength - spec.ContextLength, shift = spec.VocabularySize - spec.CodebookSize;
        for (int j = 0; j < lyricPositions; j++)
        {
            tokens[j] = (int)lyrics[j];
        }

        for (int j = 0; j < codes.Length; j++)
        {
            tokens[lyricPositions + j] = codes[j] + shift;
        }
    }

    private void EmbedStart(PriorWindow window, int item)
    {
        Tensor start = _state.Start.Slice(item, 1); // (1, C)
        if (_prior.Labels is { } labels)
        {
            labels.EmbedStart(window.Labels[item], _state.Labels!, start);
        }
        else
        {
            _backend.Convert(_prior.StartToken!.Value, start);
        }
    }

    private void EmbedCondition(PriorWindow window, int item)
    {
        if (_state.Condition is not { } condition)
        {
            return;
        }

        Tensor rows = condition.Slice(item, 1).Reshape(Spec.SequenceLength, Spec.Transformer.Width); // (P, C)
        Tensor music = rows.Slice(LyricPositions, Spec.ContextLength); // (n_ctx, C)
        if (_prior.UpperCodes is { } upper)
        {
            upper.Condition(window.UpperCodes![item], music.Reshape(1, Spec.ContextLength, Spec.Transformer.Width));
        }
        else
        {
            _prior.Labels!.EmbedTime(window.Labels[item], _state.Labels!, music);
        }
    }

    /// <summary>Encodes an item's lyrics and fills its rows of the cross layers' caches.</summary>
    private void LoadLyrics(PriorWindow window, int item)
    {
        if (_prior.Lyrics is { } encoder)
        {
            EncodeLyrics(encoder, window, item);
            _prior.Stack.LoadStates(_state.Lyrics!.States, item, _state.Stack, _state.Cursor, _state.Lyrics.KeysValues);
        }
    }

    private void EncodeLyrics(LyricsEncoder encoder, PriorWindow window, int item) =>
        encoder.Encode(Array.ConvertAll(LyricTokens(window, item).ToArray(), token => (int)token), _state.Lyrics!);

    private ReadOnlySpan<long> LyricTokens(PriorWindow window, int item) =>
        Spec.LyricsLength == 0 ? [] : window.Labels[item].AsSpan(^Spec.LyricsLength);
}

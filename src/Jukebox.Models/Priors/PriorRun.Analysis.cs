using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Models.Priors;

/// <summary>How likely a prior finds the tokens of one item of a window.</summary>
/// <param name="MusicBits">Bits of each known music token, given everything before it.</param>
/// <param name="LyricBits">Bits of each lyric token; empty without lyrics.</param>
public sealed record WindowScore(double[] MusicBits, double[] LyricBits);

/// <summary>What a window's tokens say about the model: scores, logits, attention. The same path as priming.</summary>
public sealed partial class PriorRun
{
    private Workspace? _analysis;
    private Tensor _chunkLogits; // (N, T, K)
    private Tensor _chunkWeights; // (N, T, L)

    /// <summary>
    /// Bits of the known tokens of each item; begins the window and primes it to its end.
    /// </summary>
    public WindowScore[] Score(PriorWindow window)
    {
        Begin(window);
        int items = window.Items.Length, vocabulary = Spec.VocabularySize, known = window.Known[0].Length, shift = vocabulary - Spec.CodebookSize;
        var scores = new WindowScore[items];
        for (int item = 0; item < items; item++)
        {
            scores[item] = new WindowScore(new double[known], _prior.Lyrics is null ? new double[LyricPositions] : ScoreLyrics(window, item));
        }

        ReadLogits((item, position, logits) =>
        {
            bool lyric = position < LyricPositions;
            int token = lyric ? (int)LyricTokens(window, item)[position] : window.Known[item][position - LyricPositions] + shift;
            double[] bits = lyric ? scores[item].LyricBits : scores[item].MusicBits;
            bits[lyric ? position : position - LyricPositions] = Bits(logits, token);
        });
        return scores;
    }

    /// <summary>
    /// Logits that predict each position whose token is known, lyrics of a shared sequence included: one array of
    /// positions · K per item. Begins the window and primes it to its end.
    /// </summary>
    public float[][] Logits(PriorWindow window)
    {
        Begin(window);
        int vocabulary = Spec.VocabularySize;
        float[][] result = Array.ConvertAll(window.Items, _ => new float[(long)_knownLength * vocabulary]);
        ReadLogits((item, position, logits) => logits.CopyTo(result[item].AsSpan(position * vocabulary)));
        return result;
    }

    /// <summary>
    /// (known tokens, lyric tokens) for each item: how much the alignment layer's head attends from each music token to
    /// each lyric position, whose embedding is the character before it. Begins the window and primes it to its end.
    /// </summary>
    /// <exception cref="InvalidOperationException">The model has no alignment layer.</exception>
    public float[][,] AlignmentAttention(PriorWindow window)
    {
        if (Spec.AlignmentLayer is not { } layer || Spec.AlignmentHead is not { } head || Spec.LyricsLength == 0)
        {
            throw new InvalidOperationException($"the prior of level {Spec.Level} has no layer that aligns lyrics");
        }

        AttentionPattern pattern = _state.Stack.Caches[layer].Pattern;
        if (pattern.Kind is not (AttentionKind.LyricsCross or AttentionKind.LyricsPrefix))
        {
            throw new InvalidOperationException($"layer {layer} of level {Spec.Level} does not attend to lyrics");
        }

        Begin(window);
        int lyrics = Spec.LyricsLength, slots = pattern.CacheLength;
        float[][,] result = Array.ConvertAll(window.Items, _ => new float[window.Known[0].Length, lyrics]);
        ReadChunks(layer, head, slots, (item, position, weights) =>
        {
            for (int j = 0; j < lyrics && position >= LyricPositions; j++)
            {
                result[item][position - LyricPositions, j] = weights[j];
            }
        });
        return result;
    }

    /// <summary>The states of one item's lyrics, n_tokens · C numbers; empty where there is no separate encoder.</summary>
    internal float[] EncodeLyrics(PriorWindow window, int item)
    {
        if (_prior.Lyrics is not { } encoder)
        {
            return [];
        }

        EncodeLyrics(encoder, window, item);
        return _state.Lyrics!.States.ToArray<float>();
    }

    /// <summary>The condition of one item's music tokens, n_ctx · C numbers, as <see cref="Begin"/> left it; empty where there is none.</summary>
    internal float[] Condition(int item) => _state.Condition is { } condition
        ? condition.Slice(item, 1).Reshape(Spec.SequenceLength, Spec.Transformer.Width).Slice(LyricPositions, Spec.ContextLength).ToArray<float>()
        : [];

    /// <summary>What stands before the first token of one item, C numbers, as <see cref="Begin"/> left it.</summary>
    internal float[] StartEmbedding(int item) => _state.Start.Slice(item, 1).ToArray<float>();

    /// <summary>The logits that the last step drew one item's token from.</summary>
    internal float[] StepLogits(int item) => _state.Logits.Slice(item, 1).ToArray<float>();

    /// <summary>−log₂ softmax(logits)[token].</summary>
    internal static double Bits(ReadOnlySpan<float> logits, int token)
    {
        double max = float.NegativeInfinity, sum = 0;
        foreach (float logit in logits)
        {
            max = Math.Max(max, logit);
        }

        foreach (float logit in logits)
        {
            sum += Math.Exp(logit - max);
        }

        return (Math.Log(sum) + max - logits[token]) / Math.Log(2);
    }

    private delegate void RowReader(int item, int position, ReadOnlySpan<float> row);

    /// <summary>Primes to the end and hands each position's logits over.</summary>
    private void ReadLogits(RowReader read)
    {
        _analysis ??= new Workspace(_backend);
        if (_chunkLogits.Buffer is null)
        {
            _chunkLogits = _analysis.Allocate("logits", ElementType.F32, BatchSize, _chunkLength, Spec.VocabularySize);
        }

        for (int count = NextChunkLength(); count > 0; count = NextChunkLength())
        {
            Tensor logits = _chunkLogits.Prefix(_window!.Items.Length, count, Spec.VocabularySize);
            _backend.Linear(Forward(count), _prior.Output, Activation.None, null, logits);
            ReadRows(logits, read);
            Advance(count);
        }
    }

    /// <summary>Primes to the end and hands each position's attention weights over, by cache slot.</summary>
    private void ReadChunks(int layer, int head, int slots, RowReader read)
    {
        _analysis ??= new Workspace(_backend);
        if (_chunkWeights.Buffer is null)
        {
            _chunkWeights = _analysis.Allocate("attention", ElementType.F32, BatchSize, _chunkLength, slots);
        }

        for (int count = NextChunkLength(); count > 0; count = NextChunkLength())
        {
            Tensor weights = _chunkWeights.Prefix(_window!.Items.Length, count, slots);
            Forward(count, new AttentionProbe(layer, head, weights));
            ReadRows(weights, read);
            Advance(count);
        }
    }

    private void ReadRows(Tensor rows, RowReader read)
    {
        int items = rows.Shape[0], count = rows.Shape[1], width = rows.Shape[2];
        float[] values = rows.ToArray<float>();
        for (int row = 0; row < items * count; row++)
        {
            read(row / count, _position + (row % count), values.AsSpan(row * width, width));
        }
    }

    /// <summary>Bits of the lyrics by the separate encoder's own output matrix.</summary>
    private double[] ScoreLyrics(PriorWindow window, int item)
    {
        int length = Spec.LyricsLength, vocabulary = Spec.LyricsVocabulary;
        EncodeLyrics(_prior.Lyrics!, window, item);
        using var scratch = new Workspace(_backend);
        Tensor logits = scratch.Allocate("lyrics.logits", ElementType.F32, length, vocabulary);
        _prior.Lyrics!.Logits(_state.Lyrics!, logits);
        float[] values = logits.ToArray<float>();
        var bits = new double[length];
        for (int j = 0; j < length; j++)
        {
            bits[j] = Bits(values.AsSpan(j * vocabulary, vocabulary), (int)LyricTokens(window, item)[j]);
        }

        return bits;
    }
}

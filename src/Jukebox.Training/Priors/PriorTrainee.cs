using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Training.Modules;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Priors;

/// <summary>What a prior's training needs to know beside the model.</summary>
public sealed record PriorTraineeOptions
{
    /// <summary>N: most windows of a batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Weight of the lyrics in the loss (<c>prime_loss_fraction</c>).</summary>
    public double LyricsLossFraction { get; init; } = 0.4;

    /// <summary>Whether layers keep only their input and run forward again in the backward pass: less memory, the same gradients.</summary>
    public bool RecomputeActivations { get; init; }
}

/// <summary>
/// The prior of one level in training: its forward pass over whole windows and, by hand, the gradients of the bits per token.
/// P is the length of the sequence, lyrics included where they share it, C the width. All memory is taken when it is made.
/// </summary>
public sealed class PriorTrainee : ITrainee<PriorBatch>
{
    private readonly ITrainingBackend _backend;
    private readonly PriorSpec _spec;
    private readonly VqVaeSpec _vqvae;
    private readonly PriorTraineeOptions _options;
    private readonly Workspace _memory;
    private readonly TrainableLabels? _labels;
    private readonly TrainableUpperCodes? _upperCodes;
    private readonly TrainableLyricsEncoder? _lyrics;
    private readonly TrainableEmbedding _embedding;
    private readonly TrainableTransformer _transformer;
    private readonly TokenLoss _loss;
    private readonly Tensor? _condition; // (N, P, C); none for an unlabelled top level
    private readonly Tensor? _dcondition; // (N, P, C), where the condition is added twice
    private readonly Tensor _gradient; // (N, P, C)

    /// <summary>Takes all memory; the parameters are zero.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="spec">The prior.</param>
    /// <param name="vqvae">Its VQ-VAE: the strides of the level above.</param>
    /// <param name="sampleRateHz">Samples per second of the lengths in label rows.</param>
    /// <param name="options">Batch, loss, memory.</param>
    public PriorTrainee(ITrainingBackend backend, PriorSpec spec, VqVaeSpec vqvae, int sampleRateHz, PriorTraineeOptions options)
    {
        (int n, int length, int width) = (options.BatchSize, spec.SequenceLength, spec.Transformer.Width);
        bool recompute = options.RecomputeActivations;
        _backend = backend;
        _spec = spec;
        _vqvae = vqvae;
        _options = options;
        _memory = new Workspace(backend);
        Parameters = new ParameterSet(backend, TensorTable.Of(spec, vqvae));
        try
        {
            _labels = spec.Labels is { } labels ? new TrainableLabels(backend, Parameters, spec, labels, sampleRateHz, _memory) : null;
            _upperCodes = spec.UpperCodes is null ? null : new TrainableUpperCodes(backend, Parameters, spec, vqvae, n, recompute, _memory);
            _lyrics = spec.LyricsEncoder is { } encoder ? new TrainableLyricsEncoder(backend, Parameters, spec, encoder, n, recompute, _memory) : null;
            _embedding = new TrainableEmbedding(backend, Parameters, "prior", hasStartToken: spec.Labels is null, n, _memory);
            _transformer = new TrainableTransformer(
                backend, Parameters, new StackShape(spec.Transformer, n, length, spec.LyricsLength), "prior.transformer", recompute, _memory);
            _loss = new TokenLoss(backend, Parameters, TensorTable.LogitsOf(spec), n, length, _memory);
            _gradient = _memory.Allocate("gradient", ElementType.F32, n, length, width);
            if (_upperCodes is not null || _labels is not null)
            {
                _condition = _memory.Allocate("condition", ElementType.F32, n, length, width);
                _condition.Value.Buffer.Fill(0); // lyric positions of a shared sequence have none, and nothing else writes them
                _dcondition = spec.MergedDecoder ? null : _memory.Allocate("dcondition", ElementType.F32, n, length, width);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ParameterSet Parameters { get; }

    /// <inheritdoc/>
    public long Operations => _options.BatchSize * (StackOperations + (_upperCodes?.Operations ?? 0));

    /// <inheritdoc/>
    public long ActivationBytes => _memory.LengthBytes + (_upperCodes?.LengthBytes ?? 0);

    /// <summary>Lyric positions that stand before the music in the same sequence.</summary>
    private int LyricPositions => _spec.SequenceLength - _spec.ContextLength;

    /// <summary>
    /// Of one window: every matrix is used forward, for its own gradient and for its input's; attention takes half as much again
    /// in the backward pass as twice its forward pass, for the scores that are computed anew.
    /// </summary>
    private long StackOperations
    {
        get
        {
            long products = 0;
            foreach (TensorEntry entry in Parameters.Entries.Where(entry => entry.StoredShape.Rank == 2))
            {
                bool ofLyrics = entry.Name.Contains(".c_enc_kv.", StringComparison.Ordinal)
                    || (entry.Name.StartsWith("prime_", StringComparison.Ordinal) && (entry.Role == TensorRole.Linear || entry.Name == TensorTable.LyricsLogits));
                bool ofMusic = entry.Name == TensorTable.LogitsOf(_spec) || entry.Name.StartsWith("prior.transformer.", StringComparison.Ordinal);
                products += entry.StoredShape.LengthElements * (ofLyrics ? _spec.LyricsLength : ofMusic ? _spec.SequenceLength : 0);
            }

            long attention = PriorTraffic.AttentionOperationsOf(_spec, 1, 0, _spec.SequenceLength);
            return (6 * products) + (7 * attention / 2);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The batch does not fit the prior.</exception>
    public IReadOnlyDictionary<string, double> ComputeGradients(PriorBatch batch, long step)
    {
        Forward(batch, withGradients: true);
        Backward(batch);
        return ReadMetrics(batch.Codes.Length);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The batch does not fit the prior.</exception>
    public IReadOnlyDictionary<string, double> Evaluate(PriorBatch batch)
    {
        Forward(batch, withGradients: false);
        return ReadMetrics(batch.Codes.Length);
    }

    /// <inheritdoc/>
    public IReadOnlyList<NamedState> SaveState() => [];

    /// <inheritdoc/>
    public void LoadState(WeightFile file)
    {
        // Nothing but the parameters changes in training.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _upperCodes?.Dispose();
        _memory.Dispose();
        Parameters.Dispose();
    }

    /// <summary>Conditions, embeddings, stack, losses; with gradients, those of the signal before the output matrices too.</summary>
    private void Forward(PriorBatch batch, bool withGradients)
    {
        batch.Check(_spec, _vqvae, _options.BatchSize);
        int items = batch.Codes.Length;
        Tensor? condition = _condition?.Slice(0, items); // (N, P, C)
        Tensor? states = null; // (N, L, C)
        EmbedLabels(batch);
        _upperCodes?.Forward(batch.UpperCodes!, condition!.Value);
        if (_lyrics is not null)
        {
            _lyrics.Forward([.. Enumerable.Range(0, items).Select(item => batch.LyricsOf(item, _spec))]);
            _lyrics.ComputeLoss(items, Scales(items, _spec.LyricsLength, 0), withGradients);
            states = _lyrics.States(items);
        }

        UploadTokens(batch);
        _embedding.Forward(condition, _transformer.Input(items));
        Tensor x = _transformer.Forward(items, states); // (N, P, C)
        if (condition is { } added && !_spec.MergedDecoder)
        {
            _backend.ScaledAdd(x, added, 1, x);
        }

        Tensor? gradient = withGradients ? _gradient.Slice(0, items) : null;
        _loss.Run(x, _embedding.Tokens(items), Scales(items, LyricPositions, _spec.ContextLength), gradient);
    }

    /// <summary>From the gradient of the signal before the output matrix back to every parameter.</summary>
    private void Backward(PriorBatch batch)
    {
        int items = batch.Codes.Length;
        Tensor gradient = _gradient.Slice(0, items), dcondition = _dcondition?.Slice(0, items) ?? gradient; // (N, P, C)
        if (_dcondition is not null)
        {
            _backend.Copy(gradient, dcondition);
        }

        _transformer.Backward(_lyrics?.States(items), gradient, _lyrics?.StateGradients(items));
        if (_dcondition is not null)
        {
            _backend.ScaledAdd(dcondition, gradient, 1, dcondition);
        }

        _embedding.Backward(gradient);
        _lyrics?.Backward(items);
        _upperCodes?.Backward(dcondition);
        for (int item = 0; item < items && _labels is not null; item++)
        {
            if (_upperCodes is null)
            {
                _labels.EmbedTimeGradient(batch.Labels[item], MusicOf(dcondition, item));
            }

            _labels.EmbedStartGradient(batch.Labels[item], _embedding.StartGradient(item));
        }
    }

    private void EmbedLabels(PriorBatch batch)
    {
        for (int item = 0; item < batch.Codes.Length && _labels is not null; item++)
        {
            _labels.EmbedStart(batch.Labels[item], _embedding.Start(item));
            if (_upperCodes is null)
            {
                _labels.EmbedTime(batch.Labels[item], MusicOf(_condition!.Value, item));
            }
        }
    }

    /// <summary>The music positions of an item of (N, P, C): (n_ctx, C).</summary>
    private Tensor MusicOf(Tensor rows, int item) =>
        rows.Slice(item, 1).Reshape(_spec.SequenceLength, _spec.Transformer.Width).Slice(LyricPositions, _spec.ContextLength);

    /// <summary>Lyrics as they are, then codes behind the lyric vocabulary, where both share the sequence.</summary>
    private void UploadTokens(PriorBatch batch)
    {
        int shift = _spec.VocabularySize - _spec.CodebookSize;
        for (int item = 0; item < batch.Codes.Length; item++)
        {
            int[] music = Array.ConvertAll(batch.Codes[item], code => code + shift);
            int[] tokens = LyricPositions == 0 ? music : [.. batch.LyricsOf(item, _spec), .. music];
            _embedding.Tokens(batch.Codes.Length).Slice(item, 1).Upload<int>(tokens);
        }
    }

    /// <summary>
    /// Factors in the loss of the bits of lyric positions, then music positions: with L lyric tokens and n_ctx codes, the loss is
    /// fraction · mean lyric bits · L / (L + n_ctx) + mean music bits · n_ctx / (L + n_ctx).
    /// </summary>
    private float[] Scales(int items, int lyricCount, int musicCount)
    {
        double each = 1.0 / ((double)items * (_spec.LyricsLength + _spec.ContextLength));
        var scales = new float[lyricCount + musicCount];
        scales.AsSpan(0, lyricCount).Fill((float)(_options.LyricsLossFraction * each));
        scales.AsSpan(lyricCount).Fill((float)each);
        return scales;
    }

    private Dictionary<string, double> ReadMetrics(int items)
    {
        float[] bits = _loss.ReadBits(items);
        int shared = LyricPositions, total = _spec.LyricsLength + _spec.ContextLength;
        double music = bits.Where((_, i) => i % _spec.SequenceLength >= shared).Average(value => (double)value);
        IEnumerable<float> lyricBits = _lyrics?.ReadBits(items) ?? bits.Where((_, i) => i % _spec.SequenceLength < shared);
        double lyrics = lyricBits.Select(value => (double)value).DefaultIfEmpty(0).Average();
        double loss = ((_options.LyricsLossFraction * lyrics * _spec.LyricsLength) + (music * _spec.ContextLength)) / total;
        return new Dictionary<string, double> { ["loss"] = loss, ["bpd"] = music, ["gen_loss"] = music, ["prime_loss"] = lyrics };
    }
}

using System.Globalization;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;

namespace Jukebox.Models.Priors;

/// <summary>A window of a top prior whose activations are wanted.</summary>
/// <param name="Codes">Music codes from the window's start on, at least one and at most the context length.</param>
/// <param name="Labels">The window's label row (<see cref="PriorSpec.LabelLength"/> numbers); empty for unlabelled priors.</param>
public sealed record ActivationWindow(int[] Codes, long[] Labels);

/// <summary>Takes what a layer puts out for consecutive music tokens of a window.</summary>
/// <param name="window">Index of the window.</param>
/// <param name="layer">The layer, counted from 1; 0 is the input of the first.</param>
/// <param name="first">The first token.</param>
/// <param name="rows">(tokens, width); valid during the call.</param>
public delegate void ActivationReader(int window, int layer, int first, ReadOnlySpan<float> rows);

/// <summary>
/// The activations of a top prior: of layer k the output of its k-th block, as the extractors of music features take them. Position t has
/// seen codes 0 … t − 1 only.
/// <para>
/// Layer by layer: every window goes through block k before any goes through block k + 1. Block k + 1 is read meanwhile and block k − 1 is out of
/// memory, nothing behind the deepest layer is read, and memory is that of two blocks and the windows' rows. A window's numbers do not depend on the
/// others, nor on the chunk length: the same bits as a <see cref="PriorRun"/> would compute on its way.
/// </para>
/// </summary>
public sealed class PriorActivations : IDisposable
{
    /// <summary>Positions that go through a block at once: enough rows for the arithmetic to be what takes the time.</summary>
    public const int DefaultChunkLength = 1024;

    private readonly IBackend _backend;
    private readonly WeightFile _file;
    private readonly VqVaeSpec _vqvae;
    private readonly DeviceWeights _inputWeights;
    private readonly Tensor _embedding, _positions; // (K, C), (P, C)
    private readonly Tensor? _startToken; // (1, C), of an unlabelled model
    private readonly LabelConditioner? _labels;
    private readonly LyricsEncoder? _lyrics;
    private readonly int _chunkLength;
    private readonly IReadOnlyList<TensorEntry> _table;
    private readonly HashSet<int> _soundBlocks = [];

    /// <summary>Loads what embeds tokens and labels; blocks are loaded as they are come to.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="model">The model; the caller disposes it after this.</param>
    /// <param name="level">Level of a prior that has none above it.</param>
    /// <param name="chunkLength">Positions that go through a block at once; it decides speed and memory, not results.</param>
    /// <exception cref="DamagedFileException">The model has no prior for that level, or its file is missing or damaged.</exception>
    /// <exception cref="ArgumentException">The prior depends on codes of a level above.</exception>
    public PriorActivations(IBackend backend, ModelFolder model, int level, int chunkLength = DefaultChunkLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunkLength);
        Spec = model.PriorOf(level);
        if (Spec.UpperCodes is not null)
        {
            throw new ArgumentException($"the prior of level {level} depends on the level above: only a top prior's activations can be had", nameof(level));
        }

        _backend = backend;
        _vqvae = model.Description.VqVae;
        _chunkLength = Math.Min(chunkLength, Spec.SequenceLength);
        _table = TensorTable.Of(Spec, _vqvae);
        _file = model.OpenPrior(level, content: false);
        _inputWeights = new DeviceWeights(backend, _file);
        try
        {
            WeightCheck.RequireFinite(_file, [.. InputTensors]);
            _embedding = _inputWeights["prior.x_emb.weight"];
            _positions = _inputWeights["prior.pos_emb.pos_emb"];
            _startToken = Spec.Labels is null ? _inputWeights["prior.start_token"] : null;
            _labels = Spec.Labels is { } labels
                ? new LabelConditioner(backend, name => _inputWeights[name], labels, model.Description.SampleRateHz, hasTime: true)
                : null;
            _lyrics = Spec.LyricsEncoder is { } encoder ? new LyricsEncoder(backend, _inputWeights, encoder) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The prior.</summary>
    public PriorSpec Spec { get; }

    /// <summary>What the last <see cref="Read"/> that came to its end read of the blocks.</summary>
    public BlockReading Reading { get; private set; } = new([], 0, 0);

    private int Width => Spec.Transformer.Width;

    /// <summary>Lyric positions that stand before the music in the same sequence.</summary>
    private int LyricPositions => Spec.SequenceLength - Spec.ContextLength;

    /// <summary>The table of the logits where it embeds no tokens: nothing here reads it.</summary>
    private string? SeparateLogits => Spec.MergedDecoder ? TensorTable.LogitsOf(Spec) : null;

    /// <summary>What embeds tokens and labels.</summary>
    private IEnumerable<TensorEntry> InputTensors => _table.Where(entry => BlockOf(entry) is null && entry.Name != SeparateLogits);

    /// <summary>Computes activations; the windows' rows are held meanwhile, (length · width) float32 each.</summary>
    /// <param name="windows">At least one window.</param>
    /// <param name="layers">Layers that are wanted, each at most once, from 0 (the first block's input) to the stack's depth.</param>
    /// <param name="read">Takes them: layer by layer in ascending order, within a layer window by window, within a window in consecutive pieces.</param>
    /// <param name="progress">Told, of each layer, how many there are to compute and how many are done.</param>
    /// <param name="cancellation">Stops it between two pieces.</param>
    /// <exception cref="ArgumentException">A layer is not there, or a window has too many codes, codes outside the codebook, or no fitting label row.</exception>
    /// <exception cref="DamagedFileException">A weight is not finite.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Read(
        IReadOnlyList<ActivationWindow> windows, IReadOnlyCollection<int> layers, ActivationReader read, Action<int, int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(windows.Count);
        int deepest = layers.Max();
        if (layers.Min() < 0 || deepest > Spec.Transformer.Depth || layers.Distinct().Count() != layers.Count)
        {
            throw new ArgumentException($"layers {string.Join(", ", layers)}: a stack of {Spec.Transformer.Depth} has each of 0 to {Spec.Transformer.Depth} once", nameof(layers));
        }

        foreach (ActivationWindow window in windows)
        {
            Check(window);
        }

        using var memory = new Workspace(_backend);
        var pass = new Pass(windows, [.. windows.Select((window, i) => memory.Allocate($"rows.{i}", ElementType.F32, LyricPositions + window.Codes.Length, Width))], read, cancellation)
        {
            Cursor = memory.Allocate("cursor", ElementType.I32, 2),
            Host = new float[_chunkLength * Width],
        };
        using var blocks = new BlockReader(_file, TensorsOf, deepest, _soundBlocks);
        Embed(pass, memory);
        _file.LetGo(ByteRange.Of(InputTensors.Select(entry => _file[entry.Name])));
        progress?.Invoke(0, deepest);
        HandOut(pass, 0, layers);
        var caches = new Dictionary<AttentionKind, KvCache>();
        BlockScratch? scratch = null;
        for (int depth = 0; depth < deepest; depth++)
        {
            blocks.Take(depth);
            using (var weights = new DeviceWeights(_backend, _file))
            {
                AttentionKind kind = Spec.Transformer.KindAt(depth);
                var block = new TransformerBlock(_backend, Spec.Transformer, LayerWeights.Load(weights, $"{BlockPrefix}{depth}", kind));
                scratch ??= new BlockScratch(Spec.Transformer, 1, _chunkLength, memory, "block");
                if (!caches.TryGetValue(kind, out KvCache? cache))
                {
                    cache = CacheOf(Spec, kind, _chunkLength, _backend.CacheType(block.MatrixType), memory);
                    caches.Add(kind, cache);
                }

                for (int window = 0; window < windows.Count; window++)
                {
                    Forward(pass, window, block, cache, scratch);
                }

                HandOut(pass, depth + 1, layers);
                _backend.Synchronize(); // before the block's weights are freed
            }

            blocks.LetGo(depth);
            progress?.Invoke(depth + 1, deepest);
        }

        Reading = blocks.Reading;
    }

    /// <inheritdoc/>
    public void Dispose() => _inputWeights.Dispose();

    private const string BlockPrefix = "prior.transformer._attn_mods.";

    /// <summary>The block of the stack that a tensor is of, counted from 0, or none.</summary>
    internal static int? BlockOf(TensorEntry entry) => entry.Name.StartsWith(BlockPrefix, StringComparison.Ordinal)
        ? int.Parse(entry.Name.AsSpan(BlockPrefix.Length, entry.Name.IndexOf('.', BlockPrefix.Length) - BlockPrefix.Length), CultureInfo.InvariantCulture)
        : null;

    private void Check(ActivationWindow window)
    {
        ArgumentOutOfRangeException.ThrowIfZero(window.Codes.Length);
        WindowChecks.Check(
            Spec,
            _vqvae,
            new PriorWindow
            {
                StartToken = 0,
                Items = [0],
                Labels = Spec.Labels is null ? [] : [window.Labels],
                Known = [window.Codes],
                Rule = new SamplingRule(),
                Seed = 0,
            },
            1);
    }

    /// <summary>What the table lists of a block.</summary>
    private TensorEntry[] TensorsOf(int depth) => [.. _table.Where(entry => BlockOf(entry) == depth)];

    /// <summary>Keys and values of one window in the layers of a kind, which come one after the other.</summary>
    internal static KvCache CacheOf(PriorSpec spec, AttentionKind kind, int chunkLength, ElementType type, Workspace memory)
    {
        TransformerSpec stack = spec.Transformer;
        var pattern = AttentionPattern.Create(kind, spec.SequenceLength, stack.BlockCount, chunkLength, stack.Spread, spec.LyricsLength);
        return new KvCache(memory, $"cache.{kind}", pattern, type, 1, stack.StateWidth);
    }

    /// <summary>The input of the first block of every window; its own memory goes with it.</summary>
    private void Embed(Pass pass, Workspace memory)
    {
        using var scratch = new Workspace(_backend);
        Tensor tokens = scratch.Allocate("tokens", ElementType.I32, 1, Spec.SequenceLength);
        Tensor start = scratch.Allocate("start", ElementType.F32, 1, Width);
        Tensor? condition = _labels is null ? null : scratch.Allocate("condition", ElementType.F32, 1, Spec.SequenceLength, Width);
        LabelScratch? labels = _labels is null ? null : new LabelScratch(scratch, _chunkLength, Width);
        condition?.Buffer.Fill(0); // lyric positions of a shared sequence have none
        var sequence = new int[Spec.SequenceLength];
        long[]? conditioned = null;
        for (int window = 0; window < pass.Windows.Count; window++)
        {
            (int[] codes, long[] row) = pass.Windows[window];
            PriorRun.FillTokens(Spec, LyricsOf(row), codes, sequence);
            tokens.Upload<int>(sequence);
            if (_labels is null)
            {
                _backend.Convert(_startToken!.Value, start);
            }
            else if (conditioned is null || !conditioned.AsSpan().SequenceEqual(row))
            {
                Tensor music = condition!.Value.Reshape(Spec.SequenceLength, Width).Slice(LyricPositions, Spec.ContextLength); // (n_ctx, C)
                _labels.EmbedStart(row, labels!, start);
                _labels.EmbedTime(row, labels!, music);
                conditioned = row;
            }

            InOrder(pass, window, x => _backend.Embed(tokens, _embedding, start, _positions, condition, pass.Cursor, x));
        }

        EncodeLyrics(pass, memory, scratch);
    }

    /// <summary>The states of every window's lyrics, (1, n_tokens, C); windows with the same lyrics share them.</summary>
    private void EncodeLyrics(Pass pass, Workspace memory, Workspace scratch)
    {
        if (_lyrics is null)
        {
            return;
        }

        var state = new LyricsEncoderState(Spec, Spec.LyricsEncoder!, _chunkLength, WeightStorage.Of(_backend, _file).CacheType, scratch);
        pass.KeysValues = memory.Allocate("keys_values", ElementType.F32, 1, Spec.LyricsLength, 2 * Spec.Transformer.StateWidth);
        for (int window = 0; window < pass.Windows.Count; window++)
        {
            int same = 0;
            while (!LyricsOf(pass.Windows[same].Labels).SequenceEqual(LyricsOf(pass.Windows[window].Labels)))
            {
                same++;
            }

            if (same < window)
            {
                pass.States.Add(pass.States[same]);
                continue;
            }

            _lyrics.Encode(Array.ConvertAll(LyricsOf(pass.Windows[window].Labels).ToArray(), token => (int)token), state);
            Tensor states = memory.Allocate($"lyrics.{window}", ElementType.F32, 1, Spec.LyricsLength, Width);
            _backend.Copy(state.States, states);
            pass.States.Add(states);
        }
    }

    private void Forward(Pass pass, int window, TransformerBlock block, KvCache cache, BlockScratch scratch)
    {
        if (_lyrics is not null)
        {
            pass.Cursor.Upload<int>([0, 0]);
            block.LoadStates(pass.States[window], 0, cache, pass.Cursor, pass.KeysValues);
        }

        InOrder(pass, window, x => block.Forward(x, cache, scratch, pass.Cursor));
    }

    private void HandOut(Pass pass, int layer, IReadOnlyCollection<int> layers)
    {
        for (int window = 0; window < pass.Windows.Count && layers.Contains(layer); window++)
        {
            foreach ((Tensor x, int first) in Pieces(pass, window))
            {
                int lyrics = Math.Clamp(LyricPositions - first, 0, x.Shape[1]);
                if (lyrics < x.Shape[1])
                {
                    Span<float> rows = pass.Host.AsSpan(0, checked((int)x.LengthElements));
                    x.Download(rows);
                    pass.Read(window, layer, first + lyrics - LyricPositions, rows[(lyrics * Width)..]);
                }
            }
        }
    }

    private ReadOnlySpan<long> LyricsOf(long[] row) => Spec.LyricsLength == 0 ? [] : row.AsSpan(^Spec.LyricsLength);

    /// <summary>Computes what depends on what came before it: piece after piece of a window, the cursor at the first position of each.</summary>
    private void InOrder(Pass pass, int window, Action<Tensor> compute)
    {
        pass.Cursor.Upload<int>([0, 0]);
        foreach ((Tensor x, _) in Pieces(pass, window))
        {
            compute(x);
            _backend.Advance(pass.Cursor, x.Shape[1]);
        }
    }

    /// <summary>The rows of a window, (1, T, C) at a time, each with its first position.</summary>
    private IEnumerable<(Tensor X, int First)> Pieces(Pass pass, int window)
    {
        Tensor rows = pass.Rows[window]; // (L, C)
        for (int first = 0; first < rows.Shape[0]; first += _chunkLength)
        {
            pass.Cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(_chunkLength, rows.Shape[0] - first);
            yield return (rows.Slice(first, count).Reshape(1, count, Width), first);
        }
    }

    /// <summary>What one call of <see cref="Read"/> works on.</summary>
    private sealed record Pass(IReadOnlyList<ActivationWindow> Windows, Tensor[] Rows, ActivationReader Read, CancellationToken Cancellation)
    {
        /// <summary>(2) I32.</summary>
        public required Tensor Cursor { get; init; }

        /// <summary>A piece's rows, on the host.</summary>
        public required float[] Host { get; init; }

        /// <summary>The lyrics' states of each window, where there is an encoder.</summary>
        public List<Tensor> States { get; } = [];

        /// <summary>(1, n_tokens, 2S): keys and values of one cross layer.</summary>
        public Tensor KeysValues { get; set; }
    }
}

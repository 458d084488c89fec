using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Tests.Cost;

/// <summary>One layer of a prior at its real shape, issued as the models issue it.</summary>
internal sealed class StepLayer
{
    private readonly IBackend _backend;
    private readonly TransformerSpec _stack;
    private readonly AttentionPattern _pattern;
    private readonly LayerNormWeights _norm;
    private readonly PackedMatrix _projection, _attentionOutput, _mlpInput, _mlpOutput;
    private readonly Tensor _keys, _values;
    private readonly StepActivations _activations;

    /// <summary>Makes the layer's weights and caches.</summary>
    public StepLayer(StepMemory memory, PriorSpec spec, AttentionKind kind, StepActivations activations)
    {
        (_backend, _stack, _activations) = (memory.Backend, spec.Transformer, activations);
        int width = _stack.Width, state = _stack.StateWidth, hidden = _stack.HiddenWidth;
        _pattern = AttentionPattern.Create(kind, spec.SequenceLength, _stack.BlockCount, activations.Count, _stack.Spread, spec.LyricsLength);
        _norm = new LayerNormWeights(memory.Tensor(ElementType.F32, width), memory.Tensor(ElementType.F32, width));
        _projection = memory.Linear(width, kind == AttentionKind.LyricsCross ? state : 3 * state);
        _attentionOutput = memory.Linear(state, width);
        _mlpInput = memory.Linear(width, hidden);
        _mlpOutput = memory.Linear(hidden, width);
        _keys = memory.Tensor(memory.Storage, activations.BatchSize, _pattern.CacheLength, state);
        _values = memory.Tensor(memory.Storage, activations.BatchSize, _pattern.CacheLength, state);
    }

    /// <summary>Issues the layer's operations.</summary>
    public void Issue()
    {
        StepActivations a = _activations;
        bool cross = _pattern.Kind == AttentionKind.LyricsCross;
        Tensor projected = a.Projected.Prefix(a.BatchSize, a.Count, _projection.OutputWidth);
        CacheAppend? append = cross ? null : new CacheAppend(_keys, _values, _pattern, a.Cursor);
        _backend.NormLinear(a.X, _norm, _projection, Activation.None, append, a.Normed, projected);
        _backend.Attend(projected, _keys, _values, _pattern, _stack.Heads, a.Cursor, a.Attended);
        _backend.Linear(a.Attended, _attentionOutput, Activation.None, a.X, a.X);
        _backend.NormLinear(a.X, _norm, _mlpInput, Activation.QuickGelu, null, a.Normed, a.Hidden);
        _backend.Linear(a.Hidden, _mlpOutput, Activation.None, a.X, a.X);
    }
}

/// <summary>What the layers of a step hand from one to the next.</summary>
internal sealed class StepActivations
{
    private readonly int _position;

    /// <summary>Room for <paramref name="count"/> positions from <paramref name="position"/> on.</summary>
    public StepActivations(StepMemory memory, PriorSpec spec, int batchSize, int position, int count)
    {
        (BatchSize, Count, _position) = (batchSize, count, position);
        TransformerSpec stack = spec.Transformer;
        X = memory.Tensor(ElementType.F32, batchSize, count, stack.Width);
        Normed = memory.Tensor(ElementType.F32, batchSize, count, stack.Width);
        Projected = memory.Tensor(ElementType.F32, batchSize, count, 3 * stack.StateWidth);
        Attended = memory.Tensor(ElementType.F32, batchSize, count, stack.StateWidth);
        Hidden = memory.Tensor(ElementType.F32, batchSize, count, stack.HiddenWidth);
        Cursor = memory.Tensor(ElementType.I32, 2);
        Rewind();
    }

    public int BatchSize { get; }

    public int Count { get; }

    /// <summary>(N, T, C).</summary>
    public Tensor X { get; }

    /// <summary>(N, T, C).</summary>
    public Tensor Normed { get; }

    /// <summary>(N, T, 3S); cross layers use (N, T, S) of it.</summary>
    public Tensor Projected { get; }

    /// <summary>(N, T, S).</summary>
    public Tensor Attended { get; }

    /// <summary>(N, T, H).</summary>
    public Tensor Hidden { get; }

    /// <summary>(2) I32.</summary>
    public Tensor Cursor { get; }

    /// <summary>Puts the cursor back.</summary>
    public void Rewind() => Cursor.Upload<int>([_position, _position]);
}

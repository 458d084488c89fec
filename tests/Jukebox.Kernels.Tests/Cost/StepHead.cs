using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Tests.Cost;

/// <summary>What stands around the layers of a step: embedding, the condition's second addition, logits, draw, advance.</summary>
internal sealed class StepHead
{
    private const int DrawnRing = 32;

    private readonly IBackend _backend;
    private readonly PriorSpec _spec;
    private readonly StepActivations _activations;
    private readonly Tensor _tokens, _items, _drawn, _start, _condition, _logits, _table, _positions;
    private readonly PackedMatrix _output;

    /// <summary>Makes the tables.</summary>
    public StepHead(StepMemory memory, PriorSpec spec, StepActivations activations)
    {
        (_backend, _spec, _activations) = (memory.Backend, spec, activations);
        int batchSize = activations.BatchSize, length = spec.SequenceLength, width = spec.Transformer.Width, vocabulary = spec.VocabularySize;
        _tokens = memory.Tensor(ElementType.I32, batchSize, length);
        _items = memory.Tensor(ElementType.I32, batchSize);
        _drawn = memory.Tensor(ElementType.I32, DrawnRing, batchSize);
        _start = memory.Tensor(ElementType.F32, batchSize, width);
        _condition = memory.Tensor(ElementType.F32, batchSize, length, width);
        _logits = memory.Tensor(ElementType.F32, batchSize, vocabulary);
        _table = memory.Tensor(memory.Storage, vocabulary, width);
        _positions = memory.Tensor(memory.Storage, length, width);
        _output = memory.Linear(width, vocabulary, outputMajor: true);
    }

    /// <summary>Issues what comes before the layers.</summary>
    public void IssueBefore() =>
        _backend.Embed(_tokens, _table, _start, _positions, _condition, _activations.Cursor, _activations.X);

    /// <summary>Issues what comes after them.</summary>
    public void IssueAfter()
    {
        Tensor x = _activations.X, cursor = _activations.Cursor;
        if (!_spec.MergedDecoder)
        {
            _backend.AddAt(x, _condition, cursor, x);
        }

        _backend.Linear(x, _output, Activation.None, null, _logits);
        _backend.SampleTokens(_logits, new SamplingRule(0.99f), 1, _spec.Level, _items, cursor, _tokens, _drawn);
        _backend.Advance(cursor, 1);
    }
}

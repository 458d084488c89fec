using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Tests.Cost;

namespace Jukebox.Benchmarks;

/// <summary>A whole step of a prior at its real shape, every layer with weights of its own, so that no cache holds them.</summary>
internal sealed class TimedStep : IDisposable
{
    private readonly StepMemory _memory;
    private readonly StepActivations _activations;
    private readonly StepHead _head;
    private readonly StepLayer[] _layers;

    public TimedStep(IBackend backend, PriorSpec spec, int batchSize)
    {
        _memory = new StepMemory(backend, ElementType.F16);
        _activations = new StepActivations(_memory, spec, batchSize, StepCost.MiddleOf(spec), 1);
        _head = new StepHead(_memory, spec, _activations);
        _layers = [.. Enumerable.Range(0, spec.Transformer.Depth).Select(depth => new StepLayer(_memory, spec, spec.Transformer.KindAt(depth), _activations))];
    }

    /// <summary>Issues every operation of the step.</summary>
    public void Issue()
    {
        _head.IssueBefore();
        foreach (StepLayer layer in _layers)
        {
            layer.Issue();
        }

        _head.IssueAfter();
    }

    /// <summary>Goes back to where the step began.</summary>
    public void Rewind() => _activations.Rewind();

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}

using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Priors;

/// <summary>
/// A stack of blocks over whole windows, (N, T, C) to (N, T, C); no norm after the last. It keeps every block's input, and with
/// <em>recomputing</em> nothing else: the backward pass then runs each block forward again, which gives the same bits.
/// </summary>
internal sealed class TrainableTransformer
{
    private readonly TrainableLayer[] _layers;
    private readonly LayerActivations[] _kept; // of each block; one for all of them where they are recomputed
    private readonly LayerScratch _scratch;
    private readonly Tensor[] _signals; // (N, T, C): the input of each block, and the last one's output
    private readonly bool _recompute;

    /// <summary>Finds the parameters and takes all memory.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="parameters">Where <c>prefix._attn_mods.0</c> and so on are.</param>
    /// <param name="shape">The stack and its window.</param>
    /// <param name="prefix">Of the parameters' names.</param>
    /// <param name="recompute">Whether blocks keep their input only.</param>
    /// <param name="memory">Where activations go, under names that begin with the prefix.</param>
    public TrainableTransformer(ITrainingBackend backend, ParameterSet parameters, StackShape shape, string prefix, bool recompute, Workspace memory)
    {
        int depth = shape.Spec.Depth;
        _recompute = recompute;
        _scratch = LayerScratch.Allocate(memory, $"{prefix}.scratch", shape);
        _kept = new LayerActivations[depth];
        if (recompute)
        {
            Array.Fill(_kept, LayerActivations.Allocate(memory, $"{prefix}.kept", shape, null));
        }

        _layers = new TrainableLayer[depth];
        _signals = new Tensor[depth + 1];
        for (int i = 0; i <= depth; i++)
        {
            _signals[i] = memory.Allocate($"{prefix}.{i}.input", ElementType.F32, shape.BatchSize, shape.Length, shape.Spec.Width);
            if (i < depth)
            {
                _layers[i] = new TrainableLayer(backend, parameters, shape.Spec, shape.PatternAt(i), $"{prefix}._attn_mods.{i}");
                _kept[i] = recompute ? _kept[i] : LayerActivations.Allocate(memory, $"{prefix}.{i}", shape, shape.Spec.KindAt(i));
            }
        }
    }

    /// <summary>Where the input of so many items goes, (N, T, C).</summary>
    public Tensor Input(int items) => _signals[0].Slice(0, items);

    /// <summary>Runs every block on what is in <see cref="Input"/>.</summary>
    /// <param name="items">N.</param>
    /// <param name="states">(N, E, C): encoder states of cross layers, or none.</param>
    /// <returns>(N, T, C); the backward pass does not need it.</returns>
    public Tensor Forward(int items, Tensor? states)
    {
        for (int i = 0; i < _layers.Length; i++)
        {
            TrainableLayer layer = _layers[i];
            layer.Forward(_signals[i].Slice(0, items), states, KeptOf(i, items), ScratchOf(layer, items), _signals[i + 1].Slice(0, items));
        }

        return _signals[^1].Slice(0, items);
    }

    /// <summary>Turns the gradient of the output into that of the input, in place, and adds those of parameters and states.</summary>
    /// <param name="states">(N, E, C) of the forward pass, or none.</param>
    /// <param name="gradient">(N, T, C).</param>
    /// <param name="dstates">(N, E, C): grows; or none.</param>
    public void Backward(Tensor? states, Tensor gradient, Tensor? dstates)
    {
        int items = gradient.Shape[0];
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            TrainableLayer layer = _layers[i];
            Tensor x = _signals[i].Slice(0, items);
            LayerActivations kept = KeptOf(i, items);
            LayerScratch scratch = ScratchOf(layer, items);
            if (_recompute)
            {
                layer.ComputeActivations(x, states, kept, scratch);
            }

            layer.Backward(x, states, kept, scratch, gradient, dstates);
        }
    }

    private LayerActivations KeptOf(int depth, int items) => _kept[depth].First(items, _layers[depth].ProjectedWidth);

    private LayerScratch ScratchOf(TrainableLayer layer, int items) => _scratch.First(items, layer.KeyCount, layer.ProjectedWidth);
}

using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Training.Modules;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Priors;

/// <summary>
/// The separate lyrics encoder: a small transformer over the lyric tokens, projected to the main model's width and normed,
/// with an output matrix of its own, so that it also learns to predict the lyrics. E is its width, L the lyrics' length.
/// </summary>
internal sealed class TrainableLyricsEncoder
{
    private readonly ITrainingBackend _backend;
    private readonly TrainableEmbedding _embedding;
    private readonly TrainableTransformer _transformer;
    private readonly Trained<LinearWeights> _projection; // (E, C)
    private readonly Trained<LayerNormWeights> _norm; // (C)
    private readonly TokenLoss _loss;
    private readonly Tensor _projected; // (N, L, C)
    private readonly Tensor _states, _dstates; // (N, L, C)
    private readonly Tensor _gradient; // (N, L, E)
    private Tensor _encoded; // (N, L, E): the transformer's output in the last forward pass

    /// <summary>Finds the parameters and takes all memory.</summary>
    public TrainableLyricsEncoder(
        ITrainingBackend backend, ParameterSet parameters, PriorSpec prior, TransformerSpec spec, int batchSize, bool recompute, Workspace memory)
    {
        int length = prior.LyricsLength, width = prior.Transformer.Width;
        _backend = backend;
        _embedding = new TrainableEmbedding(backend, parameters, "prime_prior", hasStartToken: true, batchSize, memory);
        _transformer = new TrainableTransformer(
            backend, parameters, new StackShape(spec, batchSize, length, 0), "prime_prior.transformer", recompute, memory);
        _projection = parameters.Linear("prime_state_proj");
        _norm = parameters.LayerNorm("prime_state_ln");
        _loss = new TokenLoss(backend, parameters, TensorTable.LyricsLogits, batchSize, length, memory);
        _projected = memory.Allocate("prime_state_proj.y", ElementType.F32, batchSize, length, width);
        _states = memory.Allocate("prime_state_ln.y", ElementType.F32, batchSize, length, width);
        _dstates = memory.Allocate("prime_state_ln.dy", ElementType.F32, batchSize, length, width);
        _gradient = memory.Allocate("prime_prior.gradient", ElementType.F32, batchSize, length, spec.Width);
    }

    /// <summary>What the main model attends to, (N, L, C).</summary>
    public Tensor States(int items) => _states.Slice(0, items);

    /// <summary>The gradient of <see cref="States"/>, (N, L, C): the loss writes it, cross layers add to it.</summary>
    public Tensor StateGradients(int items) => _dstates.Slice(0, items);

    /// <summary>Encodes each item's lyrics.</summary>
    public void Forward(int[][] lyrics)
    {
        int items = lyrics.Length;
        Tensor tokens = _embedding.Tokens(items), states = States(items), projected = _projected.Slice(0, items);
        for (int item = 0; item < items; item++)
        {
            tokens.Slice(item, 1).Upload<int>(lyrics[item]);
        }

        _embedding.Forward(null, _transformer.Input(items));
        _encoded = _transformer.Forward(items, null);
        _backend.LinearForward(_encoded, _projection.Value, null, projected);
        _backend.LayerNorm(projected, _norm.Value.Gain, _norm.Value.Bias, states);
    }

    /// <summary>Bits of the lyrics; with gradients, begins <see cref="StateGradients"/>.</summary>
    /// <param name="items">N.</param>
    /// <param name="scales">Factor in the loss of each position's bits, (L).</param>
    /// <param name="withGradients">Whether they are wanted.</param>
    public void ComputeLoss(int items, ReadOnlySpan<float> scales, bool withGradients) =>
        _loss.Run(States(items), _embedding.Tokens(items), scales, withGradients ? StateGradients(items) : null);

    /// <summary>Bits of each lyric token, item by item; waits for them.</summary>
    public float[] ReadBits(int items) => _loss.ReadBits(items);

    /// <summary>Adds the parameters' gradients, from <see cref="StateGradients"/> on.</summary>
    public void Backward(int items)
    {
        Tensor projected = _projected.Slice(0, items), dstates = StateGradients(items), gradient = _gradient.Slice(0, items);
        _backend.LayerNormGradient(projected, _norm.Value.Gain, dstates, null, dstates, _norm.Gradient);
        _backend.LinearWeightGradient(_encoded, dstates, _projection.Gradient);
        _backend.LinearInputGradient(dstates, _projection.Value, null, gradient);
        _transformer.Backward(null, gradient, null);
        _embedding.Backward(gradient);
    }
}

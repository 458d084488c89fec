using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Training.Modules;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Priors;

/// <summary>
/// What goes into a stack: the embedding of the token before, or the start where there is none, plus position, plus condition.
/// </summary>
internal sealed class TrainableEmbedding
{
    private readonly ITrainingBackend _backend;
    private readonly Trained<Tensor> _table; // (K, C)
    private readonly Trained<Tensor> _positions; // (T, C)
    private readonly Trained<Tensor>? _startToken; // (1, C), of a model without labels
    private readonly Tensor _tokens; // (N, T) I32
    private readonly Tensor _start, _dstart; // (N, C)
    private readonly Tensor _cursor; // (2) I32: position 0

    /// <summary>Finds the parameters and takes all memory.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="parameters">Where <c>prefix.x_emb.weight</c> and so on are.</param>
    /// <param name="prefix">Of the parameters' names.</param>
    /// <param name="hasStartToken">Whether the start is a parameter; else it is set from outside.</param>
    /// <param name="batchSize">N: most items.</param>
    /// <param name="memory">Where activations go, under names that begin with the prefix.</param>
    public TrainableEmbedding(ITrainingBackend backend, ParameterSet parameters, string prefix, bool hasStartToken, int batchSize, Workspace memory)
    {
        _backend = backend;
        _table = parameters.Tensor($"{prefix}.x_emb.weight");
        _positions = parameters.Tensor($"{prefix}.pos_emb.pos_emb");
        _startToken = hasStartToken ? parameters.Tensor($"{prefix}.start_token") : null;
        int length = _positions.Value.Shape[0], width = _positions.Value.Shape[1];
        _tokens = memory.Allocate($"{prefix}.tokens", ElementType.I32, batchSize, length);
        _start = memory.Allocate($"{prefix}.start", ElementType.F32, batchSize, width);
        _dstart = memory.Allocate($"{prefix}.dstart", ElementType.F32, batchSize, width);
        _cursor = memory.Allocate($"{prefix}.cursor", ElementType.I32, 2);
        _cursor.Upload<int>([0, 0]);
    }

    /// <summary>Tokens of so many items, (N, T) I32.</summary>
    public Tensor Tokens(int items) => _tokens.Slice(0, items);

    /// <summary>What stands before the first token of an item, (1, C).</summary>
    public Tensor Start(int item) => _start.Slice(item, 1);

    /// <summary>The gradient of <see cref="Start"/> after the backward pass, (1, C).</summary>
    public Tensor StartGradient(int item) => _dstart.Slice(item, 1);

    /// <summary>Embeds <see cref="Tokens"/>.</summary>
    /// <param name="condition">(N, T, C), or none.</param>
    /// <param name="x">(N, T, C).</param>
    public void Forward(Tensor? condition, Tensor x)
    {
        int items = x.Shape[0];
        if (_startToken is { } token)
        {
            for (int item = 0; item < items; item++)
            {
                _backend.Copy(token.Value, Start(item));
            }
        }

        _backend.Embed(Tokens(items), _table.Value, _start.Slice(0, items), _positions.Value, condition, _cursor, x);
    }

    /// <summary>Adds the parameters' gradients and writes <see cref="StartGradient"/>; that of the condition is dx itself.</summary>
    /// <param name="dx">(N, T, C).</param>
    public void Backward(Tensor dx)
    {
        int items = dx.Shape[0];
        _backend.EmbedGradient(Tokens(items), dx, _table.Gradient, _dstart.Slice(0, items), _positions.Gradient);
        if (_startToken is { } token)
        {
            for (int item = 0; item < items; item++)
            {
                _backend.ScaledAdd(token.Gradient, StartGradient(item), 1, token.Gradient);
            }
        }
    }
}

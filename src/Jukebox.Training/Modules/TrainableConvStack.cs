using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.VqVaes;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Modules;

/// <summary>
/// Convolutional layers in a row, from (N, T, Cin) to (N, T′, Cout), forward and backward: an encoder or decoder of the VQ-VAE,
/// or the conditioner of a prior, as <see cref="ConvLayout"/> lists them. Its parameters are those of a
/// <see cref="ParameterSet"/>; what it owns are the activations.
/// </summary>
internal sealed class TrainableConvStack : IDisposable
{
    private readonly ITrainingBackend _backend;
    private readonly TrainableConvLayer[] _layers;
    private readonly bool _recompute;
    private readonly Tensor[] _inputs; // of each layer in the last forward pass, (N, T, Cin)
    private readonly Tensor[] _hidden; // room for each layer's hidden signal; one for all of them where it is recomputed
    private readonly Tensor[] _outputs; // room for each layer's output
    private Workspace? _memory;
    private Tensor _gradientA, _gradientB, _hiddenGradient;

    /// <summary>Finds the parameters; <see cref="Reserve"/> must follow.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="parameters">Where each layer's weight and bias are.</param>
    /// <param name="layout">The layers in the order they run.</param>
    /// <param name="recompute">
    /// Whether residual blocks compute their hidden signal again in the backward pass instead of keeping it: less memory for
    /// more time, the same bits.
    /// </param>
    public TrainableConvStack(ITrainingBackend backend, ParameterSet parameters, IReadOnlyList<ConvLayerSpec> layout, bool recompute = false)
    {
        _backend = backend;
        _recompute = recompute;
        _layers = [.. layout.Select(spec => new TrainableConvLayer(backend, parameters, spec))];
        _inputs = new Tensor[_layers.Length];
        _hidden = new Tensor[_layers.Length];
        _outputs = new Tensor[_layers.Length];
    }

    /// <summary>Channels in.</summary>
    public int InputWidth => _layers[0].InputWidth;

    /// <summary>Channels out.</summary>
    public int OutputWidth => _layers[^1].OutputWidth;

    /// <summary>Bytes of activations and of scratch.</summary>
    public long LengthBytes => _memory?.LengthBytes ?? 0;

    /// <summary>Positions out for that many in.</summary>
    public int OutputLength(int inputLength) => _layers.Aggregate(inputLength, (length, layer) => layer.OutputLength(length));

    /// <summary>Multiplications and additions of a forward and backward pass over one signal.</summary>
    /// <param name="inputLength">T.</param>
    /// <param name="withInput">Whether the gradient of the stack's input is computed too.</param>
    public long Operations(int inputLength, bool withInput)
    {
        long operations = 0;
        for (int i = 0; i < _layers.Length; i++)
        {
            operations += _layers[i].Operations(inputLength, withInput || i > 0);
            inputLength = _layers[i].OutputLength(inputLength);
        }

        return operations;
    }

    /// <summary>Takes the memory for signals of up to that many items and positions. Once per stack; a step allocates nothing.</summary>
    public void Reserve(int batchSize, int inputLength)
    {
        if (_memory is not null)
        {
            throw new InvalidOperationException("the stack's memory is already reserved");
        }

        _memory = new Workspace(_backend);
        int length = inputLength, largestInput = 0, largestHidden = 0;
        for (int i = 0; i < _layers.Length; i++)
        {
            TrainableConvLayer layer = _layers[i];
            largestInput = Math.Max(largestInput, checked(length * layer.InputWidth));
            largestHidden = Math.Max(largestHidden, checked(length * layer.HiddenWidth));
            if (!_recompute && layer.HiddenWidth > 0)
            {
                _hidden[i] = Allocate($"{i}.hidden", batchSize, length * layer.HiddenWidth);
            }

            length = layer.OutputLength(length);
            _outputs[i] = Allocate($"{i}.output", batchSize, length * layer.OutputWidth);
        }

        _gradientA = Allocate("gradient.a", batchSize, largestInput);
        _gradientB = Allocate("gradient.b", batchSize, largestInput);
        _hiddenGradient = Allocate("gradient.hidden", batchSize, largestHidden);
        if (_recompute)
        {
            Array.Fill(_hidden, Allocate("hidden", batchSize, largestHidden));
        }
    }

    /// <summary>Runs every layer over whole signals, zeros beyond their ends, and keeps what <see cref="Backward"/> needs.</summary>
    /// <param name="x">(N, T, Cin); must stay as it is until the backward pass.</param>
    /// <returns>(N, T′, Cout), the stack's own: it stays until the next forward pass.</returns>
    public Tensor Forward(Tensor x)
    {
        int batch = x.Shape[0];
        for (int i = 0; i < _layers.Length; i++)
        {
            TrainableConvLayer layer = _layers[i];
            _inputs[i] = x;
            Tensor y = _outputs[i].Prefix(batch, layer.OutputLength(x.Shape[1]), layer.OutputWidth);
            layer.Forward(x, HiddenOf(i, _hidden[i]), y);
            x = y;
        }

        return x;
    }

    /// <summary>The gradients of the last forward pass: those of the parameters are added to theirs.</summary>
    /// <param name="dy">(N, T′, Cout).</param>
    /// <param name="dx">(N, T, Cin), written; or none. Not dy.</param>
    public void Backward(Tensor dy, Tensor? dx)
    {
        Tensor free = _gradientA, next = _gradientB;
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            Tensor x = _inputs[i], hidden = HiddenOf(i, _hidden[i]);
            if (_recompute && _layers[i].HiddenWidth > 0)
            {
                _layers[i].ComputeHidden(x, hidden);
            }

            Tensor? inputGradient = i == 0 ? dx : free.Prefix(x.Shape[0], x.Shape[1], x.Shape[2]);
            _layers[i].Backward(x, hidden, dy, HiddenOf(i, _hiddenGradient), inputGradient);
            dy = inputGradient ?? dy;
            (free, next) = (next, free);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory?.Dispose();

    private Tensor Allocate(string name, int batchSize, int elements) => _memory!.Allocate(name, ElementType.F32, checked(batchSize * elements));

    /// <summary>Room as the hidden signal of a residual block, (N, T, H); nothing of it for other layers.</summary>
    private Tensor HiddenOf(int index, Tensor room) => _layers[index].HiddenWidth > 0
        ? room.Prefix(_inputs[index].Shape[0], _inputs[index].Shape[1], _layers[index].HiddenWidth)
        : room;
}

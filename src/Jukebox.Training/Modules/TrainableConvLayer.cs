using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.VqVaes;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Modules;

/// <summary>
/// One layer of a <see cref="TrainableConvStack"/>. C is its width in, H that of the hidden signal of a residual block, which
/// lies between its two convolutions, before the ReLU.
/// </summary>
internal sealed class TrainableConvLayer
{
    private static readonly ConvGeometry Pointwise = new(1, 1, 0);

    private readonly ITrainingBackend _backend;
    private readonly ConvLayerSpec _spec;
    private readonly Trained<ConvWeights> _first;
    private readonly Trained<ConvWeights> _pointwise; // of residual blocks

    /// <summary>Finds the layer's parameters and their gradients.</summary>
    public TrainableConvLayer(ITrainingBackend backend, ParameterSet parameters, ConvLayerSpec spec)
    {
        _backend = backend;
        _spec = spec;
        _first = parameters.Conv(spec.Name);
        if (spec.PointwiseName is { } name)
        {
            _pointwise = parameters.Conv(name);
            HiddenWidth = _first.Value.OutputWidth;
        }
    }

    /// <summary>Channels in.</summary>
    public int InputWidth => _first.Value.InputWidth;

    /// <summary>Channels out.</summary>
    public int OutputWidth => HiddenWidth > 0 ? _pointwise.Value.OutputWidth : _first.Value.OutputWidth;

    /// <summary>Channels of a residual block's hidden signal; 0 for other layers.</summary>
    public int HiddenWidth { get; }

    /// <summary>Positions out for that many in.</summary>
    public int OutputLength(int inputLength) => _spec.Kind == ConvLayerKind.Transposed
        ? _spec.Geometry.TransposedOutputLength(inputLength, _first.Value.Taps)
        : _spec.Geometry.OutputLength(inputLength, _first.Value.Taps);

    /// <summary>Multiplications and additions of a forward and backward pass over one signal.</summary>
    /// <param name="inputLength">T.</param>
    /// <param name="withInput">Whether the gradient of the input is computed too.</param>
    public long Operations(int inputLength, bool withInput)
    {
        // Each convolution is done once forward, once for its filter, and once for its input.
        ConvWeights first = _first.Value;
        long positions = _spec.Kind == ConvLayerKind.Transposed ? inputLength : OutputLength(inputLength);
        long products = positions * first.Taps * first.InputWidth * first.OutputWidth * (withInput ? 3 : 2);
        long pointwise = HiddenWidth > 0 ? 3 * positions * HiddenWidth * OutputWidth : 0;
        return 2 * (products + pointwise);
    }

    /// <summary>x (N, T, Cin) to y (N, T′, Cout).</summary>
    /// <param name="x">(N, T, Cin).</param>
    /// <param name="hidden">(N, T, H), written; residual blocks only.</param>
    /// <param name="y">(N, T′, Cout).</param>
    public void Forward(Tensor x, Tensor hidden, Tensor y)
    {
        switch (_spec.Kind)
        {
            case ConvLayerKind.Convolution:
                _backend.Conv1d(x, _first.Value, _spec.Geometry, false, null, 1, y);
                break;
            case ConvLayerKind.Transposed:
                _backend.TransposedConv1d(x, _first.Value, _spec.Geometry, y);
                break;
            default:
                ComputeHidden(x, hidden);
                _backend.Conv1d(hidden, _pointwise.Value, Pointwise, true, x, _spec.Scale, y);
                break;
        }
    }

    /// <summary>A residual block's hidden signal, as <see cref="Forward"/> gives it.</summary>
    public void ComputeHidden(Tensor x, Tensor hidden) => _backend.Conv1d(x, _first.Value, _spec.Geometry, true, null, 1, hidden);

    /// <summary>Adds the parameters' gradients, and writes the input's unless there is no need of it.</summary>
    /// <param name="x">(N, T, Cin), the input of the forward pass.</param>
    /// <param name="hidden">(N, T, H), its hidden signal; residual blocks only.</param>
    /// <param name="dy">(N, T′, Cout).</param>
    /// <param name="dhidden">(N, T, H) scratch; residual blocks only.</param>
    /// <param name="dx">(N, T, Cin), or none; not dy.</param>
    public void Backward(Tensor x, Tensor hidden, Tensor dy, Tensor dhidden, Tensor? dx)
    {
        switch (_spec.Kind)
        {
            case ConvLayerKind.Convolution:
                _backend.Conv1dWeightGradient(x, false, dy, _spec.Geometry, 1, _first.Gradient);
                if (dx is { } ofConvolution)
                {
                    _backend.Conv1dInputGradient(dy, _first.Value, _spec.Geometry, null, 1, null, ofConvolution);
                }

                break;
            case ConvLayerKind.Transposed:
                _backend.TransposedConv1dWeightGradient(x, dy, _spec.Geometry, _first.Gradient);
                if (dx is { } ofTransposed)
                {
                    _backend.TransposedConv1dInputGradient(dy, _first.Value, _spec.Geometry, ofTransposed);
                }

                break;
            default:
                _backend.Conv1dWeightGradient(hidden, true, dy, Pointwise, _spec.Scale, _pointwise.Gradient);
                _backend.Conv1dInputGradient(dy, _pointwise.Value, Pointwise, hidden, _spec.Scale, null, dhidden);
                _backend.Conv1dWeightGradient(x, true, dhidden, _spec.Geometry, 1, _first.Gradient);
                if (dx is { } ofBlock)
                {
                    _backend.Conv1dInputGradient(dhidden, _first.Value, _spec.Geometry, x, 1, dy, ofBlock);
                }

                break;
        }
    }
}

using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Models.VqVaes;

/// <summary>
/// One layer of a <see cref="ConvStack"/>: a convolution, a transposed convolution, or a residual block
/// x + scale · conv1(ReLU(conv3(ReLU(x)))). Knows which input positions an output position reads, so that any range of a
/// signal can be computed by itself.
/// </summary>
/// <param name="spec">What it does.</param>
/// <param name="weights">Of its first convolution.</param>
/// <param name="pointwise">Of a residual block's second convolution.</param>
internal sealed class ConvLayer(ConvLayerSpec spec, ConvWeights weights, ConvWeights? pointwise)
{
    private readonly ConvWeights _weights = weights;
    private readonly ConvWeights? _pointwise = pointwise;
    private readonly ConvGeometry _geometry = spec.Geometry;
    private readonly bool _transposed = spec.Kind == ConvLayerKind.Transposed;
    private readonly float _scale = spec.Scale;

    /// <summary>Channels in.</summary>
    public int InputWidth => _weights.InputWidth;

    /// <summary>Channels out.</summary>
    public int OutputWidth => _pointwise?.OutputWidth ?? _weights.OutputWidth;

    /// <summary>Multiplications and additions of one output position.</summary>
    public long OperationsPerPosition
    {
        get
        {
            long taps = _transposed ? _weights.Taps / _geometry.Stride : _weights.Taps;
            long pointwise = _pointwise is { } last ? (long)last.InputWidth * last.OutputWidth : 0;
            return 2 * ((taps * _weights.InputWidth * _weights.OutputWidth) + pointwise);
        }
    }

    /// <summary>Positions out for that many in.</summary>
    public long OutputLength(long inputLength)
    {
        if (inputLength == 0)
        {
            return 0;
        }

        long reach = (long)_geometry.Dilation * (_weights.Taps - 1);
        return _transposed
            ? Math.Max(0, ((inputLength - 1) * _geometry.Stride) - (2 * _geometry.Padding) + _weights.Taps)
            : Math.Max(0, FloorDivide(inputLength + (2 * _geometry.Padding) - reach - 1, _geometry.Stride) + 1);
    }

    /// <summary>Input positions that the outputs read, those outside the signal (which are zeros) among them.</summary>
    public RowRange InputsOf(RowRange outputs)
    {
        if (_transposed)
        {
            // Output t takes input s through tap j = t + padding − s · stride, 0 ≤ j < taps.
            long first = FloorDivide(outputs.First + _geometry.Padding - _weights.Taps, _geometry.Stride) + 1;
            return new RowRange(first, FloorDivide(outputs.End - 1 + _geometry.Padding, _geometry.Stride) + 1);
        }

        long start = (outputs.First * _geometry.Stride) - _geometry.Padding;
        long last = ((outputs.End - 1) * _geometry.Stride) - _geometry.Padding + ((long)_geometry.Dilation * (_weights.Taps - 1));
        return new RowRange(start, last + 1);
    }

    /// <summary>
    /// Computes output positions from <paramref name="firstOutput"/> on, as many as <paramref name="y"/> holds. The
    /// window <paramref name="x"/> begins at <paramref name="firstInput"/>, not after the first position of the signal
    /// that is needed; what lies beyond the window's ends counts as zero.
    /// </summary>
    /// <param name="backend">The device.</param>
    /// <param name="x">(1, T, Cin).</param>
    /// <param name="firstInput">Position of x's first row in the signal.</param>
    /// <param name="y">(1, T′, Cout).</param>
    /// <param name="firstOutput">Position of y's first row in its signal.</param>
    public void Run(IBackend backend, Tensor x, long firstInput, Tensor y, long firstOutput)
    {
        if (_transposed)
        {
            int shift = checked((int)(_geometry.Padding + firstOutput - (firstInput * _geometry.Stride)));
            backend.TransposedConv1d(x, _weights, _geometry with { Padding = shift }, y);
            return;
        }

        int padding = checked((int)(firstInput + _geometry.Padding - (firstOutput * _geometry.Stride)));
        ConvGeometry geometry = _geometry with { Padding = padding };
        if (_pointwise is not { } pointwise)
        {
            backend.Conv1d(x, _weights, geometry, false, null, 1, y);
            return;
        }

        backend.ResidualBlock(x, _weights, geometry, pointwise, _scale, y);
    }

    private static long FloorDivide(long dividend, long divisor) =>
        (dividend / divisor) - (dividend % divisor < 0 ? 1 : 0);
}

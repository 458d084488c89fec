using Jukebox.Core;

namespace Jukebox.Cpu;

/// <summary>Convolutions over time.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>
    /// Output positions of a part: enough to pay for packing the weights, few enough that the inputs stay in the second
    /// cache and that a piece of a signal has several parts.
    /// </summary>
    private const int ConvolutionRowsPerPart = 192;

    private Kernel _convolution;
    private delegate*<int, int, int, long> _convolutionScratch;

    /// <inheritdoc/>
    public void Conv1d(Tensor x, in ConvWeights weights, in ConvGeometry geometry, bool reluInput, Tensor? residual, float scale, Tensor y)
    {
        CheckConvolution("conv1d", x, in weights, y);
        Require(residual is not { } added || added.Shape == y.Shape, "conv1d", residual ?? y, y);
        ConvJob job = JobOf(x, in weights, y);
        job.InputStep = geometry.Stride;
        job.TapInputStep = geometry.Dilation;
        job.OutputStep = 1;
        job.Padding = geometry.Padding;
        job.Relu = reluInput;
        job.Residual = residual is { } tensor ? Floats(tensor) : null;
        job.Scale = scale;
        Run(ref job, x.Shape[0]);
    }

    /// <inheritdoc/>
    public void ResidualBlock(Tensor x, in ConvWeights dilated, in ConvGeometry geometry, in ConvWeights pointwise, float scale, Tensor y)
    {
        int shift = (geometry.Dilation * (dilated.Taps - 1) / 2) - geometry.Padding;
        Require(
            x.Shape.Rank == 3 && y.Shape.Rank == 3 && x.Shape[0] == y.Shape[0] && x.Shape[2] == dilated.InputWidth
            && y.Shape[2] == x.Shape[2] && pointwise.Taps == 1 && pointwise.InputWidth == dilated.OutputWidth
            && pointwise.OutputWidth == x.Shape[2] && dilated.Bias.LengthElements == dilated.OutputWidth
            && pointwise.Bias.LengthElements == x.Shape[2] && geometry.Stride == 1 && dilated.Taps % 2 == 1
            && shift >= 0 && shift + y.Shape[1] <= x.Shape[1],
            "residual block",
            x,
            dilated.Weight,
            dilated.Bias,
            pointwise.Weight,
            pointwise.Bias,
            y);
        ConvJob job = JobOf(x, in dilated, y);
        job.InputStep = 1;
        job.TapInputStep = geometry.Dilation;
        job.OutputStep = 1;
        job.Padding = geometry.Padding;
        job.Relu = true;
        job.Scale = scale;
        job.PointWeight = Bytes(pointwise.Weight);
        job.PointType = FloatingType(pointwise.Weight);
        job.PointBias = Floats(pointwise.Bias);
        job.ResidualShift = shift;
        Run(ref job, x.Shape[0]);
    }

    /// <inheritdoc/>
    public void TransposedConv1d(Tensor x, in ConvWeights weights, in ConvGeometry geometry, Tensor y)
    {
        CheckConvolution("transposed conv1d", x, in weights, y);
        ConvJob job = JobOf(x, in weights, y);
        job.InputStep = 1;
        job.TapInputStep = -1;
        job.Transposed = true;
        job.OutputStep = geometry.Stride;
        job.Padding = geometry.Padding;
        job.Scale = 1;
        Run(ref job, x.Shape[0]);
    }

    private static void CheckConvolution(string operation, Tensor x, in ConvWeights weights, Tensor y) =>
        Require(
            x.Shape.Rank == 3 && y.Shape.Rank == 3 && x.Shape[0] == y.Shape[0] && x.Shape[2] == weights.InputWidth
            && y.Shape[2] == weights.OutputWidth && weights.Bias.LengthElements == weights.OutputWidth,
            operation,
            x,
            weights.Weight,
            weights.Bias,
            y);

    private static ConvJob JobOf(Tensor x, in ConvWeights weights, Tensor y) => new()
    {
        Input = Floats(x),
        Output = Floats(y),
        Bias = Floats(weights.Bias),
        Weight = Bytes(weights.Weight),
        WeightType = FloatingType(weights.Weight),
        InputLength = x.Shape[1],
        OutputLength = y.Shape[1],
        InputWidth = weights.InputWidth,
        OutputWidth = weights.OutputWidth,
        Taps = weights.Taps,
    };

    private static ElementType FloatingType(Tensor tensor) => tensor.Type is ElementType.F32 or ElementType.F16 or ElementType.BF16
        ? tensor.Type
        : throw new ArgumentException($"cannot compute with {tensor.Type}");

    private void Run(ref ConvJob job, int batch)
    {
        int rows = (job.OutputLength + job.OutputStep - 1) / job.OutputStep;
        job.RowsPerPart = Math.Min(ConvolutionRowsPerPart, Math.Max(rows, 1));
        job.PartsPerItem = (rows + job.RowsPerPart - 1) / job.RowsPerPart;
        int hidden = job.PointWeight == null ? 0 : job.OutputWidth;
        job.ScratchPerWorker = (_convolutionScratch(job.Taps * job.InputWidth, hidden, job.RowsPerPart) + 15) / 16 * 16;
        job.Scratch = (float*)_scratch.Reserve(job.ScratchPerWorker * sizeof(float) * _team.Count);
        fixed (ConvJob* pointer = &job)
        {
            _team.Run(_convolution, pointer, batch * job.PartsPerItem);
        }
    }
}

using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Convolution;

namespace Jukebox.Cpu.Backend;

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
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Convolution("conv1d", x, weights, residual, y);
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
        using TurnKeeper.Turn turn = _turns.Enter();
        int shift = OperationShapes.ResidualBlock(x, dilated, geometry, pointwise, y);
        ConvJob job = JobOf(x, in dilated, y);
        job.InputStep = 1;
        job.TapInputStep = geometry.Dilation;
        job.OutputStep = 1;
        job.Padding = geometry.Padding;
        job.Relu = true;
        job.Scale = scale;
        job.PointWeight = Bytes(pointwise.Weight);
        job.PointType = OperationShapes.FloatingType(pointwise.Weight);
        job.PointBias = Floats(pointwise.Bias);
        job.ResidualShift = shift;
        Run(ref job, x.Shape[0]);
    }

    /// <inheritdoc/>
    public void TransposedConv1d(Tensor x, in ConvWeights weights, in ConvGeometry geometry, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Convolution("transposed conv1d", x, weights, null, y);
        ConvJob job = JobOf(x, in weights, y);
        job.InputStep = 1;
        job.TapInputStep = -1;
        job.Transposed = true;
        job.OutputStep = geometry.Stride;
        job.Padding = geometry.Padding;
        job.Scale = 1;
        Run(ref job, x.Shape[0]);
    }

    private static ConvJob JobOf(Tensor x, in ConvWeights weights, Tensor y) => new()
    {
        Input = Floats(x),
        Output = Floats(y),
        Bias = Floats(weights.Bias),
        Weight = Bytes(weights.Weight),
        WeightType = OperationShapes.FloatingType(weights.Weight),
        InputLength = x.Shape[1],
        OutputLength = y.Shape[1],
        InputWidth = weights.InputWidth,
        OutputWidth = weights.OutputWidth,
        Taps = weights.Taps,
    };

    private void Run(ref ConvJob job, int batch)
    {
        ReserveConvolution(ref job, 0);
        RunReserved(ref job, batch);
    }

    /// <summary>Cuts the job into parts, reserves its scratch, and returns as many floats more as were asked for.</summary>
    private float* ReserveConvolution(ref ConvJob job, long moreFloats)
    {
        int rows = (job.OutputLength + job.OutputStep - 1) / job.OutputStep;
        job.RowsPerPart = Math.Min(ConvolutionRowsPerPart, Math.Max(rows, 1));
        job.PartsPerItem = (rows + job.RowsPerPart - 1) / job.RowsPerPart;
        int hidden = job.PointWeight == null ? 0 : job.OutputWidth;
        job.ScratchPerWorker = (_convolutionScratch(job.Taps * job.InputWidth, hidden, job.RowsPerPart) + 15) / 16 * 16;
        long workerFloats = job.ScratchPerWorker * _team.Count;
        job.Scratch = (float*)_scratch.Reserve((workerFloats + moreFloats) * sizeof(float));
        return job.Scratch + workerFloats;
    }

    private void RunReserved(ref ConvJob job, int batch)
    {
        fixed (ConvJob* pointer = &job)
        {
            _team.Run(_convolution, pointer, batch * job.PartsPerItem);
        }
    }
}

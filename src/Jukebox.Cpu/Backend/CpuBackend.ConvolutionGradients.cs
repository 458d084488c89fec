using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Convolution;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Backend;

/// <summary>
/// Gradients of convolutions. Those of inputs are convolutions themselves, with the channels of each tap exchanged: a
/// convolution's is one with its taps in reverse order, or with a stride a transposed one, and a transposed one's is a
/// strided one.
/// </summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>Most pieces that the positions of a weight gradient are cut into, and the fewest positions of one.</summary>
    private const int GradientPiecesLimit = 16, GradientPieceMinimum = 128;

    private GradientTable _gradients;

    /// <inheritdoc/>
    public void Conv1dInputGradient(
        Tensor dy, in ConvWeights weights, in ConvGeometry geometry, Tensor? relu, float scale, Tensor? added, Tensor dx)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.ConvolutionInputGradient("conv1d input gradient", dy, weights, relu, added, dx);
        bool strided = geometry.Stride > 1;

        // The taps of a transposed convolution are neighbours: a dilation becomes zeros between them.
        int spacing = strided ? geometry.Dilation : 1;
        ConvJob job = InputGradientJobOf(dy, in weights, ((weights.Taps - 1) * spacing) + 1, dx);
        job.InputStep = 1;
        job.TapInputStep = strided ? -1 : geometry.Dilation;
        job.Transposed = strided;
        job.OutputStep = geometry.Stride;
        job.Padding = strided ? geometry.Padding : (geometry.Dilation * (weights.Taps - 1)) - geometry.Padding;
        job.Gate = relu is { } clamped ? Floats(clamped) : null;
        job.Residual = added is { } tensor ? Floats(tensor) : null;
        job.Scale = scale;
        RunInputGradient(ref job, dy, weights.Weight, spacing, reversed: !strided);
    }

    /// <inheritdoc/>
    public void TransposedConv1dInputGradient(Tensor dy, in ConvWeights weights, in ConvGeometry geometry, Tensor dx)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.ConvolutionInputGradient("transposed conv1d input gradient", dy, weights, null, null, dx);
        ConvJob job = InputGradientJobOf(dy, in weights, weights.Taps, dx);
        job.InputStep = geometry.Stride;
        job.TapInputStep = 1;
        job.OutputStep = 1;
        job.Padding = geometry.Padding;
        job.Scale = 1;
        RunInputGradient(ref job, dy, weights.Weight, 1, reversed: false);
    }

    /// <inheritdoc/>
    public void Conv1dWeightGradient(Tensor x, bool reluInput, Tensor dy, in ConvGeometry geometry, float scale, in ConvWeights gradient)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.ConvolutionWeightGradient("conv1d weight gradient", x, dy, gradient);
        int inputs = gradient.InputWidth, outputs = gradient.OutputWidth;
        var job = new WeightGradientJob
        {
            Signal = new PatchedSignal
            {
                Values = Floats(x),
                Length = x.Shape[1],
                Width = inputs,
                Taps = gradient.Taps,
                Step = geometry.Stride,
                TapStep = geometry.Dilation,
                Padding = geometry.Padding,
                Relu = reluInput,
            },
            Plain = Floats(dy),
            PlainLength = dy.Shape[1],
            PlainWidth = outputs,
            RowCount = dy.Shape[0] * dy.Shape[1],

            // A single output channel would leave all but one column of the tiles empty.
            PatchesAreColumns = outputs == 1,
            RunLength = outputs == 1 ? gradient.Taps * inputs : outputs,
            RunCount = 1,
            RowTargetStride = outputs,
            Scale = scale,
        };
        RunWeightGradient(ref job, dy, gradient);
    }

    /// <inheritdoc/>
    public void TransposedConv1dWeightGradient(Tensor x, Tensor dy, in ConvGeometry geometry, in ConvWeights gradient)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.ConvolutionWeightGradient("transposed conv1d weight gradient", x, dy, gradient);
        int inputs = gradient.InputWidth, outputs = gradient.OutputWidth;
        var job = new WeightGradientJob
        {
            Signal = new PatchedSignal
            {
                Values = Floats(dy),
                Length = dy.Shape[1],
                Width = outputs,
                Taps = gradient.Taps,
                Step = geometry.Stride,
                TapStep = 1,
                Padding = geometry.Padding,
            },
            Plain = Floats(x),
            PlainLength = x.Shape[1],
            PlainWidth = inputs,
            RowCount = x.Shape[0] * x.Shape[1],
            PatchesAreColumns = true,
            RunLength = outputs,
            RunCount = gradient.Taps,
            RunTargetStride = (long)inputs * outputs,
            RowTargetStride = outputs,
            Scale = 1,
        };
        RunWeightGradient(ref job, dy, gradient);
    }

    private static ConvJob InputGradientJobOf(Tensor dy, in ConvWeights weights, int taps, Tensor dx) => new()
    {
        Input = Floats(dy),
        Output = Floats(dx),
        WeightType = ElementType.F32,
        InputLength = dy.Shape[1],
        OutputLength = dx.Shape[1],
        InputWidth = weights.OutputWidth,
        OutputWidth = weights.InputWidth,
        Taps = taps,
    };

    private void BindConvolutionGradients<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        _gradients.Weights = &WeightGradientKernels<TSimd, TVector>.Accumulate;
        _gradients.AddPieces = &WeightGradientKernels<TSimd, TVector>.AddPieces;
        _gradients.ScratchFloats = &WeightGradientKernels<TSimd, TVector>.ScratchFloats;
        _gradients.PaddedColumns = &WeightGradientKernels<TSimd, TVector>.PaddedColumns;
    }

    /// <summary>Gives the job its weights (taps, Cout, Cin), a bias of zeros, and a copy of what it would overwrite, and runs it.</summary>
    private void RunInputGradient(ref ConvJob job, Tensor dy, Tensor weight, int spacing, bool reversed)
    {
        long weightFloats = (long)job.Taps * job.InputWidth * job.OutputWidth, inputFloats = job.Input == job.Output ? dy.LengthElements : 0;
        float* room = ReserveConvolution(ref job, weightFloats + job.OutputWidth + inputFloats);
        var exchange = new ExchangeJob
        {
            Source = Floats(weight),
            Target = room,
            Taps = weight.Shape[0],
            TargetTaps = job.Taps,
            Spacing = spacing,
            Reversed = reversed,
            Inputs = job.OutputWidth,
            Outputs = job.InputWidth,
        };
        _team.Run(&ExchangeJob.Run, &exchange, job.Taps);
        job.Weight = (byte*)room;
        job.Bias = room + weightFloats;
        new Span<float>(job.Bias, job.OutputWidth).Clear();
        if (inputFloats > 0)
        {
            float* copy = job.Bias + job.OutputWidth;
            Buffer.MemoryCopy(job.Input, copy, dy.LengthBytes, dy.LengthBytes);
            job.Input = copy;
        }

        RunReserved(ref job, dy.Shape[0]);
    }

    private void RunWeightGradient(ref WeightGradientJob job, Tensor dy, in ConvWeights gradient)
    {
        job.Bias = Floats(dy);
        job.BiasWidth = gradient.OutputWidth;
        job.BiasRowCount = dy.Shape[0] * dy.Shape[1];
        job.Gradient = Floats(gradient.Weight);
        job.BiasGradient = Floats(gradient.Bias);
        int rows = Math.Max(job.RowCount, 1), blocks = Divide(Math.Max(GradientPieceMinimum, Divide(rows, GradientPiecesLimit)), WeightGradientJob.BlockRows);
        job.RowsPerPiece = blocks * WeightGradientJob.BlockRows;
        job.PieceCount = Divide(rows, job.RowsPerPiece);
        job.BiasRowsPerPiece = Divide(job.BiasRowCount, job.PieceCount);
        job.PieceStride = _gradients.PaddedColumns(job.ColumnCount);
        job.PieceFloats = (RoundUp(job.GradientRowCount, WeightGradientJob.TileRows) * (long)job.PieceStride) + RoundUp(job.BiasWidth, 16);
        job.ScratchPerWorker = _gradients.ScratchFloats(job.PatchWidth, job.PlainWidth);
        job.Pieces = (float*)_scratch.Reserve(((job.PieceFloats * job.PieceCount) + (job.ScratchPerWorker * _team.Count)) * sizeof(float));
        job.Scratch = job.Pieces + (job.PieceFloats * job.PieceCount);
        fixed (WeightGradientJob* pointer = &job)
        {
            _team.Run(_gradients.Weights, pointer, job.PieceCount);
            _team.Run(_gradients.AddPieces, pointer, Divide(job.GradientRowCount, WeightGradientJob.AddedRows) + 1);
        }
    }

    /// <summary>The kernels of weight gradients.</summary>
    private struct GradientTable
    {
        public Kernel Weights, AddPieces;

        /// <summary>Floats of scratch that a worker needs: width of the patches, width of the other signal.</summary>
        public delegate*<int, int, long> ScratchFloats;

        /// <summary>Floats from row to row of a piece.</summary>
        public delegate*<int, int> PaddedColumns;
    }
}

using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Compiler;
using Jukebox.Cuda.Kernels;

namespace Jukebox.Cuda.Backend;

/// <summary>Convolutions over time.</summary>
public sealed unsafe partial class CudaBackend
{
    /// <summary>Most elements of the hidden signal between the two convolutions of a residual block too wide to be one kernel.</summary>
    private const long HiddenElements = 8 << 20;

    /// <inheritdoc/>
    public void Conv1d(Tensor x, in ConvWeights weights, in ConvGeometry geometry, bool reluInput, Tensor? residual, float scale, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Convolution("conv1d", x, weights, residual, y);
        Conv1dArgs args = ConvArgs(x, in weights, in geometry, y);
        args.Relu = reluInput ? 1 : 0;
        args.Scale = scale;
        if (residual is { } tensor)
        {
            args.Residual = Address(tensor, ElementType.F32);
            args.ResidualItem = (long)args.OutputLength * args.OutputWidth;
        }

        Run(ref args, x.Shape[0]);
    }

    /// <inheritdoc/>
    public void ResidualBlock(Tensor x, in ConvWeights dilated, in ConvGeometry geometry, in ConvWeights pointwise, float scale, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int shift = OperationShapes.ResidualBlock(x, dilated, geometry, pointwise, y);
        Conv1dArgs args = ConvArgs(x, in dilated, in geometry, y);
        args.Relu = 1;
        args.Residual = args.X + ((ulong)shift * (ulong)args.InputWidth * sizeof(float));
        args.ResidualItem = (long)args.InputLength * args.InputWidth;
        if (y.LengthElements == 0)
        {
            return;
        }

        var block = new Conv1dResidualBlockArgs
        {
            Conv = args,
            PointWeight = Address(pointwise.Weight),
            PointBias = Address(pointwise.Bias, ElementType.F32),
            PointType = (int)OperationShapes.FloatingType(pointwise.Weight),
        };
        block.PointQuads = Quads(args.InputWidth, block.PointWeight, pointwise.Weight.Type);
        block.Conv.Scale = scale;
        block.Conv.OutputQuads = Quads(args.InputWidth, args.Residual | args.Y | block.PointBias, ElementType.F32);
        if (dilated.OutputWidth <= KernelTable.TileColumns)
        {
            Launch(KernelTable.Conv1dResidualBlock, default, new KernelGrid(Divide(y.Shape[1], KernelTable.TileRows), 1, y.Shape[0]), block);
        }
        else
        {
            RunInTurn(in block, y.Shape[0]);
        }
    }

    /// <inheritdoc/>
    public void TransposedConv1d(Tensor x, in ConvWeights weights, in ConvGeometry geometry, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Convolution("transposed conv1d", x, weights, null, y);
        Conv1dArgs args = ConvArgs(x, in weights, in geometry, y);
        args.Scale = 1;
        args.OutputQuads = Quads(args.OutputWidth, args.Y | args.Bias, ElementType.F32);
        if (y.LengthElements == 0)
        {
            return;
        }

        int tiles = Divide(Divide(args.OutputLength, args.Stride), KernelTable.TileRows);
        var grid = new KernelGrid(checked(args.Stride * tiles), Divide(args.OutputWidth, KernelTable.TileColumns), x.Shape[0]);
        Launch(KernelTable.Conv1dTransposed, default, grid, new Conv1dTransposedArgs { Conv = args });
    }

    private Conv1dArgs ConvArgs(Tensor x, in ConvWeights weights, in ConvGeometry geometry, Tensor y)
    {
        var args = new Conv1dArgs
        {
            X = Address(x, ElementType.F32),
            Weight = Address(weights.Weight),
            Bias = Address(weights.Bias, ElementType.F32),
            Y = Address(y, ElementType.F32),
            WeightType = (int)OperationShapes.FloatingType(weights.Weight),
            InputLength = x.Shape[1],
            OutputLength = y.Shape[1],
            InputWidth = weights.InputWidth,
            OutputWidth = weights.OutputWidth,
            Taps = weights.Taps,
            Stride = geometry.Stride,
            Dilation = geometry.Dilation,
            Padding = geometry.Padding,
        };
        args.InputQuads = Quads(args.InputWidth, args.X, ElementType.F32);
        args.WeightQuads = Quads(args.OutputWidth, args.Weight, weights.Weight.Type);
        return args;
    }

    private void Run(ref Conv1dArgs args, int batch)
    {
        args.OutputQuads = Quads(args.OutputWidth, args.Y | args.Residual | args.Bias, ElementType.F32);
        if (batch > 0 && args.OutputLength > 0 && args.OutputWidth > 0)
        {
            var grid = new KernelGrid(Divide(args.OutputLength, KernelTable.TileRows), Divide(args.OutputWidth, KernelTable.TileColumns), batch);
            Launch(KernelTable.Conv1d, default, grid, args);
        }
    }

    /// <summary>A residual block as two convolutions, piece by piece, so that the hidden signal stays small.</summary>
    private void RunInTurn(in Conv1dResidualBlockArgs block, int batch)
    {
        Conv1dArgs all = block.Conv;
        int hidden = all.OutputWidth, width = all.InputWidth;
        int rows = (int)Math.Clamp(HiddenElements / hidden, 1, all.OutputLength);
        ulong between = _scratch.Lend((long)rows * hidden * sizeof(float));
        for (int item = 0; item < batch; item++)
        {
            for (int first = 0; first < all.OutputLength; first += rows)
            {
                int count = Math.Min(rows, all.OutputLength - first);
                Conv1dArgs dilated = all;
                dilated.X += (ulong)item * (ulong)all.InputLength * (ulong)width * sizeof(float);
                dilated.Y = between;
                dilated.OutputLength = count;
                dilated.Padding = all.Padding - first;
                dilated.Scale = 1;
                dilated.Residual = 0;
                Run(ref dilated, 1);

                var pointwise = new Conv1dArgs
                {
                    X = between,
                    Weight = block.PointWeight,
                    WeightType = block.PointType,
                    Bias = block.PointBias,
                    Residual = all.Residual + (ulong)(((item * all.ResidualItem) + ((long)first * width)) * sizeof(float)),
                    Y = all.Y + (ulong)((((long)item * all.OutputLength) + first) * width * sizeof(float)),
                    InputLength = count,
                    OutputLength = count,
                    InputWidth = hidden,
                    OutputWidth = width,
                    Taps = 1,
                    Stride = 1,
                    Dilation = 1,
                    Relu = 1,
                    Scale = all.Scale,
                    InputQuads = Quads(hidden, between, ElementType.F32),
                    WeightQuads = block.PointQuads,
                };
                Run(ref pointwise, 1);
            }
        }
    }

    /// <summary>Whether rows of a width at an address (or several, or-ed) can be accessed four elements at a time.</summary>
    private static int Quads(int width, ulong address, ElementType type) => width % 4 == 0 && address % (4 * (ulong)type.LengthBytes()) == 0 ? 1 : 0;
}

using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Compiler;
using Jukebox.Cuda.Kernels;

namespace Jukebox.Cuda.Backend;

public sealed unsafe partial class CudaBackend
{
    /// <inheritdoc/>
    public void LayerNorm(Tensor x, Tensor gain, Tensor bias, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int width = x.Shape[-1];
        OperationShapes.LayerNorm(x, gain, bias, y);
        OperationShapes.Require(bias.Type == gain.Type, "layer norm", x, gain, bias, y);
        if (x.LengthElements == 0)
        {
            return;
        }

        var args = new LayerNormArgs
        {
            X = Address(x, ElementType.F32),
            Gain = Address(gain),
            Bias = Address(bias),
            Y = Address(y, ElementType.F32),
            Width = width,
        };
        Launch(KernelTable.LayerNorm, new KernelVariant(gain.Type), new KernelGrid(x.Shape.RowCount), args);
    }
}

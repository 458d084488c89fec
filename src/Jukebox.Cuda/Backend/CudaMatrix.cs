using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Kernels;

namespace Jukebox.Cuda.Backend;

/// <summary>A linear layer as the kernels read it, in memory of its own.</summary>
/// <param name="weights">What it was made of.</param>
/// <param name="packed">The matrix; this disposes it.</param>
/// <param name="storage">How an element of it is stored.</param>
/// <param name="order">Order of its elements.</param>
/// <param name="bias">(Cout) F32, or none; this disposes it.</param>
internal sealed class CudaMatrix(in LinearWeights weights, CudaBuffer packed, ElementType storage, MatrixLayout order, Tensor? bias)
    : PackedMatrix(weights.InputWidth, weights.OutputWidth, storage)
{
    /// <summary>The matrix.</summary>
    public CudaBuffer Packed => packed;

    /// <summary>Order of its elements.</summary>
    public MatrixLayout Order => order;

    /// <summary>(Cout) F32, or none.</summary>
    public Tensor? Bias => bias;

    /// <inheritdoc/>
    public override string Layout => order == MatrixLayout.Mma ? "in tiles for tensor cores" : "in tiles";

    /// <inheritdoc/>
    public override long LengthBytes => packed.LengthBytes;

    /// <inheritdoc/>
    protected override void Free()
    {
        packed.Dispose();
        bias?.Buffer.Dispose();
    }
}

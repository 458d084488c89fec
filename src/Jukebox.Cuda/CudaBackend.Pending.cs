using System.Runtime.CompilerServices;
using Jukebox.Core;

namespace Jukebox.Cuda;

/// <summary>
/// Operations of the contract that have no kernel yet: each refuses by name. An operation that gets one loses its line here,
/// and the file goes with the last.
/// </summary>
public sealed unsafe partial class CudaBackend
{
    LinearWeights IBackend.Pack(in LinearWeights weights) => throw NoKernel();

    void IBackend.Linear(Tensor x, in LinearWeights weights, Activation activation, Tensor? residual, Tensor y) => throw NoKernel();

    void IBackend.NormLinear(
        Tensor x, in LayerNormWeights norm, in LinearWeights weights, Activation activation, in CacheAppend? append, Tensor normed, Tensor y) => throw NoKernel();

    private static NotSupportedException NoKernel([CallerMemberName] string operation = "") => new($"CUDA has no kernel for {operation} yet");
}

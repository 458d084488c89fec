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

    void IBackend.Embed(Tensor tokens, Tensor table, Tensor start, Tensor positions, Tensor? condition, Tensor cursor, Tensor y) => throw NoKernel();

    void IBackend.Gather(Tensor indices, Tensor table, Tensor y) => throw NoKernel();

    void IBackend.Linear(Tensor x, in LinearWeights weights, Activation activation, Tensor? residual, Tensor y) => throw NoKernel();

    void IBackend.NormLinear(
        Tensor x, in LayerNormWeights norm, in LinearWeights weights, Activation activation, in CacheAppend? append, Tensor normed, Tensor y) => throw NoKernel();

    void IBackend.AppendToCache(Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, Tensor cursor) => throw NoKernel();

    void IBackend.Attend(Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, int heads, Tensor cursor, Tensor y) => throw NoKernel();

    void IBackend.AttentionWeights(Tensor projected, Tensor keys, in AttentionPattern pattern, int heads, int head, Tensor cursor, Tensor y) => throw NoKernel();

    void IBackend.ScaledAdd(Tensor x, Tensor delta, float scale, Tensor y) => throw NoKernel();

    void IBackend.AddAt(Tensor x, Tensor rows, Tensor cursor, Tensor y) => throw NoKernel();

    void IBackend.Conv1d(Tensor x, in ConvWeights weights, in ConvGeometry geometry, bool reluInput, Tensor? residual, float scale, Tensor y) => throw NoKernel();

    void IBackend.ResidualBlock(Tensor x, in ConvWeights dilated, in ConvGeometry geometry, in ConvWeights pointwise, float scale, Tensor y) => throw NoKernel();

    void IBackend.TransposedConv1d(Tensor x, in ConvWeights weights, in ConvGeometry geometry, Tensor y) => throw NoKernel();

    void IBackend.NearestCode(Tensor x, Tensor codebook, Tensor codes) => throw NoKernel();

    void IBackend.SampleTokens(
        Tensor logits, in SamplingRule rule, ulong seed, int level, Tensor items, Tensor cursor, Tensor tokens, Tensor drawn) => throw NoKernel();

    void IBackend.Advance(Tensor cursor, int count) => throw NoKernel();

    void IBackend.Convert(Tensor x, Tensor y) => throw NoKernel();

    private static NotSupportedException NoKernel([CallerMemberName] string operation = "") => new($"CUDA has no kernel for {operation} yet");
}

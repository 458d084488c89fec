using Jukebox.Core;

namespace Jukebox.Cpu;

// PENDING: replaced operation by operation; nothing of this file stays.
public sealed unsafe partial class CpuBackend : ITrainingBackend
{
    // linear and rows
    public void LinearInputGradient(Tensor dy, in LinearWeights weights, Tensor? added, Tensor dx) => throw new NotSupportedException();
    public void LinearWeightGradient(Tensor x, Tensor dy, in LinearWeights gradient) => throw new NotSupportedException();
    public void QuickGelu(Tensor x, Tensor y) => throw new NotSupportedException();
    public void QuickGeluGradient(Tensor x, Tensor dy, Tensor dx) => throw new NotSupportedException();
    public void LayerNormGradient(Tensor x, Tensor gain, Tensor dy, Tensor? added, Tensor dx, in LayerNormWeights gradient) => throw new NotSupportedException();
    public void AttendGradient(Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, int heads, Tensor dy, Tensor dprojected, Tensor dkeys, Tensor dvalues) => throw new NotSupportedException();
    public void AppendToCacheGradient(Tensor dkeys, Tensor dvalues, in AttentionPattern pattern, Tensor dprojected) => throw new NotSupportedException();
    public void GatherGradient(Tensor indices, Tensor dy, Tensor dtable) => throw new NotSupportedException();
    public void EmbedGradient(Tensor tokens, Tensor dy, Tensor dtable, Tensor dstart, Tensor dpositions) => throw new NotSupportedException();
    public void CrossEntropy(Tensor logits, Tensor targets, Tensor scales, Tensor losses, Tensor? dlogits) => throw new NotSupportedException();
    public void AdamStep(Tensor parameters, Tensor gradients, Tensor firstMoments, Tensor secondMoments, in AdamRule rule) => throw new NotSupportedException();
    public void Average(Tensor x, float keep, Tensor average) => throw new NotSupportedException();

    // convolutions, signals and codes
    public void Conv1dInputGradient(Tensor dy, in ConvWeights weights, in ConvGeometry geometry, Tensor? relu, float scale, Tensor? added, Tensor dx) => throw new NotSupportedException();
    public void Conv1dWeightGradient(Tensor x, bool reluInput, Tensor dy, in ConvGeometry geometry, float scale, in ConvWeights gradient) => throw new NotSupportedException();
    public void TransposedConv1dInputGradient(Tensor dy, in ConvWeights weights, in ConvGeometry geometry, Tensor dx) => throw new NotSupportedException();
    public void TransposedConv1dWeightGradient(Tensor x, Tensor dy, in ConvGeometry geometry, in ConvWeights gradient) => throw new NotSupportedException();
    public void SpectralDistance(Tensor x, Tensor y, in SpectralResolution resolution, Tensor norms, float scale, Tensor? dy) => throw new NotSupportedException();
    public void SampleDistance(Tensor x, Tensor y, int largestCount, in SampleDistanceScales scales, Tensor losses, Tensor? dy) => throw new NotSupportedException();
    public void CodeSums(Tensor codes, Tensor x, Tensor counts, Tensor sums) => throw new NotSupportedException();
    public double SumOfSquares(Tensor x) => throw new NotSupportedException();
}

using Jukebox.Core;

namespace Jukebox.Cpu;

// PENDING: replaced operation by operation; nothing of this file stays.
public sealed unsafe partial class CpuBackend : ITrainingBackend
{
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

using System.Globalization;
using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Core.Shadow;

/// <summary>Every operation of training, where both backends train: on the one, on the other, then the comparison of all that it wrote.</summary>
public sealed partial class ShadowBackend : ITrainingBackend
{
    /// <inheritdoc/>
    public ITrainingBackend? Training => primary.Training is null || reference.Training is null ? null : this;

    private ITrainingBackend OfPrimary => primary.Training ?? throw new NotSupportedException($"{primary.Name} cannot train");

    private ITrainingBackend OfReference => reference.Training ?? throw new NotSupportedException($"{reference.Name} cannot train");

    /// <inheritdoc/>
    public void LinearForward(Tensor x, in LinearWeights weights, Tensor? residual, Tensor y)
    {
        OfPrimary.LinearForward(Mine(x), Mine(weights), Mine(residual), Mine(y));
        OfReference.LinearForward(Its(x), Its(weights), Its(residual), Its(y));
        Compare(nameof(LinearForward), y);
    }

    /// <inheritdoc/>
    public void LinearInputGradient(Tensor dy, in LinearWeights weights, Tensor? added, Tensor dx)
    {
        OfPrimary.LinearInputGradient(Mine(dy), Mine(weights), Mine(added), Mine(dx));
        OfReference.LinearInputGradient(Its(dy), Its(weights), Its(added), Its(dx));
        Compare(nameof(LinearInputGradient), dx);
    }

    /// <inheritdoc/>
    public void LinearWeightGradient(Tensor x, Tensor dy, in LinearWeights gradient)
    {
        OfPrimary.LinearWeightGradient(Mine(x), Mine(dy), Mine(gradient));
        OfReference.LinearWeightGradient(Its(x), Its(dy), Its(gradient));
        Compare(nameof(LinearWeightGradient), gradient.Weight);
        CompareIfAny(nameof(LinearWeightGradient), gradient.Bias);
    }

    /// <inheritdoc/>
    public void QuickGelu(Tensor x, Tensor y)
    {
        OfPrimary.QuickGelu(Mine(x), Mine(y));
        OfReference.QuickGelu(Its(x), Its(y));
        Compare(nameof(QuickGelu), y);
    }

    /// <inheritdoc/>
    public void QuickGeluGradient(Tensor x, Tensor dy, Tensor dx)
    {
        OfPrimary.QuickGeluGradient(Mine(x), Mine(dy), Mine(dx));
        OfReference.QuickGeluGradient(Its(x), Its(dy), Its(dx));
        Compare(nameof(QuickGeluGradient), dx);
    }

    /// <inheritdoc/>
    public void LayerNormGradient(Tensor x, Tensor gain, Tensor dy, Tensor? added, Tensor dx, in LayerNormWeights gradient)
    {
        OfPrimary.LayerNormGradient(Mine(x), Mine(gain), Mine(dy), Mine(added), Mine(dx), Mine(gradient));
        OfReference.LayerNormGradient(Its(x), Its(gain), Its(dy), Its(added), Its(dx), Its(gradient));
        Compare(nameof(LayerNormGradient), dx);
        Compare(nameof(LayerNormGradient), gradient.Gain);
        Compare(nameof(LayerNormGradient), gradient.Bias);
    }

    /// <inheritdoc/>
    public void AttendGradient(
        Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, int heads, Tensor dy, Tensor dprojected, Tensor dkeys, Tensor dvalues)
    {
        OfPrimary.AttendGradient(Mine(projected), Mine(keys), Mine(values), pattern, heads, Mine(dy), Mine(dprojected), Mine(dkeys), Mine(dvalues));
        OfReference.AttendGradient(Its(projected), Its(keys), Its(values), pattern, heads, Its(dy), Its(dprojected), Its(dkeys), Its(dvalues));
        CompareColumns(nameof(AttendGradient), dprojected, keys.Shape[2]);
        Compare(nameof(AttendGradient), dkeys);
        Compare(nameof(AttendGradient), dvalues);
    }

    /// <inheritdoc/>
    public void AppendToCacheGradient(Tensor dkeys, Tensor dvalues, in AttentionPattern pattern, Tensor dprojected)
    {
        OfPrimary.AppendToCacheGradient(Mine(dkeys), Mine(dvalues), pattern, Mine(dprojected));
        OfReference.AppendToCacheGradient(Its(dkeys), Its(dvalues), pattern, Its(dprojected));
        Compare(nameof(AppendToCacheGradient), dprojected);
    }

    /// <inheritdoc/>
    public void GatherGradient(Tensor indices, Tensor dy, Tensor dtable)
    {
        OfPrimary.GatherGradient(Mine(indices), Mine(dy), Mine(dtable));
        OfReference.GatherGradient(Its(indices), Its(dy), Its(dtable));
        Compare(nameof(GatherGradient), dtable);
    }

    /// <inheritdoc/>
    public void EmbedGradient(Tensor tokens, Tensor dy, Tensor dtable, Tensor dstart, Tensor dpositions)
    {
        OfPrimary.EmbedGradient(Mine(tokens), Mine(dy), Mine(dtable), Mine(dstart), Mine(dpositions));
        OfReference.EmbedGradient(Its(tokens), Its(dy), Its(dtable), Its(dstart), Its(dpositions));
        Compare(nameof(EmbedGradient), dtable);
        Compare(nameof(EmbedGradient), dstart);
        Compare(nameof(EmbedGradient), dpositions);
    }

    /// <inheritdoc/>
    public void CrossEntropy(Tensor logits, Tensor targets, Tensor scales, Tensor losses, Tensor? dlogits)
    {
        OfPrimary.CrossEntropy(Mine(logits), Mine(targets), Mine(scales), Mine(losses), Mine(dlogits));
        OfReference.CrossEntropy(Its(logits), Its(targets), Its(scales), Its(losses), Its(dlogits));
        Compare(nameof(CrossEntropy), losses);
        CompareIfAny(nameof(CrossEntropy), dlogits);
    }

    /// <inheritdoc/>
    public void Conv1dInputGradient(Tensor dy, in ConvWeights weights, in ConvGeometry geometry, Tensor? relu, float scale, Tensor? added, Tensor dx)
    {
        OfPrimary.Conv1dInputGradient(Mine(dy), Mine(weights), geometry, Mine(relu), scale, Mine(added), Mine(dx));
        OfReference.Conv1dInputGradient(Its(dy), Its(weights), geometry, Its(relu), scale, Its(added), Its(dx));
        Compare(nameof(Conv1dInputGradient), dx);
    }

    /// <inheritdoc/>
    public void Conv1dWeightGradient(Tensor x, bool reluInput, Tensor dy, in ConvGeometry geometry, float scale, in ConvWeights gradient)
    {
        OfPrimary.Conv1dWeightGradient(Mine(x), reluInput, Mine(dy), geometry, scale, Mine(gradient));
        OfReference.Conv1dWeightGradient(Its(x), reluInput, Its(dy), geometry, scale, Its(gradient));
        Compare(nameof(Conv1dWeightGradient), gradient.Weight);
        Compare(nameof(Conv1dWeightGradient), gradient.Bias);
    }

    /// <inheritdoc/>
    public void TransposedConv1dInputGradient(Tensor dy, in ConvWeights weights, in ConvGeometry geometry, Tensor dx)
    {
        OfPrimary.TransposedConv1dInputGradient(Mine(dy), Mine(weights), geometry, Mine(dx));
        OfReference.TransposedConv1dInputGradient(Its(dy), Its(weights), geometry, Its(dx));
        Compare(nameof(TransposedConv1dInputGradient), dx);
    }

    /// <inheritdoc/>
    public void TransposedConv1dWeightGradient(Tensor x, Tensor dy, in ConvGeometry geometry, in ConvWeights gradient)
    {
        OfPrimary.TransposedConv1dWeightGradient(Mine(x), Mine(dy), geometry, Mine(gradient));
        OfReference.TransposedConv1dWeightGradient(Its(x), Its(dy), geometry, Its(gradient));
        Compare(nameof(TransposedConv1dWeightGradient), gradient.Weight);
        Compare(nameof(TransposedConv1dWeightGradient), gradient.Bias);
    }

    /// <inheritdoc/>
    public void SpectralDistance(Tensor x, Tensor y, in SpectralResolution resolution, Tensor norms, float scale, Tensor? dy)
    {
        OfPrimary.SpectralDistance(Mine(x), Mine(y), resolution, Mine(norms), scale, Mine(dy));
        OfReference.SpectralDistance(Its(x), Its(y), resolution, Its(norms), scale, Its(dy));
        Compare(nameof(SpectralDistance), norms);
        CompareIfAny(nameof(SpectralDistance), dy);
    }

    /// <inheritdoc/>
    public void SampleDistance(Tensor x, Tensor y, int largestCount, in SampleDistanceScales scales, Tensor losses, Tensor? dy)
    {
        OfPrimary.SampleDistance(Mine(x), Mine(y), largestCount, scales, Mine(losses), Mine(dy));
        OfReference.SampleDistance(Its(x), Its(y), largestCount, scales, Its(losses), Its(dy));
        Compare(nameof(SampleDistance), losses);
        CompareIfAny(nameof(SampleDistance), dy);
    }

    /// <inheritdoc/>
    public void CodeSums(Tensor codes, Tensor x, Tensor counts, Tensor sums)
    {
        OfPrimary.CodeSums(Mine(codes), Mine(x), Mine(counts), Mine(sums));
        OfReference.CodeSums(Its(codes), Its(x), Its(counts), Its(sums));
        Compare(nameof(CodeSums), counts);
        Compare(nameof(CodeSums), sums);
    }

    /// <inheritdoc/>
    public void AdamStep(Tensor parameters, Tensor gradients, Tensor firstMoments, Tensor secondMoments, in AdamRule rule)
    {
        OfPrimary.AdamStep(Mine(parameters), Mine(gradients), Mine(firstMoments), Mine(secondMoments), rule);
        OfReference.AdamStep(Its(parameters), Its(gradients), Its(firstMoments), Its(secondMoments), rule);
        Compare(nameof(AdamStep), parameters);
        Compare(nameof(AdamStep), firstMoments);
        Compare(nameof(AdamStep), secondMoments);
    }

    /// <inheritdoc/>
    public void Average(Tensor x, double keep, Tensor average)
    {
        OfPrimary.Average(Mine(x), keep, Mine(average));
        OfReference.Average(Its(x), keep, Its(average));
        Compare(nameof(Average), average);
    }

    /// <inheritdoc/>
    public double SumOfSquares(Tensor x)
    {
        ComparedOperations++;
        double actual = OfPrimary.SumOfSquares(Mine(x)), expected = OfReference.SumOfSquares(Its(x));
        return actual.Equals(expected) || Math.Abs(actual - expected) <= tolerance * Math.Abs(expected)
            ? actual
            : throw new ShadowMismatchException(string.Create(
                CultureInfo.InvariantCulture,
                $"operation {ComparedOperations}, {nameof(SumOfSquares)}, differs between {primary.Name} and {reference.Name}: "
                + $"{actual:G9} instead of {expected:G9} of {x} (tolerance {tolerance:G3})"));
    }

    private void CompareIfAny(string operation, Tensor? y)
    {
        if (y is { } written)
        {
            Compare(operation, written);
        }
    }
}

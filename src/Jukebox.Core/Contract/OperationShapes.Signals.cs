using System.Numerics;
using Jukebox.Core.Tensors;

namespace Jukebox.Core.Contract;

/// <summary>Of the training operations on signals and codes.</summary>
public static partial class OperationShapes
{
    /// <summary>Of the gradient of a convolution, or of its transpose, with respect to its input.</summary>
    public static void ConvolutionInputGradient(string operation, Tensor dy, in ConvWeights weights, Tensor? relu, Tensor? added, Tensor dx) => Require(
        dy.Shape.Rank == 3 && dx.Shape.Rank == 3 && dy.Shape[0] == dx.Shape[0] && dy.Shape[2] == weights.OutputWidth
        && dx.Shape[2] == weights.InputWidth && (relu?.Shape ?? dx.Shape) == dx.Shape && (added?.Shape ?? dx.Shape) == dx.Shape,
        operation,
        dy,
        weights.Weight,
        relu ?? dx,
        added ?? dx,
        dx);

    /// <summary>Of the gradient of a convolution, or of its transpose, with respect to its parameters.</summary>
    public static void ConvolutionWeightGradient(string operation, Tensor x, Tensor dy, in ConvWeights gradient) => Require(
        x.Shape.Rank == 3 && dy.Shape.Rank == 3 && x.Shape[0] == dy.Shape[0] && x.Shape[2] == gradient.InputWidth
        && dy.Shape[2] == gradient.OutputWidth && gradient.Bias.LengthElements == gradient.OutputWidth,
        operation,
        x,
        dy,
        gradient.Weight,
        gradient.Bias);

    /// <summary>Of <see cref="ITrainingBackend.SpectralDistance"/>.</summary>
    public static void SpectralDistance(Tensor x, Tensor y, in SpectralResolution resolution, Tensor norms, Tensor? dy)
    {
        int transform = resolution.TransformLength, window = resolution.WindowLength;
        if (transform < 2 || !BitOperations.IsPow2(transform) || window < 1 || window > transform || resolution.HopLength < 1)
        {
            throw new ArgumentException($"spectral distance: {resolution}: the transform must be a power of two and hold the window");
        }

        Require(
            x.Shape.Rank == 2 && y.Shape == x.Shape && (dy?.Shape ?? y.Shape) == y.Shape && norms.Shape == new Shape(x.Shape[0], 2)
            && x.Shape[1] > transform / 2,
            "spectral distance",
            x,
            y,
            norms,
            dy ?? y);
    }

    /// <summary>Of <see cref="ITrainingBackend.SampleDistance"/>.</summary>
    public static void SampleDistance(Tensor x, Tensor y, int largestCount, Tensor losses, Tensor? dy)
    {
        Require(
            x.Shape.Rank == 2 && y.Shape == x.Shape && (dy?.Shape ?? y.Shape) == y.Shape && losses.LengthElements == 3,
            "sample distance",
            x,
            y,
            losses,
            dy ?? y);
        if (largestCount < 1 || largestCount > x.Shape[1])
        {
            throw new ArgumentException($"the {largestCount} largest errors of {x.Shape[1]} samples");
        }
    }

    /// <summary>Of <see cref="ITrainingBackend.CodeSums"/>.</summary>
    public static void CodeSums(Tensor codes, Tensor x, Tensor counts, Tensor sums) => Require(
        sums.Shape.Rank == 2 && counts.LengthElements == sums.Shape[0] && x.Shape[-1] == sums.Shape[1]
        && x.LengthElements == codes.LengthElements * sums.Shape[1],
        "code sums",
        codes,
        x,
        counts,
        sums);
}

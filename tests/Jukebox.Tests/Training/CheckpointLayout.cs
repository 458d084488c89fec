using System.Globalization;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Xunit;

namespace Jukebox.Tests.Training;

/// <summary>Tensors of the reference in our layout, and their comparison.</summary>
public static class CheckpointLayout
{
    /// <summary>Every tensor whose name begins with a prefix, under the rest of its name as our tables have it.</summary>
    public static Dictionary<string, StoredTensor> Named(WeightFile file, string prefix) => file.Tensors
        .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(pair => ModelPart.NormaliseName(pair.Key[prefix.Length..]), pair => pair.Value, StringComparer.Ordinal);

    /// <summary>Values of a checkpoint's tensor in the order in which ours are stored.</summary>
    public static float[] ToStored(TensorEntry entry, float[] values)
    {
        bool transposed = entry.Role == TensorRole.TransposedConvolution;
        if (!transposed && entry.Role != TensorRole.Convolution)
        {
            return values;
        }

        int taps = entry.StoredShape[0], inputs = entry.StoredShape[1], outputs = entry.StoredShape[2];
        var stored = new float[values.Length];
        for (int tap = 0; tap < taps; tap++)
        {
            for (int i = 0; i < inputs; i++)
            {
                for (int o = 0; o < outputs; o++)
                {
                    int row = transposed ? (i * outputs) + o : (o * inputs) + i;
                    stored[(((tap * inputs) + i) * outputs) + o] = values[(row * taps) + tap];
                }
            }
        }

        return stored;
    }

    /// <summary>|actual − expected| ≤ tolerance · (largest |expected| of the tensor) everywhere; NaN fails.</summary>
    public static void Check(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = 0, worst = -1;
        int at = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            scale = Math.Max(scale, Math.Abs(expected[i]));
        }

        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs((double)actual[i] - expected[i]);
            if (!(error <= worst))
            {
                (worst, at) = (error, i);
            }
        }

        Assert.True(
            worst <= tolerance * scale,
            string.Create(CultureInfo.InvariantCulture, $"{what}: element {at} is {actual[at]:G9}, the reference has {expected[at]:G9}; the largest is {scale:G3}"));
    }
}

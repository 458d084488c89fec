using System.Globalization;
using Xunit;

namespace Jukebox.Testing.Golden;

/// <summary>Compares the activations of a model.</summary>
public static class Closeness
{
    /// <summary>
    /// |actual − expected| ≤ tolerance · max(1, |expected|, rms(expected)) everywhere; NaN fails. Says which element is worst.
    /// </summary>
    public static void Check(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance) =>
        Check(what, expected, actual, tolerance, Math.Max(1, RootMeanSquare(expected)));

    /// <summary>
    /// |actual − expected| ≤ tolerance · max(|expected|, rms(expected)) everywhere, for tensors of any magnitude: an element's
    /// error goes with what cancelled in its sum, which is as large as its neighbours are.
    /// </summary>
    public static void CheckRelative(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance) =>
        Check(what, expected, actual, tolerance, RootMeanSquare(expected));

    /// <summary>|actual − expected| ≤ tolerance · the largest |expected| everywhere, as extractors of features are compared.</summary>
    public static void CheckAgainstLargest(string what, float[] expected, float[] actual, double tolerance)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} values, the reference has {expected.Length}");
        float largest = expected.Max(Math.Abs), worst = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= tolerance * largest, $"{what}: off by {worst / largest:G3} of the largest value");
    }

    private static void Check(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance, double scale)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} values, the reference has {expected.Length}");
        double worstError = -1;
        int worst = 0, wrong = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs((double)actual[i] - expected[i]);
            double error = difference == 0 ? 0 : difference / Math.Max(scale, Math.Abs(expected[i]));
            wrong += error <= tolerance ? 0 : 1;
            if (!(error <= worstError))
            {
                (worst, worstError) = (i, error);
            }
        }

        if (wrong > 0)
        {
            Assert.Fail(string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: {wrong} of {expected.Length} beyond {tolerance:G3}; worst {worstError:G3} at {worst}: {actual[worst]:G9}, the reference has {expected[worst]:G9}"));
        }
    }

    private static double RootMeanSquare(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += (double)value * value;
        }

        return values.Length == 0 ? 0 : Math.Sqrt(sum / values.Length);
    }
}

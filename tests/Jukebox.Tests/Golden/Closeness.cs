using System.Globalization;
using Xunit;

namespace Jukebox.Tests.Golden;

/// <summary>Compares the activations of a model.</summary>
public static class Closeness
{
    /// <summary>
    /// |actual − expected| ≤ tolerance · max(1, |expected|, rms(expected)) everywhere; NaN fails. Says which element is worst.
    /// </summary>
    public static void Check(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} values, the reference has {expected.Length}");
        double scale = Math.Max(1, RootMeanSquare(expected)), worstError = -1;
        int worst = 0, wrong = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs((double)actual[i] - expected[i]) / Math.Max(scale, Math.Abs(expected[i]));
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

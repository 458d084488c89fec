using Xunit;

namespace Jukebox.Testing.Reference;

/// <summary>The oracle of a reference gradient: how a weighted sum of the outputs changes when one input does.</summary>
public static class CentralDifferences
{
    /// <summary>Step in an input; inputs are of order one.</summary>
    private const double Step = 1e-5;

    /// <summary>
    /// Compares a gradient with (L(x + h) − L(x − h)) / 2h, L = Σ dy · forward(x), at every element of x.
    /// </summary>
    public static void Check(Func<double[], double[]> forward, double[] x, double[] dy, double[] gradient)
    {
        Assert.Equal(x.Length, gradient.Length);
        for (int i = 0; i < x.Length; i++)
        {
            double[] moved = [.. x];
            moved[i] = x[i] + Step;
            double above = Weighted(forward(moved), dy);
            moved[i] = x[i] - Step;
            double difference = (above - Weighted(forward(moved), dy)) / (2 * Step);
            double error = Math.Abs(difference - gradient[i]);
            Assert.True(error <= Tolerances.CentralDifference * Math.Max(1, Math.Abs(difference)), $"[{i}] differences give {difference:G9}, the formula {gradient[i]:G9}");
        }
    }

    /// <summary>Values of order one, none of them extreme.</summary>
    public static double[] Values(TestRandom random, int count)
    {
        var values = new double[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = random.Signed();
        }

        return values;
    }

    private static double Weighted(double[] y, double[] dy)
    {
        Assert.Equal(y.Length, dy.Length);
        double sum = 0;
        for (int i = 0; i < y.Length; i++)
        {
            sum += y[i] * dy[i];
        }

        return sum;
    }
}

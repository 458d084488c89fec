using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace Jukebox.MusicReport.Statistics;

/// <summary>
/// Regularised linear discriminant analysis: each class a normal distribution around its mean, one covariance for all, every
/// class as likely as another beforehand. Deterministic, and learnt in one pass.
/// </summary>
internal sealed class LinearDiscriminant
{
    /// <summary>Share of the covariance beside the diagonal that is not believed.</summary>
    private const double Shrinkage = 0.05;

    /// <summary>Added to each variance, so that a feature that never varies says nothing.</summary>
    private const double LeastVariance = 1e-6;

    private readonly FeatureScale _scale;
    private readonly double[][] _directions; // by class, (D)
    private readonly double[] _offsets; // by class

    /// <summary>Learns from rows and the class of each; every class counts alike, however many rows it has.</summary>
    public LinearDiscriminant(IReadOnlyList<double[]> rows, IReadOnlyList<string> classes)
    {
        Classes = [.. classes.Distinct().Order(StringComparer.Ordinal)];
        _scale = new FeatureScale(rows);
        int[] classOf = [.. classes.Select(name => Array.IndexOf(Classes, name))];
        double[][][] members = [.. Classes.Select((_, c) => rows.Where((_, r) => classOf[r] == c).Select(_scale.Apply).ToArray())];
        double[][] means = [.. members.Select(Mean)];
        Cholesky<double> covariance = CreateMatrix.DenseOfArray(WithinClasses(members, means)).Cholesky();
        _directions = [.. means.Select(mean => covariance.Solve(CreateVector.DenseOfArray(mean)).ToArray())];
        _offsets = [.. means.Select((mean, c) => -0.5 * Dot(mean, _directions[c]))];
    }

    /// <summary>The classes, in the order of <see cref="LogProbabilities"/>.</summary>
    public string[] Classes { get; }

    /// <summary>Logarithm of the probability of each class.</summary>
    public double[] LogProbabilities(double[] row)
    {
        double[] scaled = _scale.Apply(row);
        double[] scores = [.. _directions.Select((direction, c) => Dot(scaled, direction) + _offsets[c])];
        double best = scores.Max(), sum = Math.Log(scores.Sum(score => Math.Exp(score - best))) + best;
        return [.. scores.Select(score => score - sum)];
    }

    /// <summary>The likeliest class of what all rows are excerpts of.</summary>
    public string Classify(IEnumerable<double[]> rows)
    {
        var sums = new double[Classes.Length];
        foreach (double[] row in rows)
        {
            double[] logs = LogProbabilities(row);
            for (int c = 0; c < sums.Length; c++)
            {
                sums[c] += logs[c];
            }
        }

        return Classes[Array.IndexOf(sums, sums.Max())];
    }

    /// <summary>Mean over the classes of the covariance around each one's mean.</summary>
    private static double[,] WithinClasses(double[][][] members, double[][] means)
    {
        int width = means[0].Length;
        var covariance = new double[width, width];
        for (int c = 0; c < members.Length; c++)
        {
            double weight = 1.0 / (members.Length * members[c].Length);
            foreach (double[] row in members[c])
            {
                for (int i = 0; i < width; i++)
                {
                    double left = weight * (row[i] - means[c][i]);
                    for (int j = 0; j < width; j++)
                    {
                        covariance[i, j] += left * (row[j] - means[c][j]) * (i == j ? 1 : 1 - Shrinkage);
                    }
                }
            }
        }

        for (int d = 0; d < width; d++)
        {
            covariance[d, d] += LeastVariance;
        }

        return covariance;
    }

    private static double[] Mean(double[][] rows)
    {
        var mean = new double[rows[0].Length];
        foreach (double[] row in rows)
        {
            for (int d = 0; d < mean.Length; d++)
            {
                mean[d] += row[d] / rows.Length;
            }
        }

        return mean;
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int d = 0; d < a.Length; d++)
        {
            sum += a[d] * b[d];
        }

        return sum;
    }
}

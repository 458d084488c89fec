using MathNet.Numerics.LinearAlgebra;

namespace Jukebox.MusicReport.Statistics;

/// <summary>Mean and covariance of weighted rows, the covariance shrunk halfway to its diagonal so that few rows suffice.</summary>
/// <param name="Mean">(D).</param>
/// <param name="Covariance">(D, D).</param>
internal sealed record GaussianFit(double[] Mean, double[,] Covariance)
{
    private const double Shrinkage = 0.5;

    /// <summary>Added to each variance; features are scaled to variance 1.</summary>
    private const double LeastVariance = 1e-3;

    /// <summary>Fits rows whose weights add up to 1.</summary>
    public static GaussianFit Of(IReadOnlyList<(double[] Row, double Weight)> rows)
    {
        int width = rows[0].Row.Length;
        var mean = new double[width];
        foreach ((double[] row, double weight) in rows)
        {
            for (int d = 0; d < width; d++)
            {
                mean[d] += weight * row[d];
            }
        }

        var covariance = new double[width, width];
        foreach ((double[] row, double weight) in rows)
        {
            for (int i = 0; i < width; i++)
            {
                for (int j = 0; j < width; j++)
                {
                    covariance[i, j] += weight * (i == j ? 1 : 1 - Shrinkage) * (row[i] - mean[i]) * (row[j] - mean[j]);
                }
            }
        }

        for (int d = 0; d < width; d++)
        {
            covariance[d, d] += LeastVariance;
        }

        return new GaussianFit(mean, covariance);
    }

    /// <summary>
    /// The Fréchet distance of two normal distributions (Dowson and Landau 1982), squared as usual for features of pictures and
    /// sounds: |m₁ − m₂|² + tr(C₁ + C₂ − 2 · (C₁C₂)^½).
    /// </summary>
    public static double FrechetDistance(GaussianFit a, GaussianFit b)
    {
        double distance = 0;
        for (int d = 0; d < a.Mean.Length; d++)
        {
            distance += ((a.Mean[d] - b.Mean[d]) * (a.Mean[d] - b.Mean[d])) + a.Covariance[d, d] + b.Covariance[d, d];
        }

        // Lᵀ · C₂ · L, where L · Lᵀ = C₁, is symmetric and has the eigenvalues of C₁C₂.
        Matrix<double> lower = CreateMatrix.DenseOfArray(a.Covariance).Cholesky().Factor;
        Matrix<double> between = lower.TransposeThisAndMultiply(CreateMatrix.DenseOfArray(b.Covariance) * lower);
        return distance - (2 * between.Evd(Symmetricity.Symmetric).EigenValues.Sum(value => Math.Sqrt(Math.Max(value.Real, 0))));
    }
}

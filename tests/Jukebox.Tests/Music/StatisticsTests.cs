using Jukebox.MusicReport.Statistics;
using Xunit;

namespace Jukebox.Tests.Music;

/// <summary>Classifier and distance on numbers whose answer is known.</summary>
public sealed class StatisticsTests
{
    [Fact]
    public void TheDistanceOfNormalDistributionsIsTheFormulas()
    {
        // Diagonal covariances: |m₁ − m₂|² + Σ (σ₁ − σ₂)².
        var a = new GaussianFit([0, 1, 2], new double[,] { { 1, 0, 0 }, { 0, 4, 0 }, { 0, 0, 9 } });
        var b = new GaussianFit([3, 1, 0], new double[,] { { 4, 0, 0 }, { 0, 4, 0 }, { 0, 0, 1 } });
        Assert.Equal(9 + 4 + 1 + 0 + 4, GaussianFit.FrechetDistance(a, b), 1e-9);
        Assert.Equal(0, GaussianFit.FrechetDistance(a, a), 1e-9);

        // Commuting covariances that are not diagonal: eigenvalues 1 and 3 against 4 and 12.
        var c = new GaussianFit([0, 0], new double[,] { { 2, 1 }, { 1, 2 } });
        var d = new GaussianFit([0, 0], new double[,] { { 8, 4 }, { 4, 8 } });
        Assert.Equal(1 + 3, GaussianFit.FrechetDistance(c, d), 1e-9);

        // And two that do not commute: the root of their product by its definition, tr² = tr(C₁C₂) + 2 · √|C₁C₂| in two dimensions.
        var e = new GaussianFit([0, 0], new double[,] { { 2, 0.5 }, { 0.5, 1 } });
        var f = new GaussianFit([0, 0], new double[,] { { 1, -0.25 }, { -0.25, 3 } });
        double trace = (2 * 1) + (2 * 0.5 * -0.25) + (1 * 3), determinant = (2 - 0.25) * (3 - 0.0625);
        Assert.Equal(2 + 1 + 1 + 3 - (2 * Math.Sqrt(trace + (2 * Math.Sqrt(determinant)))), GaussianFit.FrechetDistance(e, f), 1e-9);
    }

    [Fact]
    public void WeightsOfRowsCountLikeRepetitions()
    {
        double[] a = [1, 2], b = [3, -1];
        GaussianFit weighted = GaussianFit.Of([(a, 0.75), (b, 0.25)]), repeated = GaussianFit.Of([(a, 0.25), (a, 0.25), (a, 0.25), (b, 0.25)]);
        Assert.Equal(repeated.Mean, weighted.Mean);
        Assert.Equal(repeated.Covariance.Cast<double>(), weighted.Covariance.Cast<double>());
    }

    [Fact]
    public void ClassesAreToldApartWhereOneFeatureIsNoisyAndOneNeverVaries()
    {
        var random = new TestRandom(1);
        var rows = new List<double[]>();
        var classes = new List<string>();
        for (int i = 0; i < 90; i++)
        {
            // The classes differ along (1, 1), within a common noise along (1, −1) that is ten times as large.
            double side = i % 3, noise = 10 * random.Signed();
            rows.Add([side + noise, side - noise + (0.1 * random.Signed()), 7]);
            classes.Add(((string[])["c", "a", "b"])[i % 3]);
        }

        var discriminant = new LinearDiscriminant(rows, classes);
        Assert.Equal(["a", "b", "c"], discriminant.Classes);
        Assert.True(rows.Zip(classes).Count(row => discriminant.Classify([row.First]) == row.Second) >= 80);
        Assert.Equal(1, discriminant.LogProbabilities(rows[0]).Sum(Math.Exp), 1e-9);
        Assert.Equal("b", discriminant.Classify(rows.Zip(classes).Where(row => row.Second == "b").Select(row => row.First)));
    }
}

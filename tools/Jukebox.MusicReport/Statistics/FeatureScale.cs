namespace Jukebox.MusicReport.Statistics;

/// <summary>Brings features of all units to mean 0 and deviation 1 over a set of rows.</summary>
internal sealed class FeatureScale
{
    private readonly double[] _means;
    private readonly double[] _deviations;

    /// <summary>Learns the scale; a feature that never varies is left at 0.</summary>
    public FeatureScale(IReadOnlyList<double[]> rows)
    {
        int width = rows[0].Length;
        _means = new double[width];
        _deviations = new double[width];
        foreach (double[] row in rows)
        {
            for (int d = 0; d < width; d++)
            {
                _means[d] += row[d] / rows.Count;
            }
        }

        foreach (double[] row in rows)
        {
            for (int d = 0; d < width; d++)
            {
                _deviations[d] += (row[d] - _means[d]) * (row[d] - _means[d]) / rows.Count;
            }
        }

        for (int d = 0; d < width; d++)
        {
            _deviations[d] = _deviations[d] > 0 ? Math.Sqrt(_deviations[d]) : double.PositiveInfinity;
        }
    }

    /// <summary>A row on the scale.</summary>
    public double[] Apply(double[] row) => [.. row.Select((value, d) => (value - _means[d]) / _deviations[d])];
}

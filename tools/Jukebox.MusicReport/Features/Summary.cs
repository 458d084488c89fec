namespace Jukebox.MusicReport.Features;

/// <summary>Statistics of a sequence; of an empty one all are zero.</summary>
internal static class Summary
{
    public static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return values.IsEmpty ? 0 : sum / values.Length;
    }

    public static double Deviation(ReadOnlySpan<double> values)
    {
        double mean = Mean(values), sum = 0;
        foreach (double value in values)
        {
            sum += (value - mean) * (value - mean);
        }

        return values.IsEmpty ? 0 : Math.Sqrt(sum / values.Length);
    }

    /// <summary>Quantile of values that are sorted; the nearest one, not between two.</summary>
    public static double Quantile(ReadOnlySpan<double> sorted, double share) =>
        sorted.IsEmpty ? 0 : sorted[(int)Math.Round(share * (sorted.Length - 1))];

    /// <summary>Σ −p · log₂ p of weights, which need not add up to 1.</summary>
    public static double EntropyBits(ReadOnlySpan<double> weights)
    {
        double sum = 0, entropy = 0;
        foreach (double weight in weights)
        {
            sum += weight;
        }

        foreach (double weight in weights)
        {
            entropy -= weight > 0 ? weight / sum * Math.Log2(weight / sum) : 0;
        }

        return entropy;
    }
}

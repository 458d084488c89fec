namespace Jukebox.MusicReport.Features;

/// <summary>Triangular bands of equal width on the mel scale, 2595 · log₁₀(1 + f / 700), each reaching to its neighbours' centres.</summary>
internal sealed class MelBands
{
    private readonly (int FirstBin, double[] Weights)[] _bands;

    /// <summary>Lays out bands over a spectrum.</summary>
    /// <param name="count">Number of bands.</param>
    /// <param name="lowestHz">Where the first begins.</param>
    /// <param name="highestHz">Where the last ends.</param>
    /// <param name="binHz">Width of a bin of the spectrum.</param>
    public MelBands(int count, double lowestHz, double highestHz, double binHz)
    {
        double low = Mel(lowestHz), step = (Mel(highestHz) - low) / (count + 1);
        _bands = new (int, double[])[count];
        for (int band = 0; band < count; band++)
        {
            double left = Hertz(low + (band * step)) / binHz, centre = Hertz(low + ((band + 1) * step)) / binHz, right = Hertz(low + ((band + 2) * step)) / binHz;
            int first = (int)Math.Floor(left) + 1, last = (int)Math.Ceiling(right) - 1;

            // A band narrower than a bin takes the bin nearest to its centre.
            _bands[band] = last < first
                ? ((int)Math.Round(centre), [1])
                : (first, [.. Enumerable.Range(first, last - first + 1).Select(bin => bin < centre ? (bin - left) / (centre - left) : (right - bin) / (right - centre))]);
        }
    }

    /// <summary>Number of bands.</summary>
    public int Count => _bands.Length;

    /// <summary>Energy of each band, of the squares of a spectrum's magnitudes.</summary>
    public void Energies(ReadOnlySpan<double> magnitudes, Span<double> energies)
    {
        for (int band = 0; band < _bands.Length; band++)
        {
            (int first, double[] weights) = _bands[band];
            double sum = 0;
            for (int i = 0; i < weights.Length; i++)
            {
                sum += weights[i] * magnitudes[first + i] * magnitudes[first + i];
            }

            energies[band] = sum;
        }
    }

    private static double Mel(double hertz) => 2595 * Math.Log10(1 + (hertz / 700));

    private static double Hertz(double mel) => 700 * (Math.Pow(10, mel / 2595) - 1);
}

namespace Jukebox.MusicReport.Features;

/// <summary>
/// How an excerpt sounds, whatever is played and however loud: statistics over frames of the spectrum's shape, and of how the
/// level rises and falls. Made to survive lossy coding: shares of a frame's energy count down to −30 dB only, so that a little
/// noise where nothing was does not become a feature.
/// </summary>
internal static class TimbreFeatures
{
    private const int MeanCoefficients = 16;
    private const int DeviationCoefficients = 8;
    private const double ShareFloor = 1e-3; // of a frame's energy
    private const double SilenceBelowLoudest = 1e-5; // of the loudest frame's energy

    /// <summary>Frames over which a change of level is measured: 46 ms.</summary>
    private const int LevelStep = 2;

    /// <summary>A change of level counts up to this, so that silence is no event of its own.</summary>
    private const double LargestChangeDecibels = 20;

    private static readonly double[] LevelQuantiles = [0.1, 0.5, 0.9];

    /// <summary>First band of each range of pitch whose level is followed: up to about 500 Hz, to 2 kHz, and above.</summary>
    private static readonly int[] RangeStarts = [0, 7, 18];

    /// <summary>Numbers that <see cref="Of"/> gives.</summary>
    public const int Count = MeanCoefficients + DeviationCoefficients + 5 + 12 + 1;

    /// <summary>The features of an excerpt; zeros where nothing sounds.</summary>
    /// <param name="spectra">Its frames, 23 ms apart.</param>
    /// <param name="bands">Mel bands of such a spectrum.</param>
    /// <param name="binHz">Width of a bin.</param>
    public static double[] Of(FrameSpectra spectra, MelBands bands, double binHz)
    {
        var energies = new double[spectra.FrameCount, bands.Count];
        var totals = new double[spectra.FrameCount];
        var frame = new double[bands.Count];
        for (int t = 0; t < spectra.FrameCount; t++)
        {
            bands.Energies(spectra[t], frame);
            for (int b = 0; b < frame.Length; b++)
            {
                energies[t, b] = frame[b];
                totals[t] += frame[b];
            }
        }

        double loudest = totals.Max();
        int[] sounding = [.. Enumerable.Range(0, totals.Length).Where(t => totals[t] > loudest * SilenceBelowLoudest)];
        var features = new List<double>(Count);
        AddShape(features, energies, totals, sounding);
        AddMoments(features, spectra, sounding, binHz);
        AddLevels(features, energies, loudest);
        return [.. features];
    }

    /// <summary>Cepstrum of the frames' shapes: means, deviations; and how fast the shape changes.</summary>
    private static void AddShape(List<double> features, double[,] energies, double[] totals, int[] sounding)
    {
        int bands = energies.GetLength(1);
        var shapes = new double[bands][]; // by band, over sounding frames
        for (int b = 0; b < bands; b++)
        {
            shapes[b] = [.. sounding.Select(t => Math.Log10((energies[t, b] / totals[t]) + ShareFloor))];
        }

        for (int c = 1; c <= MeanCoefficients; c++)
        {
            double[] coefficient = Cosine(shapes, c);
            features.Add(Summary.Mean(coefficient));
            if (c <= DeviationCoefficients)
            {
                features.Add(Summary.Deviation(coefficient));
            }
        }

        features.Add(
            Summary.Mean([.. Enumerable.Range(1, Math.Max(sounding.Length - 1, 0)).Select(i => shapes.Sum(shape => Math.Abs(shape[i] - shape[i - 1])) / bands)]));
    }

    private static double[] Cosine(double[][] shapes, int order)
    {
        var result = new double[shapes[0].Length];
        for (int b = 0; b < shapes.Length; b++)
        {
            double weight = Math.Cos(Math.PI * order * (b + 0.5) / shapes.Length) / shapes.Length;
            for (int t = 0; t < result.Length; t++)
            {
                result[t] += weight * shapes[b][t];
            }
        }

        return result;
    }

    /// <summary>Centroid, 85 % rolloff and flatness of each frame, as logarithms.</summary>
    private static void AddMoments(List<double> features, FrameSpectra spectra, int[] sounding, double binHz)
    {
        double[] centroid = new double[sounding.Length], rolloff = new double[sounding.Length], flatness = new double[sounding.Length];
        for (int i = 0; i < sounding.Length; i++)
        {
            ReadOnlySpan<double> magnitudes = spectra[sounding[i]][1..];
            double sum = 0, weighted = 0, logs = 0;
            for (int k = 0; k < magnitudes.Length; k++)
            {
                double energy = magnitudes[k] * magnitudes[k];
                sum += energy;
                weighted += (k + 1) * energy;
            }

            double floor = sum / magnitudes.Length * ShareFloor, reached = 0;
            int edge = 0;
            for (int k = 0; k < magnitudes.Length; k++)
            {
                double energy = magnitudes[k] * magnitudes[k];
                logs += Math.Log(energy + floor);
                edge += reached < 0.85 * sum ? 1 : 0;
                reached += energy;
            }

            centroid[i] = Math.Log2(weighted / sum * binHz);
            rolloff[i] = Math.Log2(edge * binHz);
            flatness[i] = (logs / magnitudes.Length) - Math.Log(sum / magnitudes.Length);
        }

        features.AddRange([Summary.Mean(centroid), Summary.Deviation(centroid), Summary.Mean(rolloff), Summary.Mean(flatness), Summary.Deviation(flatness)]);
    }

    /// <summary>Quantiles of the change of level, over all and in three ranges of pitch: attacks at one end, decay at the other.</summary>
    private static void AddLevels(List<double> features, double[,] energies, double loudest)
    {
        int bands = energies.GetLength(1);
        foreach ((int first, int end) in (ReadOnlySpan<(int, int)>)[(0, bands), (RangeStarts[0], RangeStarts[1]), (RangeStarts[1], RangeStarts[2]), (RangeStarts[2], bands)])
        {
            var levels = new double[energies.GetLength(0)];
            for (int t = 0; t < levels.Length; t++)
            {
                double sum = loudest * SilenceBelowLoudest;
                for (int b = first; b < end; b++)
                {
                    sum += energies[t, b];
                }

                levels[t] = sum > 0 ? 10 * Math.Log10(sum) : 0;
            }

            double[] changes = [.. Enumerable.Range(LevelStep, Math.Max(levels.Length - LevelStep, 0))
                .Select(t => Math.Clamp(levels[t] - levels[t - LevelStep], -LargestChangeDecibels, LargestChangeDecibels))];
            Array.Sort(changes);
            features.AddRange(LevelQuantiles.Select(share => Summary.Quantile(changes, share)));
        }
    }
}

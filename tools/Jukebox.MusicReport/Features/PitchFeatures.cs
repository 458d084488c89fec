namespace Jukebox.MusicReport.Features;

/// <summary>What an excerpt plays.</summary>
/// <param name="Classes">Statistics of its pitch classes that do not depend on its key: <see cref="PitchFeatures.ClassStatisticsCount"/> numbers.</param>
/// <param name="InTuneShare">Share of the partials' energy within 20 cents of the tempered scale on A = 440 Hz; chance would give 0.4.</param>
/// <param name="TonalShare">Share of the energy between 100 Hz and 2.5 kHz that partials have.</param>
/// <param name="ClassEntropyBits">Entropy of its pitch classes, at most log₂ 12 = 3.58.</param>
/// <param name="LongestNoteShare">Share of the sounding frames in which the note that is most often the strongest is the strongest.</param>
internal sealed record PitchFeatures(double[] Classes, double InTuneShare, double TonalShare, double ClassEntropyBits, double LongestNoteShare)
{
    /// <summary>Numbers in <see cref="Classes"/>.</summary>
    public const int ClassStatisticsCount = 10;

    private const double TolerableCents = 20;
    private const int ChangeStepFrames = 4; // 0.37 s
    private const double HannLobeEnergy = 1.5; // of a partial's whole main lobe, over the square of its top

    // How well each step of a key fits it (Krumhansl and Kessler 1982), from the tonic on.
    private static readonly double[] MajorProfile = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];
    private static readonly double[] MinorProfile = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];

    /// <summary>Measures an excerpt.</summary>
    /// <param name="spectra">Its frames, 93 ms apart.</param>
    /// <param name="binHz">Width of a bin.</param>
    /// <param name="sounds">Whether anything sounds in a frame.</param>
    public static PitchFeatures Of(FrameSpectra spectra, double binHz, Func<int, bool> sounds)
    {
        var peaks = new List<TonalPeak>();
        var chromas = new List<double[]>();
        var strongest = new Dictionary<int, int>();
        double tuned = 0, tonal = 0, energy = 0;
        foreach (int frame in Enumerable.Range(0, spectra.FrameCount).Where(sounds))
        {
            TonalPeaks.Find(spectra[frame], binHz, peaks);
            tonal += peaks.Sum(peak => peak.Amplitude * peak.Amplitude);
            tuned += peaks.Where(peak => Math.Abs(peak.Cents) <= TolerableCents).Sum(peak => peak.Amplitude * peak.Amplitude);
            energy += TonalPeaks.RangeEnergy(spectra[frame], binHz);
            chromas.Add(Chroma(peaks));
            if (peaks.Count > 0)
            {
                int note = (int)Math.Round(peaks.MaxBy(peak => peak.Amplitude).Semitone);
                strongest[note] = strongest.GetValueOrDefault(note) + 1;
            }
        }

        var mean = new double[12];
        foreach (double[] chroma in chromas)
        {
            for (int i = 0; i < mean.Length; i++)
            {
                mean[i] += chroma[i] / chromas.Count;
            }
        }

        return new PitchFeatures(
            ClassStatistics(mean, chromas),
            tonal == 0 ? 0 : tuned / tonal,
            energy == 0 ? 0 : Math.Min(1, HannLobeEnergy * tonal / energy),
            Summary.EntropyBits(mean),
            strongest.Count == 0 ? 0 : (double)strongest.Values.Max() / chromas.Count);
    }

    /// <summary>Amplitude of each pitch class of a frame; they add up to 1, or are zero.</summary>
    private static double[] Chroma(List<TonalPeak> peaks)
    {
        var chroma = new double[12];
        double sum = peaks.Sum(peak => peak.Amplitude);
        foreach (TonalPeak peak in peaks)
        {
            chroma[(int)Math.Round(peak.Semitone) % 12] += peak.Amplitude / sum;
        }

        return chroma;
    }

    /// <summary>How often the classes lie 1 to 6 semitones apart; their entropy over all and by frame; how clear the key is; how fast they change.</summary>
    private static double[] ClassStatistics(double[] mean, List<double[]> chromas)
    {
        double squares = mean.Sum(value => value * value);
        IEnumerable<double> intervals = Enumerable.Range(1, 6).Select(
            step => squares == 0 ? 0 : Enumerable.Range(0, 12).Sum(i => mean[i] * mean[(i + step) % 12]) / squares);
        double[] changes = [.. Enumerable.Range(ChangeStepFrames, Math.Max(chromas.Count - ChangeStepFrames, 0))
            .Select(t => chromas[t].Zip(chromas[t - ChangeStepFrames], (now, before) => Math.Abs(now - before)).Sum() / 2)];
        return
        [
            .. intervals,
            Summary.EntropyBits(mean),
            Summary.Mean([.. chromas.Select(chroma => Summary.EntropyBits(chroma))]),
            Enumerable.Range(0, 12).Max(tonic => Math.Max(Correlation(mean, MajorProfile, tonic), Correlation(mean, MinorProfile, tonic))),
            Summary.Mean(changes),
        ];
    }

    private static double Correlation(double[] chroma, double[] profile, int tonic)
    {
        double chromaMean = Summary.Mean(chroma), profileMean = Summary.Mean(profile), product = 0;
        for (int i = 0; i < 12; i++)
        {
            product += (chroma[(i + tonic) % 12] - chromaMean) * (profile[i] - profileMean);
        }

        double deviations = Summary.Deviation(chroma) * Summary.Deviation(profile);
        return deviations == 0 ? 0 : product / (12 * deviations);
    }
}

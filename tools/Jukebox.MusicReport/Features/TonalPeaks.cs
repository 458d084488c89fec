namespace Jukebox.MusicReport.Features;

/// <summary>One partial of a sound.</summary>
/// <param name="Semitone">Its pitch as a MIDI number with fractions: 69 is 440 Hz.</param>
/// <param name="Amplitude">Magnitude at its top, in units of the spectrum.</param>
internal readonly record struct TonalPeak(double Semitone, double Amplitude)
{
    /// <summary>Distance from the tempered scale, −50 to 50.</summary>
    public double Cents => 100 * (Semitone - Math.Round(Semitone));
}

/// <summary>
/// Finds the partials of a frame between 100 Hz and 2.5 kHz: maxima that tower above their surroundings. Below, semitones lie
/// too close for the transform; above, the overtones of real strings are sharp.
/// </summary>
internal static class TonalPeaks
{
    private const double LowestHz = 100;
    private const double HighestHz = 2500;
    private const int Surroundings = 32; // bins on each side
    private const double OverSurroundings = 3; // times the mean magnitude around
    private const double OverLoudest = 0.01; // −40 dB

    /// <summary>The partials of a frame, from low to high.</summary>
    /// <param name="magnitudes">Its spectrum, through a Hann window as long as the transform.</param>
    /// <param name="binHz">Width of a bin.</param>
    /// <param name="peaks">Receives them; cleared first.</param>
    public static void Find(ReadOnlySpan<double> magnitudes, double binHz, List<TonalPeak> peaks)
    {
        peaks.Clear();
        int first = (int)Math.Ceiling(LowestHz / binHz), end = (int)(HighestHz / binHz) + 1;
        double loudest = 0;
        foreach (double magnitude in magnitudes[first..end])
        {
            loudest = Math.Max(loudest, magnitude);
        }

        for (int k = first; k < end; k++)
        {
            double top = magnitudes[k];
            if (top > OverLoudest * loudest
                && top >= magnitudes[k - 1] && top > magnitudes[k + 1] && top >= magnitudes[k - 2] && top > magnitudes[k + 2]
                && top > OverSurroundings * Around(magnitudes, k))
            {
                // A Hann window's main lobe is close to a parabola in decibels.
                double left = Math.Log(magnitudes[k - 1] + double.Epsilon), centre = Math.Log(top), right = Math.Log(magnitudes[k + 1] + double.Epsilon);
                double shift = 0.5 * (left - right) / (left - (2 * centre) + right);
                double hertz = (k + shift) * binHz;
                peaks.Add(new TonalPeak(69 + (12 * Math.Log2(hertz / 440)), Math.Exp(centre - (0.25 * (left - right) * shift))));
            }
        }
    }

    /// <summary>Energy of a frame where partials are sought.</summary>
    public static double RangeEnergy(ReadOnlySpan<double> magnitudes, double binHz)
    {
        double energy = 0;
        foreach (double magnitude in magnitudes[(int)Math.Ceiling(LowestHz / binHz)..((int)(HighestHz / binHz) + 1)])
        {
            energy += magnitude * magnitude;
        }

        return energy;
    }

    private static double Around(ReadOnlySpan<double> magnitudes, int bin)
    {
        ReadOnlySpan<double> around = magnitudes[Math.Max(bin - Surroundings, 0)..Math.Min(bin + Surroundings + 1, magnitudes.Length)];
        return Summary.Mean(around);
    }
}

namespace Jukebox.Tests.Shipped;

/// <summary>
/// A recording that no model has learnt from and that needs no file: broken chords of plucked strings over a held bass, in
/// the values of a 16-bit file, so that the last bit of a sine does not matter.
/// </summary>
internal static class MadeMusic
{
    private const double NoteSeconds = 0.2;
    private const double PluckDecaySeconds = 0.5;
    private const double AttackSeconds = 0.005;
    private const int Harmonics = 6;
    private const double MostAmplitude = 0.6;

    /// <summary>Semitones above the bass: I, vi, IV and V of a major key, a chord each.</summary>
    private static readonly int[][] Chords = [[12, 16, 19, 24], [9, 12, 16, 21], [5, 9, 12, 17], [7, 11, 14, 19]];

    /// <summary>Its first samples at a rate, some semitones higher.</summary>
    public static float[] Of(int lengthSamples, int sampleRateHz, int higher = 0)
    {
        var sum = new double[lengthSamples];
        for (int note = 0; note * NoteSeconds * sampleRateHz < lengthSamples; note++)
        {
            int[] chord = Chords[note / 4 % Chords.Length];
            Add(sum, sampleRateHz, note * NoteSeconds, chord[note % 4] + higher, 1);
            if (note % 4 == 0)
            {
                Add(sum, sampleRateHz, note * NoteSeconds, chord[0] - 12 + higher, 1.2);
            }
        }

        double scale = MostAmplitude / sum.Max(Math.Abs);
        return [.. sum.Select(value => (float)(Math.Round(value * scale * short.MaxValue) / short.MaxValue))];
    }

    private static void Add(double[] sum, int sampleRateHz, double startSeconds, int semitones, double amplitude)
    {
        double frequencyHz = 130.8128 * Math.Pow(2, semitones / 12.0);
        int start = (int)(startSeconds * sampleRateHz);
        for (int i = start; i < sum.Length; i++)
        {
            double time = (double)(i - start) / sampleRateHz, value = 0;
            for (int h = 1; h <= Harmonics; h++)
            {
                // Higher harmonics are softer and die sooner.
                value += Math.Sin(2 * Math.PI * frequencyHz * h * time) * Math.Exp(-time * h / PluckDecaySeconds) / h;
            }

            sum[i] += amplitude * Math.Min(1, time / AttackSeconds) * value;
        }
    }
}

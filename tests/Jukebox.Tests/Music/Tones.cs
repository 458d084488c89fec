namespace Jukebox.Tests.Music;

/// <summary>Synthetic sounds at 22,050 Hz.</summary>
internal static class Tones
{
    public const int RateHz = 22050;

    /// <summary>A sine of an amplitude of 0.3.</summary>
    public static float[] Sine(double hertz, double seconds = 2) =>
        [.. Enumerable.Range(0, (int)(seconds * RateHz)).Select(i => (float)(0.3 * Math.Sin(2 * Math.PI * hertz * i / RateHz)))];

    /// <summary>Frequency of a MIDI note, some cents off.</summary>
    public static double Hertz(double note, double cents = 0) => 440 * Math.Pow(2, (note - 69 + (cents / 100)) / 12);

    /// <summary>Noise, uniform up to an amplitude.</summary>
    public static float[] Noise(ulong seed, double seconds, float amplitude)
    {
        var random = new TestRandom(seed);
        return [.. Enumerable.Range(0, (int)(seconds * RateHz)).Select(_ => amplitude * random.Signed())];
    }

    /// <summary>
    /// A made-up melody on a made-up instrument: notes of a major scale, a quarter of a second each, with overtones; plucked ones
    /// decay, blown ones do not and have odd overtones only.
    /// </summary>
    public static float[] Melody(ulong seed, double seconds, bool plucked, double cents = 0)
    {
        int[] scale = [60, 62, 64, 65, 67, 69, 71, 72];
        var random = new TestRandom(seed);
        var audio = new float[(int)(seconds * RateHz)];
        int length = RateHz / 4;
        for (int start = 0; start < audio.Length; start += length)
        {
            double hertz = Hertz(scale[random.Next(scale.Length)], cents);
            for (int i = 0; i < length && start + i < audio.Length; i++)
            {
                double time = (double)i / RateHz, level = plucked ? Math.Exp(-12 * time) : Math.Min(1, time / 0.05), sum = 0;
                for (int overtone = 1; overtone <= 6; overtone += plucked ? 1 : 2)
                {
                    sum += Math.Sin(2 * Math.PI * hertz * overtone * time) / (plucked ? overtone : overtone * overtone);
                }

                audio[start + i] = (float)(0.2 * level * sum);
            }
        }

        return audio;
    }
}

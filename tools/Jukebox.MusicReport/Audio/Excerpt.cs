namespace Jukebox.MusicReport.Audio;

/// <summary>Cuts audio into the stretches that are measured.</summary>
internal static class Excerpt
{
    /// <summary>
    /// Whole excerpts, one after the other from the start; where there would be more than <paramref name="most"/>, so many evenly
    /// spread ones. Audio that is shorter than an excerpt is one itself.
    /// </summary>
    public static IEnumerable<float[]> Cut(float[] samples, int lengthSamples, int most)
    {
        int whole = samples.Length / lengthSamples;
        if (whole == 0)
        {
            return [samples];
        }

        return Enumerable.Range(0, Math.Min(whole, most))
            .Select(i => (int)((long)i * whole / Math.Min(whole, most)) * lengthSamples)
            .Select(start => samples[start..(start + lengthSamples)]);
    }
}

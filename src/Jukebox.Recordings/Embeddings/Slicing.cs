namespace Jukebox.Recordings.Embeddings;

/// <summary>
/// Overlapping stretches of equal length, as EDGE cuts recordings before anything else: at the recording's own rate, lengths in whole samples by
/// truncation; a rest that is shorter is dropped.
/// </summary>
/// <param name="SliceSeconds">Length of a slice.</param>
/// <param name="HopSeconds">From the start of one to that of the next.</param>
public readonly record struct Slicing(double SliceSeconds, double HopSeconds)
{
    /// <summary>Samples of a slice.</summary>
    public int SliceSamples(int sampleRateHz) => (int)(SliceSeconds * sampleRateHz);

    /// <summary>Samples from slice to slice.</summary>
    public int HopSamples(int sampleRateHz) => (int)(HopSeconds * sampleRateHz);

    /// <summary>Slices of a recording.</summary>
    public long CountOf(long samples, int sampleRateHz)
    {
        int slice = SliceSamples(sampleRateHz), hop = HopSamples(sampleRateHz);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slice);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hop);
        return samples < slice ? 0 : 1 + ((samples - slice) / hop);
    }

    /// <summary>A sample as it comes back from the 16-bit file that EDGE puts it in: rounded down, and clipped.</summary>
    public static float AsPcm16(float sample) => Math.Clamp(MathF.Floor(sample * 32768), -32768, 32767) / 32768;
}

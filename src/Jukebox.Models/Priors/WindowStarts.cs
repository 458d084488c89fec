namespace Jukebox.Models.Priors;

/// <summary>Where the windows of a prior begin on codes that are longer than its context.</summary>
public static class WindowStarts
{
    /// <summary>
    /// Starts of the windows that cover <paramref name="total"/> ≥ <paramref name="context"/> tokens: one every
    /// <paramref name="hop"/>, the last pulled back to end with the song.
    /// </summary>
    public static IReadOnlyList<int> Of(int total, int context, int hop)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hop);
        var starts = new List<int>();
        for (long start = 0; start < (long)total - context + hop; start += hop)
        {
            starts.Add((int)Math.Min(start, total - context));
        }

        return starts;
    }
}

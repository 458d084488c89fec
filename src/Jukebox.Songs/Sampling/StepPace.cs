namespace Jukebox.Songs.Sampling;

/// <summary>
/// How many tokens are asked for at once: one where a token takes long, more on a device that would otherwise wait for
/// the host between tokens, but never so many that a kill or an interruption would cost more than a moment.
/// </summary>
/// <param name="most">Most tokens at once.</param>
internal struct StepPace(int most)
{
    /// <summary>What the tokens asked for at once may take: a tenth of what a killed run may lose.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(0.1);

    /// <summary>Tokens to ask for next.</summary>
    public int Next { get; private set; } = 1;

    /// <summary>Takes note of how long the last ones took; the number at most doubles.</summary>
    public void Took(int count, TimeSpan elapsed)
    {
        double fitting = elapsed > TimeSpan.Zero ? count * (Budget / elapsed) : most;
        Next = Math.Clamp((int)Math.Min(fitting, 2.0 * count), 1, most);
    }
}

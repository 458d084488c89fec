namespace Jukebox.Studio.Songs;

/// <summary>What a song has still to draw at one level, and how fast that goes.</summary>
/// <param name="Tokens">Tokens still to be drawn, over all items.</param>
/// <param name="Cost">Time of one of them by reckoning, in a unit that the levels share.</param>
/// <param name="TokensPerSecond">As measured in this run, or none where nothing has been drawn yet.</param>
internal readonly record struct LevelPace(long Tokens, double Cost, double? TokensPerSecond);

/// <summary>How long the rest of a song takes.</summary>
internal static class RemainingTime
{
    /// <summary>
    /// Levels that were measured go on at their own rate; the others at that of the last one measured, by what their
    /// tokens cost beside its own. None where nothing was measured.
    /// </summary>
    /// <param name="levels">In the order in which they are sampled.</param>
    public static double? Seconds(ReadOnlySpan<LevelPace> levels)
    {
        double? secondsPerCost = null;
        foreach (LevelPace level in levels)
        {
            secondsPerCost = level.TokensPerSecond is { } rate ? 1 / (rate * level.Cost) : secondsPerCost;
        }

        if (secondsPerCost is null)
        {
            return null;
        }

        double seconds = 0;
        foreach (LevelPace level in levels)
        {
            seconds += level.Tokens * (1 / level.TokensPerSecond ?? level.Cost * secondsPerCost.Value);
        }

        return seconds;
    }
}

namespace Jukebox.Models.VqVaes;

/// <summary>Positions [First, End) of a signal over time.</summary>
/// <param name="First">First position.</param>
/// <param name="End">One past the last.</param>
public readonly record struct RowRange(long First, long End)
{
    /// <summary>Number of positions.</summary>
    public long Count => End - First;

    /// <summary>The part that lies within a signal of that length.</summary>
    public RowRange Within(long length) => new(Math.Clamp(First, 0, length), Math.Clamp(End, 0, length));
}

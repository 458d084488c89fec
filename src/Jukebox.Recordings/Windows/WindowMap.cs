namespace Jukebox.Recordings.Windows;

/// <summary>A stretch of one track.</summary>
/// <param name="Track">Index of the track.</param>
/// <param name="Offset">Where it begins, from the start of the track.</param>
public readonly record struct WindowPlace(int Track, long Offset);

/// <summary>
/// Cuts tracks laid end to end into windows of one length. A window that would cross from one track into another is moved
/// into the track that its middle lies in. Lengths are in any one unit: samples, or tokens.
/// </summary>
public sealed class WindowMap
{
    private readonly long[] _ends;

    /// <summary>Lays the tracks end to end.</summary>
    /// <param name="lengths">Length of each track, none shorter than a window.</param>
    /// <param name="windowLength">Length of a window.</param>
    public WindowMap(IEnumerable<long> lengths, long windowLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(windowLength);
        WindowLength = windowLength;
        var ends = new List<long>();
        long end = 0;
        foreach (long length in lengths)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(length, windowLength, nameof(lengths));
            ends.Add(end += length);
        }

        _ends = [.. ends];
        Count = end / windowLength;
    }

    /// <summary>Length of a window.</summary>
    public long WindowLength { get; }

    /// <summary>Windows: the whole length over that of a window, rounded down.</summary>
    public long Count { get; }

    /// <summary>Half a window, rounded down: shifts lie in [−half, half).</summary>
    public long Half => WindowLength / 2;

    /// <summary>Where a window lies.</summary>
    /// <param name="item">Index of the window, from 0.</param>
    /// <param name="shift">How far it is moved, in [−<see cref="Half"/>, <see cref="Half"/>), or 0.</param>
    public WindowPlace Locate(long item, long shift)
    {
        if (item < 0 || item >= Count)
        {
            throw new ArgumentOutOfRangeException(nameof(item), item, $"there are {Count} windows");
        }

        long offset = (item * WindowLength) + shift;
        int track = FirstEndingAtOrAfter(offset + Half);
        long start = track == 0 ? 0 : _ends[track - 1];
        long last = _ends[track] - WindowLength;
        if (offset > last)
        {
            // With an odd length, half a window to the left can still be one too far to the right.
            offset = Math.Min(Math.Max(start, offset - Half), last);
        }
        else if (offset < start)
        {
            offset = Math.Max(Math.Min(last, offset + Half), start);
        }

        return new WindowPlace(track, offset - start);
    }

    private int FirstEndingAtOrAfter(long position)
    {
        int index = Array.BinarySearch(_ends, position);
        return index >= 0 ? index : ~index;
    }
}

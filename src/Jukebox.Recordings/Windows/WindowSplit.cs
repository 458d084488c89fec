using Jukebox.Recordings.Folders;

namespace Jukebox.Recordings.Windows;

/// <summary>A range of the windows of some tracks.</summary>
/// <param name="Tracks">The tracks, as the map lays them.</param>
/// <param name="Map">Where the windows lie.</param>
/// <param name="First">First window of the range.</param>
/// <param name="Count">Windows in it.</param>
public sealed record WindowRange(IReadOnlyList<Track> Tracks, WindowMap Map, long First, long Count)
{
    /// <summary>Where a window of the range lies.</summary>
    public WindowPlace Locate(long index, long shift) => Map.Locate(First + index, shift);
}

/// <summary>Which windows are learnt from and which are measured on.</summary>
/// <param name="Train">The former.</param>
/// <param name="Valid">The latter; may be empty.</param>
public sealed record WindowSplit(WindowRange Train, WindowRange Valid)
{
    /// <summary>
    /// Splits by track where the side table says what tracks are used for (one that it leaves out is then learnt from), and
    /// otherwise by window: the first part of all windows is learnt from.
    /// </summary>
    /// <param name="tracks">The tracks, none shorter than a window.</param>
    /// <param name="lengthOf">Their lengths.</param>
    /// <param name="windowLength">Length of a window, in the same unit.</param>
    /// <param name="trainFraction">Part of the windows that is learnt from where nothing is said.</param>
    public static WindowSplit Of(IReadOnlyList<Track> tracks, Func<Track, long> lengthOf, long windowLength, double trainFraction)
    {
        WindowMap MapOf(IEnumerable<Track> part) => new(part.Select(lengthOf), windowLength);
        if (tracks.Any(track => track.Split != TrackSplit.Unstated))
        {
            Track[] train = [.. tracks.Where(track => track.Split != TrackSplit.Valid)];
            Track[] valid = [.. tracks.Where(track => track.Split == TrackSplit.Valid)];
            WindowMap trainMap = MapOf(train), validMap = MapOf(valid);
            return new WindowSplit(new WindowRange(train, trainMap, 0, trainMap.Count), new WindowRange(valid, validMap, 0, validMap.Count));
        }

        WindowMap map = MapOf(tracks);
        long first = (long)Math.Floor(trainFraction * map.Count);
        return new WindowSplit(new WindowRange(tracks, map, 0, first), new WindowRange(tracks, map, first, map.Count - first));
    }
}

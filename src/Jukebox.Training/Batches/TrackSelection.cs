using System.Globalization;
using Jukebox.Recordings.Folders;
using Jukebox.Recordings.Windows;
using Jukebox.Training.Settings;

namespace Jukebox.Training.Batches;

/// <summary>The recordings of a data set that a run uses.</summary>
/// <param name="Set">The data set.</param>
/// <param name="Tracks">Those of a length that is wanted.</param>
/// <param name="TooShort">How many are shorter.</param>
/// <param name="TooLong">How many are longer.</param>
public sealed record TrackSelection(AudioSet Set, IReadOnlyList<Track> Tracks, int TooShort, int TooLong)
{
    /// <summary>Takes the tracks of at least one and less than another length.</summary>
    /// <param name="set">The data set.</param>
    /// <param name="windowSamples">Samples of a window; a track must have one.</param>
    /// <param name="windows">Further limits.</param>
    /// <exception cref="TrainingException">No track is left.</exception>
    public static TrackSelection Of(AudioSet set, long windowSamples, WindowSettings windows)
    {
        double shortest = Math.Max(windowSamples, (windows.MinSeconds ?? 0) * set.SampleRateHz);
        double longest = (windows.MaxSeconds ?? double.PositiveInfinity) * set.SampleRateHz;
        int tooShort = set.Tracks.Count(track => track.LengthSamples < shortest), tooLong = set.Tracks.Count(track => track.LengthSamples >= longest);
        Track[] tracks = [.. set.Tracks.Where(track => track.LengthSamples >= shortest && track.LengthSamples < longest)];
        var selection = new TrackSelection(set, tracks, tooShort, tooLong);
        return tracks.Length > 0 ? selection : throw new TrainingException(
            $"{set.Folder}: {selection.Found(shortest / set.SampleRateHz, longest / set.SampleRateHz)}; add recordings of a length between, or change the limits.");
    }

    /// <summary>Cuts the tracks into windows of which there are enough for a batch.</summary>
    /// <param name="lengthOf">Length of a track.</param>
    /// <param name="windowLength">Length of a window, in the same unit.</param>
    /// <param name="batchSize">Windows of a step.</param>
    /// <param name="windows">How windows are taken.</param>
    /// <exception cref="TrainingException">There are too few to learn from.</exception>
    public WindowSplit Split(Func<Track, long> lengthOf, long windowLength, int batchSize, WindowSettings windows)
    {
        WindowSplit split = WindowSplit.Of(Tracks, lengthOf, windowLength, windows.TrainFraction);
        return split.Train.Count >= batchSize ? split : throw new TrainingException(
            $"{Set.Folder}: its {Tracks.Count} usable recordings give {split.Train.Count} windows to learn from, fewer than a batch of {batchSize}; "
            + "add recordings, or use a smaller --batch.");
    }

    /// <summary>Seconds of all tracks.</summary>
    public double Seconds => (double)Tracks.Sum(track => track.LengthSamples) / Set.SampleRateHz;

    private string Found(double shortestSeconds, double longestSeconds)
    {
        string unreadable = Set.Unreadable.Count > 0 ? $"{Set.Unreadable.Count} cannot be read, " : "";
        string tooLong = TooLong > 0 ? string.Create(CultureInfo.InvariantCulture, $", {TooLong} not shorter than {longestSeconds:0.##} s") : "";
        return string.Create(CultureInfo.InvariantCulture, $"of {Set.FileCount} audio files, {unreadable}{TooShort} are shorter than {shortestSeconds:0.##} s{tooLong}");
    }
}

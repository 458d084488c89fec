using System.Globalization;
using Jukebox.Core.Files;

namespace Jukebox.Studio.Embeddings;

/// <summary>Times between which rows are averaged, beats as a rule: a number of seconds a line, what follows a blank or a tab is left alone.</summary>
internal static class EmbedTimes
{
    private const int LimitBytes = 16 << 20;
    private const string Remedy = "give a time in seconds a line, each after the one before";

    /// <summary>Those of an input.</summary>
    /// <param name="path">Their file, or a folder of such files with the inputs' names.</param>
    /// <param name="input">The input.</param>
    public static double[] Of(string path, EmbedInput input) =>
        Read(Directory.Exists(path) ? Path.Combine(path, input.Name + ".txt") : path, input.Range.StartSeconds);

    /// <summary>Reads them, from the start of what is taken of a recording.</summary>
    /// <exception cref="StudioException">The file is not there, or its times are none.</exception>
    private static double[] Read(string path, double startSeconds)
    {
        if (!RegularFile.Exists(path))
        {
            throw new StudioException($"There are no times '{path}'; {Remedy}.");
        }

        var times = new List<double>();
        foreach ((int index, string line) in TextFile.Read(path, LimitBytes, Remedy).Split('\n').Index())
        {
            string text = line.Trim().Split([' ', '\t', ','], 2)[0];
            if (text.Length == 0 || text.StartsWith('#'))
            {
                continue;
            }

            if (!double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double seconds)
                || !double.IsFinite(seconds) || seconds < startSeconds || (times.Count > 0 && seconds - startSeconds <= times[^1]))
            {
                throw new StudioException($"{path}, line {index + 1}: '{text}' is no time after the one before and within the recording; {Remedy}.");
            }

            times.Add(seconds - startSeconds);
        }

        return times.Count >= 2
            ? [.. times]
            : throw new StudioException($"{path} has {times.Count} {(times.Count == 1 ? "time" : "times")}, and a frame lies between two; {Remedy}.");
    }
}

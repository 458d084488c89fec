using System.Buffers;
using System.Globalization;
using Jukebox.Core.Errors;

namespace Jukebox.Audio.Reading;

/// <summary>
/// A file and the part of it that is meant: <c>song.wav</c>, <c>song.wav@12.5-24</c>, <c>song.wav@1:05-</c> (to the end).
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="StartSeconds">First instant, from the start of the file.</param>
/// <param name="EndSeconds">Last instant, exclusive; none means to the end.</param>
public sealed record AudioRange(string Path, double StartSeconds = 0, double? EndSeconds = null)
{
    /// <summary>What times are written with, rightly or not.</summary>
    private static readonly SearchValues<char> OfTimes = SearchValues.Create("0123456789.,-+eEsS ");

    /// <summary>
    /// Reads a range. Times are seconds, mm:ss or hh:mm:ss, with decimals; a missing start is 0. An '@' that no range
    /// follows belongs to the name, and so does everything where a file of that very name exists.
    /// </summary>
    /// <exception cref="AudioException">The range ends before it starts.</exception>
    /// <exception cref="UsageException">What follows the '@' is made of numbers, and is no range.</exception>
    public static AudioRange Parse(string text)
    {
        int at = text.LastIndexOf('@');
        if (at <= 0 || File.Exists(text))
        {
            return new AudioRange(text);
        }

        if (!TryTimes(text.AsSpan(at + 1), out double start, out double? end))
        {
            return IsMeantForTimes(text.AsSpan(at + 1))
                ? throw new UsageException($"'{text}': '{text[(at + 1)..]}' is no stretch of time; write FILE@START-END, in seconds with a decimal point (12.5-24), or mm:ss.")
                : new AudioRange(text);
        }

        return end is null || end > start
            ? new AudioRange(text[..at], start, end)
            : throw new AudioException($"'{text}' ends at {Shown(end.Value)} s, not after its start at {Shown(start)} s; write FILE@START-END.");
    }

    /// <summary>A stretch of a file from its times alone, <c>12.5-24</c>; none where they are no times, and not looked at for their order.</summary>
    public static AudioRange? ParseTimes(string path, string times) =>
        TryTimes(times, out double start, out double? end) ? new AudioRange(path, start, end) : null;

    /// <inheritdoc/>
    public override string ToString() => StartSeconds == 0 && EndSeconds is null
        ? Path
        : $"{Path}@{Shown(StartSeconds)}-{(EndSeconds is { } end ? Shown(end) : "")}";

    private static string Shown(double seconds) => seconds.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether what follows an '@' is made of what numbers are made of, with something between two of them.</summary>
    private static bool IsMeantForTimes(ReadOnlySpan<char> text) =>
        text.Contains('-') && text.ContainsAnyInRange('0', '9') && !text.ContainsAnyExcept(OfTimes);

    private static bool TryTimes(ReadOnlySpan<char> text, out double start, out double? end)
    {
        (start, end) = (0, null);
        int dash = text.IndexOf('-');
        if (dash < 0 || text.Length == 1)
        {
            return false;
        }

        if (dash > 0 && !TrySeconds(text[..dash], out start))
        {
            return false;
        }

        if (dash + 1 == text.Length)
        {
            return true;
        }

        bool sound = TrySeconds(text[(dash + 1)..], out double last);
        end = last;
        return sound;
    }

    private static bool TrySeconds(ReadOnlySpan<char> text, out double seconds)
    {
        seconds = 0;
        int parts = 0;
        foreach (Range range in text.Split(':'))
        {
            bool first = parts++ == 0;
            if (!double.TryParse(text[range], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
                || !double.IsFinite(value) || (!first && value >= 60))
            {
                return false;
            }

            seconds = (seconds * 60) + value;
        }

        return parts <= 3;
    }
}

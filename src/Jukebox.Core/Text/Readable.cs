using System.Globalization;

namespace Jukebox.Core.Text;

/// <summary>Numbers as people read them.</summary>
public static class Readable
{
    private static readonly string[] Prefixes = ["", "k", "M", "G", "T"];

    /// <summary>"7.4 MB", decimal prefixes.</summary>
    public static string Bytes(long bytes) => Scaled(bytes) + "B";

    /// <summary>"1.2 G", for parameters and operations.</summary>
    public static string Scaled(double value)
    {
        int power = 0;
        while (Math.Abs(value) >= 999.5 && power < Prefixes.Length - 1)
        {
            value /= 1000;
            power++;
        }

        string number = power == 0 || value >= 99.95 ? value.ToString("0", CultureInfo.InvariantCulture) : value.ToString("0.0", CultureInfo.InvariantCulture);
        return $"{number} {Prefixes[power]}";
    }

    /// <summary>"0.4 s", "3 min 20 s", "2 h 05 min", "3 d 4 h".</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 0 or double.NaN => "unknown",
        < 9.95 => seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        < 99.5 => seconds.ToString("0", CultureInfo.InvariantCulture) + " s",
        < 3600 => $"{(int)(seconds / 60)} min {(int)(seconds % 60):00} s",
        < 172_800 => $"{(int)(seconds / 3600)} h {(int)(seconds / 60 % 60):00} min",
        _ => $"{Math.Floor(seconds / 86_400):0} d {(int)(seconds / 3600 % 24)} h",
    };

    /// <summary>The local time by the clock at which something ends: "14:05", with the day where it is another one.</summary>
    public static string FinishTime(TimeSpan remaining, TimeProvider clock)
    {
        DateTimeOffset now = clock.GetLocalNow();
        if (remaining > TimeSpan.FromDays(3650))
        {
            return "years from now";
        }

        DateTimeOffset end = now + remaining;
        return end.ToString(end.Date == now.Date ? "HH:mm" : "ddd d MMM HH:mm", CultureInfo.InvariantCulture);
    }

    /// <summary>One digit after the point, whatever the size: "12.3".</summary>
    public static string Rate(double value) => value.ToString(value < 10 ? "0.00" : value < 1000 ? "0.0" : "0", CultureInfo.InvariantCulture);
}

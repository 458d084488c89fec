using System.Globalization;

namespace Jukebox.Conversion;

/// <summary>Numbers for people.</summary>
internal static class Text
{
    /// <summary>Bytes in the largest fitting decimal unit: "10.29 GB".</summary>
    public static string Bytes(long lengthBytes) => lengthBytes switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{lengthBytes / 1e9:0.00} GB"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{lengthBytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{lengthBytes} bytes"),
    };
}

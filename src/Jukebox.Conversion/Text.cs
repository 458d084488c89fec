using System.Globalization;
using Jukebox.Core.Text;

namespace Jukebox.Conversion;

/// <summary>Numbers and other people's text, as they are shown.</summary>
internal static class Text
{
    private const int QuoteCharacters = 160;

    /// <summary>Bytes in the largest fitting decimal unit: "10.29 GB".</summary>
    public static string Bytes(long lengthBytes) => lengthBytes switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{lengthBytes / 1e9:0.00} GB"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{lengthBytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{lengthBytes} bytes"),
    };

    /// <summary>Text from a file as one line that is safe to print, cut where it is longer than any honest name.</summary>
    public static string Quote(string text) => PlainText.Line(text.Length > QuoteCharacters ? text[..QuoteCharacters] + "…" : text);

    /// <summary>The first of many names, and how many there are in all if not all are told.</summary>
    public static string List(IReadOnlyCollection<string> names, int limit) =>
        string.Join(", ", names.Take(limit).Select(Quote)) + (names.Count > limit ? ", …" : "");
}

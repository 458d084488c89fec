using System.Globalization;
using System.Text;

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

    /// <summary>
    /// Text from a file, safe to print: what would move a terminal's cursor, change its colours or turn its direction is
    /// spelt out (<c>\u001b</c>), and a line stays one line.
    /// </summary>
    public static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            bool isPair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
            if (isPair)
            {
                safe.Append(text, i++, 2);
            }
            else if (IsUnsafe(text[i]))
            {
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            }
            else
            {
                safe.Append(text[i]);
            }
        }

        return safe.ToString();
    }

    /// <summary>The same, cut where it is longer than any honest name.</summary>
    public static string Quote(string text) => Escape(text.Length > QuoteCharacters ? text[..QuoteCharacters] + "…" : text);

    /// <summary>The first of many names, and how many there are in all if not all are told.</summary>
    public static string List(IReadOnlyCollection<string> names, int limit) =>
        string.Join(", ", names.Take(limit).Select(Quote)) + (names.Count > limit ? ", …" : "");

    /// <summary>Control characters of both ranges, halves of pairs, separators of lines, marks of direction, and the byte order mark.</summary>
    private static bool IsUnsafe(char c) => char.IsControl(c) || char.IsSurrogate(c)
        || c is '\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\ufeff';
}

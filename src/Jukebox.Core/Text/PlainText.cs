using System.Globalization;
using System.Text;

namespace Jukebox.Core.Text;

/// <summary>
/// Text from files and other programs, as it may be shown on a terminal: what could move the cursor, colour the screen, rename the
/// window or turn the direction of writing is written out (<c>\u001b</c>).
/// </summary>
public static class PlainText
{
    /// <summary>The text; tabs and line ends stay.</summary>
    public static string Of(string text) => Written(text, keepsLayout: true);

    /// <summary>The text as one line: tabs and line ends are written out too.</summary>
    public static string Line(string text) => Written(text, keepsLayout: false);

    private static string Written(string text, bool keepsLayout)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                safe.Append(text, i++, 2);
            }
            else if (IsUnsafe(text[i]) && !(keepsLayout && (text[i] is '\n' or '\r' or '\t')))
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

    /// <summary>Control characters of both ranges, halves of pairs, separators of lines, marks of direction, and the byte order mark.</summary>
    private static bool IsUnsafe(char c) => char.IsControl(c) || char.IsSurrogate(c)
        || c is '\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\ufeff';
}

/// <summary>Passes text on as <see cref="PlainText.Of"/> shows it.</summary>
/// <param name="inner">Where it goes.</param>
public sealed class PlainTextWriter(TextWriter inner) : TextWriter(CultureInfo.InvariantCulture)
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => inner.Write(PlainText.Of(value.ToString()));

    /// <inheritdoc/>
    public override void Write(string? value) => inner.Write(PlainText.Of(value ?? ""));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => inner.WriteLine(PlainText.Of(value ?? ""));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => inner.Write(PlainText.Of(new string(buffer, index, count)));

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();
}

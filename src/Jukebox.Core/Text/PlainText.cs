using System.Globalization;
using System.Text;

namespace Jukebox.Core.Text;

/// <summary>Text from files and other programs, as it may be shown on a terminal.</summary>
public static class PlainText
{
    /// <summary>
    /// The text with every control character but tabs and line ends written out (<c>\u001b</c>), and with it what could move the
    /// cursor, colour or rename a window; so too what turns the direction of writing.
    /// </summary>
    public static string Of(string text)
    {
        if (!text.Any(IsControl))
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (IsControl(c))
            {
                plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                plain.Append(c);
            }
        }

        return plain.ToString();
    }

    private static bool IsControl(char c) => (char.IsControl(c) && c is not ('\n' or '\r' or '\t')) || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
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

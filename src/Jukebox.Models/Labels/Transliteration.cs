using System.Text;

namespace Jukebox.Models.Labels;

/// <summary>
/// Any text to ASCII in the manner of Unidecode 1.1.1, which cleaned the lyrics that the published models learned
/// from. Each character is replaced on its own. AnyAscii does most of it; where the two schemes differ in what songs
/// contain, the rules and tables here decide.
/// </summary>
public static partial class Transliteration
{
    /// <summary>The ASCII that stands for a character; empty where nothing does.</summary>
    public static string ToAscii(Rune rune)
    {
        int value = rune.Value;
        if (rune.IsAscii)
        {
            return rune.ToString();
        }

        if (Exceptions.TryGetValue(value, out string? exception))
        {
            return exception;
        }

        return value switch
        {
            >= 0xAC00 and <= 0xD7A3 => Hangul(value - 0xAC00),
            (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) => Han(rune),
            >= 0x1F00 and <= 0x1FFF => AncientGreek(rune),
            _ => IsBlank(value) ? "" : Fallback(rune),
        };
    }

    /// <summary>Text to ASCII, character by character.</summary>
    public static string ToAscii(string text)
    {
        var ascii = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            ascii.Append(ToAscii(rune));
        }

        return ascii.ToString();
    }

    /// <summary>AnyAscii, without the names that it gives to pictures (":heart:").</summary>
    private static string Fallback(Rune rune)
    {
        string ascii = AnyAscii.Transliteration.Transliterate(rune.ToString());
        return ascii.Length > 2 && ascii[0] == ':' && ascii[^1] == ':' ? "" : ascii;
    }

    /// <summary>A Chinese reading, set off from what follows by a space.</summary>
    private static string Han(Rune rune)
    {
        string reading = Fallback(rune);
        return reading.Length == 0 ? "" : reading + " ";
    }

    /// <summary>A Korean syllable by the short names that Unicode gives its letters.</summary>
    private static string Hangul(int index)
    {
        (int lead, int rest) = Math.DivRem(index, HangulVowels.Length * HangulTails.Length);
        (int vowel, int tail) = Math.DivRem(rest, HangulTails.Length);
        return HangulLeads[lead] + HangulVowels[vowel] + HangulTails[tail];
    }

    /// <summary>Accented Greek letters spelt as the plain ones are: eta is e, upsilon u, breathings are silent.</summary>
    private static string AncientGreek(Rune rune)
    {
        string ascii = Fallback(rune);
        if (ascii.Length == 0 || !char.IsAsciiLetter(ascii[0]) || rune.Value == 0x1FFE)
        {
            return "";
        }

        char letter = ascii[0] is 'h' or 'H' && ascii.Length > 1
            ? (char.IsAsciiLetterUpper(ascii[0]) ? char.ToUpperInvariant(ascii[1]) : ascii[1])
            : ascii[0];
        bool eta = (rune.Value & ~0xF) is 0x1F20 or 0x1F90 or 0x1FC0 || rune.Value is 0x1F74 or 0x1F75;
        return (letter, eta) switch
        {
            ('i', true) => "e",
            ('I', true) => "E",
            ('y', _) => "u",
            ('Y', _) => "U",
            _ => letter.ToString(),
        };
    }

    /// <summary>What has no spelling at all: accents on their own, rare ideographs, ornaments, pictures, private use.</summary>
    private static bool IsBlank(int value) => value switch
    {
        >= 0x0080 and <= 0x009F => true,
        >= 0x0300 and <= 0x036F => true,
        >= 0x1EFA and <= 0x1EFF => true,
        0x266D or 0x266F => false,
        >= 0x2600 and <= 0x26FF => true,
        (>= 0x275B and <= 0x275E) or (>= 0x2776 and <= 0x2793) => false,
        >= 0x2700 and <= 0x27BF => true,
        >= 0x3400 and <= 0x4DBF => true,
        >= 0xE000 and <= 0xF8FF => true,
        (>= 0x1D400 and <= 0x1D7FF) or (>= 0x1F100 and <= 0x1F1E5) => false,
        _ => value > 0xFFFF,
    };
}

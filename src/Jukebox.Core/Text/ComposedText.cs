using System.Globalization;
using System.Text;

namespace Jukebox.Core.Text;

/// <summary>
/// Text in Unicode's composed form (NFC), for comparing names: macOS hands out file names in the decomposed one. The framework's
/// own normalisation needs the system's tables, which this program does without (it leaves text as it is then).
/// </summary>
public static partial class ComposedText
{
    private const int FirstMark = 0x300, LastMark = 0x36F, FirstKanaMark = 0x3099, LastKanaMark = 0x309A;
    private const int HangulFirst = 0xAC00, HangulLeads = 0x1100, HangulVowels = 0x1161, HangulTails = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TailCount = 28;

    private static readonly Lazy<Dictionary<(char First, char Second), char>> Compositions = new(() =>
    {
        var pairs = new Dictionary<(char, char), char>(Pairs.Length / 3);
        for (int i = 0; i < Pairs.Length; i += 3)
        {
            pairs.Add((Pairs[i], Pairs[i + 1]), Pairs[i + 2]);
        }

        return pairs;
    });

    /// <summary>The composed form of a text whose marks are in canonical order, as decomposed text has them.</summary>
    public static string Of(string text)
    {
        if (text.All(char.IsAscii))
        {
            return text;
        }

        var composed = new StringBuilder(text.Length);
        int starter = -1; // place of the character that marks join
        int lastClass = 0; // class of the mark before that did not join
        foreach (char c in text)
        {
            int combining = ClassOf(c);
            bool adjoins = starter == composed.Length - 1;
            if (starter >= 0 && (adjoins || lastClass < combining) && Compose(composed[starter], c) is { } whole)
            {
                composed[starter] = whole;
                continue;
            }

            composed.Append(c);
            lastClass = combining;
            if (combining == 0)
            {
                starter = composed.Length - 1;
            }
        }

        return composed.ToString();
    }

    /// <summary>The composed form, without blanks at the ends and with single ones between words: how names are compared.</summary>
    public static string Tidy(string text) => string.Join(' ', Of(text).Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));

    private static int ClassOf(char c) => c switch
    {
        >= (char)FirstMark and <= (char)LastMark => ClassAt(c - FirstMark),
        >= (char)FirstKanaMark and <= (char)LastKanaMark => ClassAt(LastMark - FirstMark + 1 + c - FirstKanaMark),
        _ => 0,
    };

    private static int ClassAt(int index) => int.Parse(Classes.AsSpan(2 * index, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static char? Compose(char first, char second)
    {
        int lead = first - HangulLeads, vowel = second - HangulVowels, tail = second - HangulTails, syllable = first - HangulFirst;
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
        {
            return (char)(HangulFirst + (((lead * VowelCount) + vowel) * TailCount));
        }

        if (syllable is >= 0 and < LeadCount * VowelCount * TailCount && syllable % TailCount == 0 && tail is > 0 and < TailCount)
        {
            return (char)(first + tail);
        }

        return Compositions.Value.TryGetValue((first, second), out char whole) ? whole : null;
    }
}

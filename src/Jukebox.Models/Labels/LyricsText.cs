using System.Text;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Models.Labels;

/// <summary>What became of a character that the model cannot spell.</summary>
/// <param name="Original">The character as it was given.</param>
/// <param name="Became">What stands in its place; empty where it was dropped.</param>
/// <param name="Count">How often it occurs.</param>
public sealed record LyricsChange(string Original, string Became, int Count);

/// <summary>
/// Lyrics as a prior reads them: transliterated to ASCII, backslashes made newlines, everything outside the
/// vocabulary deleted; case and white space stay.
/// </summary>
public sealed class LyricsText
{
    /// <summary>Lyrics files beyond this are refused.</summary>
    public const int LimitBytes = 1 << 20;

    private LyricsText(string text, int[] tokens, LyricsChange[] changes)
    {
        Text = text;
        Tokens = tokens;
        Changes = changes;
    }

    /// <summary>The cleaned text, one character per token.</summary>
    public string Text { get; }

    /// <summary>Id of each character.</summary>
    public int[] Tokens { get; }

    /// <summary>Characters that were replaced or dropped, in the order of their first occurrence; carriage returns are not listed.</summary>
    public IReadOnlyList<LyricsChange> Changes { get; }

    /// <summary>Reads lyrics from a UTF-8 file, with or without a byte order mark.</summary>
    /// <exception cref="DamagedFileException">It is longer than <see cref="LimitBytes"/> or not UTF-8.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static string Load(string path) => TextFile.Read(path, LimitBytes, "give the lyrics as UTF-8 text");

    /// <summary>Cleans and tokenises lyrics for a label generation.</summary>
    public static LyricsText Clean(string lyrics, int generation)
    {
        LyricsVocabulary vocabulary = LyricsVocabulary.Of(generation);
        var text = new StringBuilder(lyrics.Length);
        var changes = new Dictionary<Rune, LyricsChange>();
        foreach (Rune rune in lyrics.EnumerateRunes())
        {
            int start = text.Length;
            Append(text, rune, vocabulary);
            string became = text.ToString(start, text.Length - start);
            if (became != rune.ToString() && rune.Value != '\r')
            {
                changes[rune] = changes.TryGetValue(rune, out LyricsChange? seen)
                    ? seen with { Count = seen.Count + 1 }
                    : new LyricsChange(rune.ToString(), became, 1);
            }
        }

        string cleaned = text.ToString();
        return new LyricsText(cleaned, [.. cleaned.Select(vocabulary.IdOf)], [.. changes.Values]);
    }

    private static void Append(StringBuilder text, Rune rune, LyricsVocabulary vocabulary)
    {
        foreach (char c in Transliteration.ToAscii(rune))
        {
            char kept = c == '\\' ? '\n' : c;
            if (vocabulary.IdOf(kept) > 0)
            {
                text.Append(kept);
            }
        }
    }
}

using System.Globalization;
using System.Text;

namespace Jukebox.Models.Labels;

/// <summary>A name found.</summary>
/// <param name="Generation">Label generation of its table.</param>
/// <param name="Kind">Artist or genre.</param>
/// <param name="Id">Its row.</param>
/// <param name="Name">Its name as the table has it.</param>
/// <param name="Score">How well it fits, 0 to 1.</param>
/// <param name="Reachable">Whether typing the name selects this row: a few shipped names are spelt so that nothing does.</param>
public sealed record LabelMatch(int Generation, LabelKind Kind, int Id, string Name, double Score, bool Reachable);

/// <summary>
/// Finds names that a person may have meant: regardless of case, accents and punctuation, words in any order, and
/// with a few letters wrong. Deterministic: equal scores are ordered by length, then name, then generation.
/// </summary>
public static class LabelSearch
{
    private const double LowestScore = 0.5;
    private const double WordsWeight = 0.95;
    private const double PrefixScore = 0.9;

    /// <summary>The names of a kind that fit best, over all generations that the model has.</summary>
    /// <param name="tables">Where to look.</param>
    /// <param name="kind">Artists or genres.</param>
    /// <param name="query">What to look for.</param>
    /// <param name="limit">Most matches.</param>
    /// <param name="generation">Only this generation, or all.</param>
    public static LabelMatch[] Find(LabelTables tables, LabelKind kind, string query, int limit, int? generation = null)
    {
        string[] words = Fold(query).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            return [];
        }

        return [.. tables.All
            .Where(table => table.Kind == kind && (generation is null || table.Generation == generation))
            .SelectMany(table => Matches(table, words))
            .OrderByDescending(match => match.Score)
            .ThenByDescending(match => match.Reachable)
            .ThenBy(match => match.Name.Length)
            .ThenBy(match => match.Name, StringComparer.Ordinal)
            .ThenBy(match => match.Generation)
            .Take(limit)];
    }

    private static IEnumerable<LabelMatch> Matches(LabelTable table, string[] words)
    {
        foreach ((string name, int id) in table.Entries)
        {
            if (IsMarkedTwin(table, name))
            {
                continue;
            }

            double score = Score(words, Fold(name));
            if (score >= LowestScore)
            {
                bool reachable = LabelNames.Normalise(table.Generation, name) == name
                    && (table.Kind == LabelKind.Artist || LabelNames.GenreParts(table.Generation, name).Length == 1);
                yield return new LabelMatch(table.Generation, table.Kind, id, name, score, reachable);
            }
        }
    }

    /// <summary>A name that differs from another only by invisible direction marks would confuse, and is never meant.</summary>
    private static bool IsMarkedTwin(LabelTable table, string name)
    {
        string plain = string.Concat(name.Where(c => char.GetUnicodeCategory(c) != UnicodeCategory.Format));
        return plain != name && table.TryFind(plain, out _);
    }

    /// <summary>Lower-case ASCII words, one space between them.</summary>
    private static string Fold(string text)
    {
        var folded = new StringBuilder();
        bool gap = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            // Apostrophes join: "don't" is typed "dont".
            if (rune.Value is '\'' or 0x2019)
            {
                continue;
            }

            foreach (char c in Transliteration.ToAscii(rune))
            {
                if (!char.IsAsciiLetterOrDigit(c))
                {
                    gap = folded.Length > 0;
                    continue;
                }

                folded.Append(gap ? " " : "").Append(char.ToLowerInvariant(c));
                gap = false;
            }
        }

        return folded.ToString();
    }

    /// <summary>The better of likeness as a whole and likeness word by word, in any order.</summary>
    private static double Score(string[] words, string name)
    {
        string query = string.Join(' ', words);
        if (query == name)
        {
            return 1;
        }

        string[] nameWords = name.Split(' ');
        double fit = 0;
        int length = 0;
        foreach (string word in words)
        {
            fit += word.Length * nameWords.Max(nameWord => WordScore(word, nameWord));
            length += word.Length;
        }

        // Among names with equally good words the one with less besides wins.
        double coverage = Math.Min(1, query.Length / (double)Math.Max(name.Length, 1));
        double byWords = fit / length * (WordsWeight - (0.15 * (1 - coverage)));
        return Math.Max(Ratio(query, name) * WordsWeight, byWords);
    }

    private static double WordScore(string word, string nameWord) =>
        word == nameWord ? 1 : nameWord.StartsWith(word, StringComparison.Ordinal) ? PrefixScore : Ratio(word, nameWord) * PrefixScore;

    /// <summary>1 − edits / length of the longer, where an edit inserts, deletes, replaces, or swaps two neighbours.</summary>
    private static double Ratio(string a, string b)
    {
        int longer = Math.Max(a.Length, b.Length);
        if (longer == 0 || Math.Min(a.Length, b.Length) < longer * LowestScore)
        {
            return 0;
        }

        Span<int> beforeLast = stackalloc int[257], last = stackalloc int[257], row = stackalloc int[257];
        if (b.Length > 256)
        {
            return 0;
        }

        for (int j = 0; j <= b.Length; j++)
        {
            last[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int edits = Math.Min(Math.Min(last[j], row[j - 1]) + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                row[j] = swapped ? Math.Min(edits, beforeLast[j - 2] + 1) : edits;
            }

            Span<int> free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
        }

        return 1 - (last[b.Length] / (double)longer);
    }
}

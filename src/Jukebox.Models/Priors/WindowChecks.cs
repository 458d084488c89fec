using Jukebox.Models.Format;

namespace Jukebox.Models.Priors;

/// <summary>What a window must fulfil before any of it reaches a device.</summary>
public static class WindowChecks
{
    /// <summary>Checks every list's length and every code's range.</summary>
    /// <exception cref="ArgumentException">Names what is wrong: whoever builds windows sees to it.</exception>
    public static void Check(PriorSpec spec, VqVaeSpec vqvae, PriorWindow window, int batchSize)
    {
        int items = window.Items.Length;
        Require(window, items >= 1 && items <= batchSize, $"a window of {items} items; the run has room for 1 to {batchSize}");
        Require(window, window.Known.Length == items, $"{items} items but known tokens of {window.Known.Length}");
        Require(window, window.Labels.Length == (spec.Labels is null ? 0 : items), $"{items} items but {window.Labels.Length} label rows");
        foreach (long[] row in window.Labels)
        {
            Require(window, row.Length == spec.LabelLength, $"a label row has {row.Length} columns, the prior needs {spec.LabelLength}");
            CheckLyrics(spec, row);
        }

        foreach (int[] known in window.Known)
        {
            Require(window, known.Length == window.Known[0].Length, "the items of a window must have equally many known tokens");
            Require(window, known.Length <= spec.ContextLength, $"{known.Length} known tokens in a window of {spec.ContextLength}");
            CheckCodes(known, spec.CodebookSize - spec.VocabularySize, spec.CodebookSize, "known code");
        }

        CheckUpperCodes(spec, vqvae, window);
    }

    private static void CheckLyrics(PriorSpec spec, long[] row)
    {
        foreach (long token in row.AsSpan(row.Length - spec.LyricsLength))
        {
            if (token < 0 || token >= spec.LyricsVocabulary)
            {
                throw new ArgumentException($"lyric token {token} is outside the vocabulary of {spec.LyricsVocabulary}", nameof(row));
            }
        }
    }

    private static void CheckUpperCodes(PriorSpec spec, VqVaeSpec vqvae, PriorWindow window)
    {
        if (spec.UpperCodes is null)
        {
            return;
        }

        int factor = vqvae.TokensPerUpperToken(spec.Level + 1), length = spec.ContextLength / factor;
        Require(window, window.UpperCodes?.Length == window.Items.Length, $"a window of level {spec.Level} needs the codes of level {spec.Level + 1} for each item");
        foreach (int[] codes in window.UpperCodes!)
        {
            Require(window, codes.Length == length, $"a window of level {spec.Level} needs exactly {length} codes of level {spec.Level + 1}, not {codes.Length}");
            CheckCodes(codes, int.MinValue, spec.CodebookSize, "upper code");
        }
    }

    private static void CheckCodes(ReadOnlySpan<int> codes, int min, int end, string what)
    {
        foreach (int code in codes)
        {
            if (code < min || code >= end)
            {
                throw new ArgumentException($"{what} {code} is outside the model's codes, which end before {end}", nameof(codes));
            }
        }
    }

    private static void Require(PriorWindow window, bool condition, string problem)
    {
        if (!condition)
        {
            throw new ArgumentException(problem, nameof(window));
        }
    }
}

using Jukebox.Songs.Folder;

namespace Jukebox.Tests.Sampling;

/// <summary>Lyric alignment by the definition: a matrix of every token and every character, which short lyrics alone can afford.</summary>
internal static class DenseAlignment
{
    private const int RowTokens = 16;

    /// <summary>(tokens, characters): windows from the last to the first, each over what later ones said.</summary>
    public static float[,] Merge(IReadOnlyList<AlignmentWindow> windows, int tokens, int characters)
    {
        var merged = new float[tokens, characters];
        foreach (AlignmentWindow window in windows.Reverse())
        {
            for (int token = window.Start; token < Math.Min(window.End, tokens); token++)
            {
                for (int j = 0; j < window.Characters.Length; j++)
                {
                    if (window.Characters[j] >= 0)
                    {
                        merged[token, window.Characters[j]] = window.Weights[token - window.Start, j];
                    }
                }
            }
        }

        return merged;
    }

    /// <summary>The same from what goes through the tokens one by one.</summary>
    public static float[,] Read(LyricAttention attention)
    {
        var read = new float[attention.TokenCount, attention.CharacterCount];
        int next = 0;
        LyricAlignment.Read(attention, (token, first, weights) =>
        {
            Xunit.Assert.Equal(next++, token);
            for (int i = 0; i < weights.Length; i++)
            {
                read[token, first + i] = weights[i];
            }
        });
        Xunit.Assert.Equal(attention.TokenCount, next);
        return read;
    }

    /// <summary>For each character the middle of the token that attends to it most, in seconds.</summary>
    public static double[] Times(float[,] merged, int characters, double secondsPerToken)
    {
        var times = new double[characters];
        for (int character = 0; character < characters; character++)
        {
            int best = -1;
            for (int token = 0; token < merged.GetLength(0); token++)
            {
                if (Weight(merged, token, character) > (best < 0 ? 0 : Weight(merged, best, character)))
                {
                    best = token;
                }
            }

            times[character] = best < 0 ? -1 : Math.Round((best + 0.5) * secondsPerToken, 3);
        }

        return times;
    }

    /// <summary>For each stretch of tokens the mean attention to each character.</summary>
    public static double[][] Rows(float[,] merged, int characters)
    {
        int tokens = merged.GetLength(0);
        return [.. Enumerable.Range(0, (tokens + RowTokens - 1) / RowTokens).Select(row =>
        {
            int start = row * RowTokens, count = Math.Min(RowTokens, tokens - start);
            return Enumerable.Range(0, characters)
                .Select(character => Math.Round(Enumerable.Range(start, count).Aggregate(0.0, (sum, token) => sum + Weight(merged, token, character)) / count, 4))
                .ToArray();
        })];
    }

    /// <summary>The column after a character's, as inputs are shifted by one.</summary>
    private static float Weight(float[,] merged, int token, int character) => character + 1 < merged.GetLength(1) ? merged[token, character + 1] : 0;
}

using Jukebox.Models.Priors;

namespace Jukebox.Songs.Folder;

/// <summary>One window's share of the lyric alignment of an item.</summary>
/// <param name="Start">Index, from the start of the song, of the window's first token.</param>
/// <param name="Weights">(tokens of the window, lyric tokens of the window): <see cref="PriorRun.AlignmentAttention"/>.</param>
/// <param name="Characters">For each lyric token of the window the index of its character in the whole lyrics, or −1 for padding.</param>
public sealed record AlignmentWindow(int Start, float[,] Weights, int[] Characters);

/// <summary>Joins the alignment of a song's windows.</summary>
public static class LyricAlignment
{
    /// <summary>
    /// (tokens, characters): how much each token attended to each character's position, whose embedding is the
    /// character before it. Where windows overlap the earlier one counts, but only in the characters that it saw: rows
    /// in overlaps can sum to more than one.
    /// </summary>
    /// <param name="windows">In order of their starts.</param>
    /// <param name="tokens">Tokens of the song; what windows say beyond it is padding and dropped.</param>
    /// <param name="characters">Characters of the whole lyrics.</param>
    public static float[,] Merge(IReadOnlyList<AlignmentWindow> windows, int tokens, int characters)
    {
        var merged = new float[tokens, characters];
        foreach (AlignmentWindow window in windows.Reverse())
        {
            int end = Math.Min(window.Start + window.Weights.GetLength(0), tokens);
            for (int token = window.Start; token < end; token++)
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
}

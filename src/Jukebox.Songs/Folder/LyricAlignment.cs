namespace Jukebox.Songs.Folder;

/// <summary>Takes how much one token attended to each character's position, whose embedding is the character before it.</summary>
/// <param name="token">Index of the token in the song.</param>
/// <param name="first">The first character that any of its windows saw.</param>
/// <param name="weights">From that character to the last that one saw; valid during the call.</param>
public delegate void TokenAttention(int token, int first, ReadOnlySpan<float> weights);

/// <summary>Joins the alignment of a song's windows.</summary>
public static class LyricAlignment
{
    /// <summary>
    /// Goes through the tokens of an item in their order. Where windows overlap the earlier one counts, but only in the characters
    /// that it saw: weights in overlaps can sum to more than one. Only windows that overlap are held at a time.
    /// </summary>
    public static void Read(LyricAttention attention, TokenAttention read)
    {
        var held = new List<AlignmentWindow>();
        var row = new float[attention.CharacterCount];
        int token = 0;
        foreach (AlignmentWindow window in attention.Windows)
        {
            ReadUntil(Math.Min(window.Start, attention.TokenCount));
            held.Add(window);
        }

        ReadUntil(attention.TokenCount);

        void ReadUntil(int end)
        {
            for (; token < end; token++)
            {
                held.RemoveAll(window => window.End <= token);
                (int first, int last) = Merge(held, token, row);
                read(token, first, row.AsSpan(first..(last + 1)));
                row.AsSpan(first..(last + 1)).Clear();
            }
        }
    }

    /// <summary>One token's weights, into an empty row; the first and the last character that a window saw.</summary>
    private static (int First, int Last) Merge(List<AlignmentWindow> windows, int token, float[] row)
    {
        int first = row.Length, last = -1;
        for (int i = windows.Count - 1; i >= 0; i--) // what an earlier window says replaces what later ones do
        {
            AlignmentWindow window = windows[i];
            for (int j = 0; j < window.Characters.Length; j++)
            {
                int character = window.Characters[j];
                if (character >= 0)
                {
                    row[character] = window.Weights[token - window.Start, j];
                    (first, last) = (Math.Min(first, character), Math.Max(last, character));
                }
            }
        }

        return last < 0 ? (0, -1) : (first, last);
    }
}

namespace Jukebox.Models.Labels;

/// <summary>
/// The lyrics that a window hears: as many tokens as the prior takes, around the place in the text that corresponds
/// to the window's middle, were the words spread evenly over the song.
/// </summary>
/// <param name="Tokens">The tokens; shorter lyrics are padded on the left with 0.</param>
/// <param name="Indices">Position of each in the full lyrics, −1 for padding: where alignment puts its columns.</param>
public sealed record LyricsWindow(int[] Tokens, int[] Indices)
{
    /// <summary>Rounding of the window's middle.</summary>
    public enum Arithmetic
    {
        /// <summary>As when labels are built.</summary>
        Double,

        /// <summary>As while sampling, where each step is rounded to float32; the window can differ by a character.</summary>
        Single,
    }

    /// <summary>Cuts the window.</summary>
    /// <param name="tokens">Full lyrics.</param>
    /// <param name="count">Tokens wanted; even.</param>
    /// <param name="totalSamples">Length of the whole song.</param>
    /// <param name="offsetSamples">Start of the window in it; must lie within the song unless the lyrics are shorter than the window.</param>
    /// <param name="lengthSamples">Length of the window.</param>
    /// <param name="arithmetic">Rounding.</param>
    /// <exception cref="LabelException">The window starts outside the song.</exception>
    public static LyricsWindow Cut(
        ReadOnlySpan<int> tokens, int count, long totalSamples, long offsetSamples, long lengthSamples, Arithmetic arithmetic)
    {
        if (count % 2 != 0)
        {
            throw new ArgumentException($"a lyrics window of {count} tokens has no middle", nameof(count));
        }

        if (tokens.Length < count)
        {
            return Padded(tokens, count);
        }

        if (offsetSamples < 0 || offsetSamples >= totalSamples)
        {
            throw new LabelException(
                $"A window starts at sample {offsetSamples} of a song of {totalSamples}; give a longer total length or a smaller offset.");
        }

        int middle = Middle(tokens.Length, totalSamples, offsetSamples, lengthSamples, arithmetic);
        int start = Math.Clamp(middle, count / 2, tokens.Length - (count / 2)) - (count / 2);
        return new LyricsWindow(tokens.Slice(start, count).ToArray(), [.. Enumerable.Range(start, count)]);
    }

    private static LyricsWindow Padded(ReadOnlySpan<int> tokens, int count)
    {
        int padding = count - tokens.Length;
        var window = new int[count];
        tokens.CopyTo(window.AsSpan(padding));
        return new LyricsWindow(window, [.. Enumerable.Repeat(-1, padding), .. Enumerable.Range(0, tokens.Length)]);
    }

    /// <summary>⌊characters · (offset + length / 2) / total⌋ in the given arithmetic, saturated.</summary>
    private static int Middle(int characters, long totalSamples, long offsetSamples, long lengthSamples, Arithmetic arithmetic)
    {
        if (arithmetic == Arithmetic.Double)
        {
            return (int)(characters * (offsetSamples + (lengthSamples / 2.0)) / totalSamples);
        }

        float half = (float)lengthSamples / 2f;
        float middle = (float)offsetSamples + half;
        float scaled = (float)characters * middle;
        return (int)(scaled / (float)totalSamples);
    }
}

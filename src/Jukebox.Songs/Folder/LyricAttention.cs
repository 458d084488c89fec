using Jukebox.Models.Priors;

namespace Jukebox.Songs.Folder;

/// <summary>How the tokens of one item attend to its lyrics.</summary>
/// <param name="Text">The lyrics as the model read them.</param>
/// <param name="CharacterCount">Lyric tokens: one for each character that the model read.</param>
/// <param name="TokenCount">Top-level tokens of the item; what windows say beyond them is padding.</param>
/// <param name="Windows">In order of their starts; each is computed when it is asked for, so they are gone through once.</param>
public sealed record LyricAttention(string Text, int CharacterCount, int TokenCount, IEnumerable<AlignmentWindow> Windows);

/// <summary>One window's share of the lyric alignment of an item.</summary>
/// <param name="Start">Index, from the start of the song, of the window's first token.</param>
/// <param name="Weights">(tokens of the window, lyric tokens of the window): <see cref="PriorRun.AlignmentAttention"/>.</param>
/// <param name="Characters">For each lyric token of the window the index of its character in the whole lyrics, or −1 for padding.</param>
public sealed record AlignmentWindow(int Start, float[,] Weights, int[] Characters)
{
    /// <summary>Index of the first token after the window.</summary>
    public int End => Start + Weights.GetLength(0);
}

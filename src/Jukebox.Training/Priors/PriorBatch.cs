using Jukebox.Models.Format;
using Jukebox.Models.Priors;

namespace Jukebox.Training.Priors;

/// <summary>Whole windows of codes that a prior learns from.</summary>
public sealed record PriorBatch
{
    /// <summary>Codes of each item: <see cref="PriorSpec.ContextLength"/> of them.</summary>
    public required int[][] Codes { get; init; }

    /// <summary>For each item exactly the window's codes of the level above; none for the top level.</summary>
    public int[][]? UpperCodes { get; init; }

    /// <summary>Label row of each item (<see cref="PriorSpec.LabelLength"/> numbers); empty for unlabelled priors.</summary>
    public long[][] Labels { get; init; } = [];

    /// <summary>Refuses a batch that does not fit the prior.</summary>
    /// <exception cref="ArgumentException">Names what is wrong.</exception>
    internal void Check(PriorSpec spec, VqVaeSpec vqvae, int batchSize)
    {
        WindowChecks.Check(
            spec,
            vqvae,
            new PriorWindow
            {
                StartToken = 0,
                Items = [.. Enumerable.Range(0, Codes.Length)],
                Labels = Labels,
                UpperCodes = UpperCodes,
                Known = Codes,
                Rule = default,
                Seed = 0,
            },
            batchSize);
        if (Codes[0].Length != spec.ContextLength)
        {
            throw new ArgumentException($"{Codes[0].Length} codes in a window of {spec.ContextLength}", nameof(spec));
        }
    }

    /// <summary>Lyric tokens of an item: the last columns of its label row.</summary>
    internal int[] LyricsOf(int item, PriorSpec spec) =>
        spec.LyricsLength == 0 ? [] : Array.ConvertAll(Labels[item][^spec.LyricsLength..], token => (int)token);
}

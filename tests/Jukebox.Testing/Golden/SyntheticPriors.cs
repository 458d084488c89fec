using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;

namespace Jukebox.Testing.Golden;

/// <summary>The priors of the golden vectors: tiny ones of every kind, and the published geometries with reduced width.</summary>
public static class SyntheticPriors
{
    /// <summary>VQ-VAE that the tiny priors stand on: 4 and 8 samples per token.</summary>
    public static VqVaeSpec TinyVqVae => SyntheticVqVae.Tiny;

    /// <summary>The tiny prior whose name begins with the letter.</summary>
    public static PriorSpec Tiny(char letter) => letter switch
    {
        'A' => TinyTop(2, 4) with { Labels = null },
        'B' => TinyTop(2, 4) with { MergedDecoder = true },
        'C' => TinyTop(6, 4) with
        {
            MergedDecoder = true,
            Lyrics = LyricsMode.SeparateEncoder,
            LyricsLength = 12,
            LyricsVocabulary = 11,
            LyricsEncoder = new() { Width = 8, Depth = 3, Heads = 2, AttentionOrder = 2, BlockCount = 3 },
            AlignmentLayer = 3,
            AlignmentHead = 1,
        },
        'D' => TinyTop(12, 16) with
        {
            Labels = TinyLabels(1),
            Lyrics = LyricsMode.SameSequence,
            LyricsLength = 12,
            LyricsVocabulary = 11,
            AlignmentLayer = 15,
            AlignmentHead = 0,
        },
        'E' => TinyTop(2, 4) with
        {
            Level = 0,
            UpperCodes = new() { Width = 8, Depth = 4, DilationGrowth = 3, DilationCycle = 2, ResidualScale = true },
        },
        _ => throw new ArgumentOutOfRangeException(nameof(letter)),
    };

    /// <summary>A published prior with the width and depth that its vectors were made with.</summary>
    public static PriorSpec Published(string name) => name switch
    {
        "upsampler_level_0" => Narrow(PublishedModels.Upsampler(0), 3, 2),
        "upsampler_level_1" => Narrow(PublishedModels.Upsampler(1), 3, 2),
        "prior_5b" => Narrow(PublishedModels.Top("5b"), 3, 8),
        "prior_5b_lyrics" => Narrow(PublishedModels.Top("5b_lyrics"), 19, 8),
        "prior_1b_lyrics" => Narrow(PublishedModels.Top("1b_lyrics"), 48, 2),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    /// <summary>A window of items 0 and 1, or either, of a tiny prior: labels, lyrics, upper codes and the first known codes.</summary>
    public static PriorWindow Window(PriorSpec spec, int known, params int[] items)
    {
        long[][] rows = [[1000, 100, 256, 3, 1, 4, -1], [2000, 600, 256, 6, 0, -1, -1]];
        int[][] lyrics = SyntheticWeights.Tokens("ly", 2, spec.LyricsLength, Math.Max(spec.LyricsVocabulary, 1));
        int[][] upper = SyntheticWeights.Tokens("zc", 2, 16, 16), codes = SyntheticWeights.Tokens("z", 2, 32, 16);
        return new PriorWindow
        {
            StartToken = 0,
            Items = items,
            Labels = spec.Labels is { } labels
                ? Array.ConvertAll(items, item => (long[])[.. rows[item][..(4 + labels.MaxGenres)], .. lyrics[item]])
                : [],
            UpperCodes = spec.UpperCodes is null ? null : Array.ConvertAll(items, item => upper[item]),
            Known = Array.ConvertAll(items, item => codes[item][..known]),
            Rule = new SamplingRule(0.9f),
            Seed = 5,
        };
    }

    private static LabelSpec TinyLabels(int maxGenres) => new()
    {
        Generation = 3,
        ArtistCount = 7,
        GenreCount = 5,
        MaxGenres = maxGenres,
        TimeBins = 8,
        MinDurationSeconds = 0.001,
        MaxDurationSeconds = 1,
    };

    private static PriorSpec TinyTop(int order, int depth) => new()
    {
        Level = 1,
        ContextLength = 32,
        CodebookSize = 16,
        Transformer = new() { Width = 16, Depth = depth, Heads = 2, AttentionOrder = order, BlockCount = 4 },
        Labels = TinyLabels(3),
    };

    private static PriorSpec Narrow(PriorSpec prior, int depth, int heads) => prior with
    {
        Transformer = prior.Transformer with { Width = 64, Depth = depth, Heads = heads },
        UpperCodes = prior.UpperCodes is { } upper ? upper with { Width = 32 } : null,
        LyricsEncoder = prior.LyricsEncoder is { } encoder ? encoder with { Width = 32, Depth = 3 } : null,
        AlignmentLayer = null, // deeper than the stacks that the vectors were made with
        AlignmentHead = null,
    };
}

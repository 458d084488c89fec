namespace Jukebox.Models.Format;

/// <summary>Hyperparameters of the models that OpenAI published: three sets that share VQ-VAE and upsamplers.</summary>
public static class PublishedModels
{
    /// <summary>Names of the sets.</summary>
    public static IReadOnlyList<string> Names { get; } = ["5b", "5b_lyrics", "1b_lyrics"];

    /// <summary>The VQ-VAE of all three.</summary>
    public static VqVaeSpec VqVae { get; } = new()
    {
        Levels = 3,
        Downs = [3, 2, 2],
        Strides = [2, 2, 2],
        EmbeddingWidth = 64,
        CodebookSize = 2048,
        Width = 32,
        Depth = 4,
        Multipliers = [2, 1, 1],
        DilationGrowth = 3,
    };

    /// <summary>Tables of the second label generation; durations bound the total length at the top level.</summary>
    private static LabelSpec LabelsOfGeneration2(double minDurationSeconds) => new()
    {
        Generation = 2,
        ArtistCount = 4111,
        GenreCount = 120,
        MaxGenres = 5,
        TimeBins = 128,
        MinDurationSeconds = minDurationSeconds,
        MaxDurationSeconds = 600,
    };

    /// <summary>The upsampler that writes level 0 or 1 in all three sets.</summary>
    public static PriorSpec Upsampler(int level) => new()
    {
        Level = level,
        ContextLength = 8192,
        CodebookSize = 2048,
        Transformer = new() { Width = 1920, Depth = 72, Heads = 1, AttentionOrder = 2, BlockCount = 128 },
        Labels = LabelsOfGeneration2(0),
        UpperCodes = new() { Width = 1024, Depth = 16, DilationGrowth = 3, DilationCycle = 8, ResidualScale = level == 1 },
    };

    /// <summary>The top-level prior of a set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no set of that name.</exception>
    public static PriorSpec Top(string name) => name switch
    {
        "5b" => new()
        {
            Level = 2,
            ContextLength = 8192,
            CodebookSize = 2048,
            Transformer = new() { Width = 4800, Depth = 72, Heads = 8, AttentionOrder = 2, BlockCount = 128 },
            MergedDecoder = true,
            Labels = LabelsOfGeneration2(60),
        },
        "5b_lyrics" => new()
        {
            Level = 2,
            ContextLength = 8192,
            CodebookSize = 2048,
            Transformer = new() { Width = 4800, Depth = 79, Heads = 8, AttentionOrder = 10, BlockCount = 128 },
            MergedDecoder = true,
            Labels = LabelsOfGeneration2(23.8),
            Lyrics = LyricsMode.SeparateEncoder,
            LyricsLength = 512,
            LyricsVocabulary = 80,
            LyricsEncoder = new() { Width = 1280, Depth = 18, Heads = 4, AttentionOrder = 2, BlockCount = 32 },
            AlignmentLayer = 68,
            AlignmentHead = 2,
        },
        "1b_lyrics" => new()
        {
            Level = 2,
            ContextLength = 6144,
            CodebookSize = 2048,
            Transformer = new() { Width = 2048, Depth = 72, Heads = 2, AttentionOrder = 12, BlockCount = 64 },
            Labels = new()
            {
                Generation = 3,
                ArtistCount = 7898,
                GenreCount = 604,
                MaxGenres = 1,
                TimeBins = 64,
                MinDurationSeconds = 17.84,
                MaxDurationSeconds = 600,
            },
            Lyrics = LyricsMode.SameSequence,
            LyricsLength = 384,
            LyricsVocabulary = 79,
            AlignmentLayer = 63,
            AlignmentHead = 0,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, $"the published models are {string.Join(", ", Names)}"),
    };

    /// <summary>A whole set, without origin, licence and files.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no set of that name.</exception>
    public static ModelDescription Describe(string name) => new()
    {
        Format = ModelDescription.CurrentFormat,
        Name = name,
        SampleRateHz = 44100,
        VqVae = VqVae,
        Priors = [Upsampler(0), Upsampler(1), Top(name)],
        Defaults = [.. DefaultsOf(3)],
        Origin = $"shapes of OpenAI's {name}",
        Licence = "",
        Files = [],
    };

    /// <summary>The makers' sampling defaults by level: temperature 0.99 everywhere; windows of the top level hop an eighth of their length, the others half.</summary>
    public static IEnumerable<LevelDefaults> DefaultsOf(int levels) => Enumerable.Range(0, levels)
        .Select(level => new LevelDefaults { HopFraction = level > 0 && level == levels - 1 ? 0.125 : 0.5 });
}

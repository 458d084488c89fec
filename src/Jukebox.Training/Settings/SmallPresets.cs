using Jukebox.Models.Format;

namespace Jukebox.Training.Settings;

/// <summary>The reference's <c>small_*</c> sets. Priors of any VQ-VAE: the level is given beside them, and is 1 here, the top of its small one.</summary>
internal static class SmallPresets
{
    private const double InitialScale = 0.7;

    /// <summary>Tables as large as the data has names.</summary>
    private static LabelSpec Labels => new()
    {
        Generation = 3,
        ArtistCount = 0,
        GenreCount = 0,
        MaxGenres = 1,
        TimeBins = 64,
        MinDurationSeconds = 60,
        MaxDurationSeconds = 600,
    };

    private static UpperCodesSpec UpperCodes => new() { Width = 512, Depth = 16, DilationGrowth = 3, DilationCycle = 8, ResidualScale = false };

    public static TrainingSettings VqVae() => PublishedPresets.VqVae() with
    {
        Name = "small_vqvae",
        SampleRateHz = 22050,
        VqVae = PublishedModels.VqVae with { Levels = 2, Downs = [5, 3], Strides = [2, 2], Multipliers = [1, 1], CodebookSize = 1024 },
        Loss = new() { Largest = 0 },
        Codebook = new() { RevivalThresholds = [1, 1] },
    };

    public static TrainingSettings Prior() => PublishedPresets.Prior("small_prior", Shape(8192, depth: 48, heads: 1, order: 2), InitialScale);

    public static TrainingSettings LabelledPrior() =>
        PublishedPresets.Prior("small_labelled_prior", Shape(8192, depth: 48, heads: 1, order: 2) with { Labels = Labels }, InitialScale);

    public static TrainingSettings SharedLyricsPrior() => PublishedPresets.Prior(
        "small_single_enc_dec_prior",
        Shape(6144, depth: 48, heads: 2, order: 12) with { Labels = Labels, Lyrics = LyricsMode.SameSequence, LyricsLength = 384, LyricsVocabulary = 79 },
        InitialScale);

    public static TrainingSettings SeparateLyricsPrior() => PublishedPresets.Prior(
        "small_sep_enc_dec_prior",
        Shape(6144, depth: 50, heads: 2, order: 8) with
        {
            Labels = Labels,
            Lyrics = LyricsMode.SeparateEncoder,
            LyricsLength = 384,
            LyricsVocabulary = 79,
            LyricsEncoder = new() { Width = 256, Depth = 9, Heads = 2, AttentionOrder = 2, BlockCount = 32 },
        },
        InitialScale);

    public static TrainingSettings Upsampler() => PublishedPresets.Prior(
        "small_upsampler", Shape(8192, depth: 48, heads: 1, order: 2) with { Level = 0, UpperCodes = UpperCodes }, InitialScale);

    private static PriorSpec Shape(int contextLength, int depth, int heads, int order) => new()
    {
        Level = 1,
        ContextLength = contextLength,
        CodebookSize = 2048,
        Transformer = new() { Width = 1024, Depth = depth, Heads = heads, AttentionOrder = order, BlockCount = 64 },
    };
}

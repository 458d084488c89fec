using Jukebox.Models.Format;

namespace Jukebox.Tests.Labels;

/// <summary>Priors of which only the labels matter.</summary>
internal static class LabelPriors
{
    /// <summary>A labelled prior of a generation.</summary>
    public static PriorSpec Create(
        int generation, int contextLength, int lyricsLength = 0, int? maxGenres = null, int level = 2, int artistCount = 8000, int genreCount = 700) => new()
        {
            Level = level,
            ContextLength = contextLength,
            CodebookSize = 16,
            Transformer = new TransformerSpec { Width = 16, Depth = 1, Heads = 1, AttentionOrder = 0, BlockCount = 1 },
            Labels = new LabelSpec
            {
                Generation = generation,
                ArtistCount = artistCount,
                GenreCount = genreCount,
                MaxGenres = maxGenres ?? (generation == 2 ? 5 : 1),
                TimeBins = 16,
                MinDurationSeconds = 10,
                MaxDurationSeconds = 600,
            },
            Lyrics = lyricsLength > 0 ? LyricsMode.SeparateEncoder : LyricsMode.None,
            LyricsLength = lyricsLength,
            LyricsVocabulary = lyricsLength == 0 ? 0 : generation == 2 ? 80 : 79,
        };
}

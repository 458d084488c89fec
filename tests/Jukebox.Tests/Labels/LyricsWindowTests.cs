using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Xunit;

namespace Jukebox.Tests.Labels;

/// <summary>Windows of lyrics and label rows; expected values were computed with the original.</summary>
public sealed class LyricsWindowTests
{
    private static readonly int[] LongLyrics = [9, 5, 8, 4, 7, 2, 6, 7, 3, 0, 6, 2, 6, 9, 7, 10, 9, 3, 9, 3];
    private static readonly int[] ShortLyrics = [1, 5, 1, 8, 10, 10, 9, 0, 5];

    [Theory]
    [InlineData(300, 512, 0, 1048576, -1, 299)]
    [InlineData(600, 512, 0, 1048576, 0, 511)]
    [InlineData(600, 512, 7000064, 1048576, 88, 599)]
    [InlineData(2000, 384, 0, 786432, 0, 383)]
    [InlineData(2000, 384, 3932160, 786432, 897, 1280)]
    [InlineData(2000, 384, 7900032, 786432, 1616, 1999)]
    [InlineData(512, 512, 100, 1048576, 0, 511)]
    public void WindowsLieWhereTheOriginalsLie(int characters, int count, long offset, long length, int first, int last)
    {
        int[] tokens = [.. Enumerable.Range(1, characters)];
        foreach (LyricsWindow.Arithmetic arithmetic in Enum.GetValues<LyricsWindow.Arithmetic>())
        {
            LyricsWindow window = LyricsWindow.Cut(tokens, count, 7938000, offset, length, arithmetic);
            Assert.Equal(count, window.Indices.Length);
            Assert.Equal((first, last), (window.Indices[0], window.Indices[^1]));
            Assert.All(window.Indices.Zip(window.Tokens), pair => Assert.Equal(pair.First < 0 ? 0 : tokens[pair.First], pair.Second));
        }
    }

    [Fact]
    public void NoLyricsGiveAnEmptyWindowThatMustStillLieInTheSong()
    {
        Assert.Empty(LyricsWindow.Cut(LongLyrics, 0, 7938000, 0, 65536, LyricsWindow.Arithmetic.Single).Tokens);
        Assert.Throws<LabelException>(() => LyricsWindow.Cut(LongLyrics, 0, 100, 100, 65536, LyricsWindow.Arithmetic.Single));
        Assert.Throws<LabelException>(() => LyricsWindow.Cut(LongLyrics, 10, 100, -1, 10, LyricsWindow.Arithmetic.Double));
    }

    [Theory]
    [InlineData(968832, 342, 343)]
    [InlineData(2330880, 685, 686)]
    [InlineData(5054976, 1371, 1372)]
    public void SingleArithmeticRoundsEveryStep(long offset, int exactMiddle, int roundedMiddle)
    {
        int[] tokens = new int[1999];
        Assert.Equal(exactMiddle - 5, FirstIndex(LyricsWindow.Arithmetic.Double));
        Assert.Equal(roundedMiddle - 5, FirstIndex(LyricsWindow.Arithmetic.Single));

        int FirstIndex(LyricsWindow.Arithmetic arithmetic) =>
            LyricsWindow.Cut(tokens, 10, 7938000, offset, 786432, arithmetic).Indices[0];
    }

    [Theory]
    [InlineData(0, 100, new[] { 4, 7, 2, 6, 7, 3, 0, 6, 2, 6, 9, 7 }, 3)]
    [InlineData(16, 228, new[] { 3, 0, 6, 2, 6, 9, 7, 10, 9, 3, 9, 3 }, 8)]
    public void RowsOfAWindowEqualTheOriginals(long start, long offset, int[] lyrics, int firstIndex)
    {
        PriorSpec prior = LabelPriors.Create(2, 32, lyricsLength: 12, maxGenres: 3);
        long[] row = [500, 100, 256, 3, 1, -1, -1, .. new long[12]];
        WindowLabels window = ItemLabels.FromRow(prior, 8, row, LongLyrics).ForWindow(start);

        Assert.Equal([500, offset, 256, 3, 1, -1, -1, .. lyrics.Select(token => (long)token)], window.Row);
        Assert.Equal(Enumerable.Range(firstIndex, 12), window.LyricIndices);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(16, 128)]
    public void ShortLyricsArePaddedOnTheLeftInEveryWindow(long start, long offset)
    {
        PriorSpec prior = LabelPriors.Create(3, 32, lyricsLength: 12);
        long[] row = [1500, 0, 256, 6, 0, .. new long[12]];
        WindowLabels window = ItemLabels.FromRow(prior, 8, row, ShortLyrics).ForWindow(start);

        Assert.Equal([1500, offset, 256, 6, 0, 0, 0, 0, 1, 5, 1, 8, 10, 10, 9, 0, 5], window.Row);
        Assert.Equal([-1, -1, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8], window.LyricIndices);
    }

    [Fact]
    public void WindowsDoNotChangeTheRowAsBuilt()
    {
        PriorSpec prior = LabelPriors.Create(3, 32);
        ItemLabels labels = ItemLabels.FromRow(prior, 8, [1500, 0, 9, 6, 0], []);
        labels.ForWindow(4);
        Assert.Equal([1500, 0, 9, 6, 0], labels.Row);
        Assert.Throws<LabelException>(() => labels.ForWindow(1000));
    }

    [Fact]
    public void UnlabelledPriorsHaveEmptyRows()
    {
        using var folder = new TemporaryFolder();
        PriorSpec prior = LabelPriors.Create(3, 32) with { Labels = null };
        ItemLabels labels = ItemLabels.Build(prior, 8, LabelTables.Open(folder.Path), new LabelRequest { TotalSamples = 100 });
        Assert.Empty(labels.Row);
        Assert.Empty(labels.ForWindow(5).Row);
    }

    [Fact]
    public void AVocabularyOfAnotherGenerationIsRefused()
    {
        using var folder = new TemporaryFolder();
        PriorSpec prior = LabelPriors.Create(3, 32, lyricsLength: 12) with { LyricsVocabulary = 80 };
        LabelException e = Assert.Throws<LabelException>(
            () => ItemLabels.Build(prior, 8, LabelTables.Open(folder.Path), new LabelRequest { TotalSamples = 100 }));
        Assert.Contains("80 characters", e.Message, StringComparison.Ordinal);
    }
}

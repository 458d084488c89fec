using System.Text;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Xunit;

namespace Jukebox.Tests.Labels;

public sealed class LabelTableTests
{
    // Invented names with every peculiarity of the published files.
    private const string SecondArtists = "unknown;0\nvarious;0\n;0\nthe_hollow_kettles;12\nz_rich_band;13\nlast_one_;14\n";
    private const string SecondGenres = "unknown;0\nmoor;1\nfolk;2\nslow;3\nn;4\nroll;5\n";
    private const string ThirdArtists = "the hollow kettles;7\n  zürich band;8\necho;3\ngaspard l ;4\necho;9\nunknown;0\n";
    private const string ThirdGenres = "moor folk;5\nmoor folk\u200e;6\nunknown;0\n";

    [Fact]
    public void TheLastOfRepeatedNamesWinsAndSpaceBeforeTheSemicolonStays()
    {
        using var folder = new TemporaryFolder();
        LabelTable table = Read(folder, ThirdArtists);

        Assert.True(table.TryFind("echo", out int echo));
        Assert.Equal(9, echo);
        Assert.Empty(table.NamesOf(3));
        Assert.True(table.TryFind("gaspard l ", out _));
        Assert.False(table.TryFind("gaspard l", out _));
        Assert.True(table.TryFind("zürich band", out int zurich));
        Assert.Equal(8, zurich);
    }

    [Fact]
    public void NamesThatDifferByAnInvisibleMarkAreDifferent()
    {
        using var folder = new TemporaryFolder();
        LabelTable table = Read(folder, ThirdGenres);

        Assert.True(table.TryFind("moor folk", out int plain));
        Assert.True(table.TryFind("moor folk\u200e", out int marked));
        Assert.Equal((5, 6), (plain, marked));
    }

    [Fact]
    public void AnIdCanHaveSeveralNames()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(["", "unknown", "various"], Read(folder, SecondArtists).NamesOf(0));
    }

    [Fact]
    public void ByteOrderMarkCarriageReturnsAndEmptyLinesDoNoHarm()
    {
        using var folder = new TemporaryFolder();
        LabelTable table = Read(folder, "\ufeffone;1\r\n\r\ntwo;2\r\n");
        Assert.Equal(2, table.Count);
        Assert.True(table.TryFind("one", out _));
    }

    [Theory]
    [InlineData("good;1\n<html>\n", "line 2, '<html>'")]
    [InlineData("a;1;2\n", "exactly one semicolon")]
    [InlineData("a;x\n", "no whole number")]
    [InlineData("a;-1\n", "no whole number")]
    [InlineData("a;99999999999\n", "no whole number")]
    public void ABadLineIsNamed(string text, string expected)
    {
        using var folder = new TemporaryFolder();
        DamagedFileException e = Assert.Throws<DamagedFileException>(() => Read(folder, text));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Contains("table.txt", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TextThatIsNotUtf8OrTooLongIsRefused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["latin.txt"], [(byte)'a', 0xE9, (byte)';', (byte)'1']);
        DamagedFileException latin = Assert.Throws<DamagedFileException>(() => LabelTable.Read(folder["latin.txt"], 3, LabelKind.Artist));
        Assert.Equal(1, latin.OffsetBytes);

        using (FileStream large = File.Create(folder["large.txt"]))
        {
            large.SetLength(LabelTable.LimitBytes + 1L);
        }

        Assert.Throws<DamagedFileException>(() => LabelTable.Read(folder["large.txt"], 3, LabelKind.Artist));
    }

    [Fact]
    public void RandomBytesGiveATableOrADamagedFileError()
    {
        using var folder = new TemporaryFolder();
        var random = new TestRandom(11);
        byte[] sound = Encoding.UTF8.GetBytes(ThirdArtists);
        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = [.. sound];
            for (int change = 0; change <= i % 5; change++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(folder["table.txt"], bytes[..random.Next(bytes.Length + 1)]);
            Exception? e = Record.Exception(() => LabelTable.Read(folder["table.txt"], 3, LabelKind.Artist));
            Assert.True(e is null or DamagedFileException, $"round {i}: {e}");
        }
    }

    [Theory]
    [InlineData("The Hollow Kettles", 12, 7)]
    [InlineData("The Hollow Kettles!", 12, 0)]
    [InlineData("the   hollow   kettles", 12, 7)]
    [InlineData("Zürich Band", 13, 8)]
    [InlineData("ECHO", 0, 9)]
    [InlineData("", 0, 0)]
    [InlineData("last_one_", 0, 0)]
    public void ArtistsAreLookedUpInEachGenerationsSpelling(string artist, int second, int third)
    {
        using var folder = new TemporaryFolder();
        LabelTables tables = OpenAll(folder);
        Assert.Equal(second, tables.Resolve(LabelPriors.Create(2, 64), artist, "").ArtistId);
        Assert.Equal(third, tables.Resolve(LabelPriors.Create(3, 64), artist, "").ArtistId);
    }

    [Theory]
    [InlineData("Moor Folk", new[] { 1, 2 }, 5)]
    [InlineData("Slow-Moor 'n' Roll", new[] { 3, 1, 4, 5 }, 0)]
    [InlineData("", new[] { 0 }, 0)]
    [InlineData("fen folk", new[] { 0, 2 }, 0)]
    public void GenresAreWordsInTheSecondGenerationAndOneNameInTheThird(string genre, int[] second, int third)
    {
        using var folder = new TemporaryFolder();
        LabelTables tables = OpenAll(folder);
        Assert.Equal(second, tables.Resolve(LabelPriors.Create(2, 64), "", genre).GenreIds);
        Assert.Equal([third], tables.Resolve(LabelPriors.Create(3, 64), "", genre).GenreIds);
    }

    [Fact]
    public void TooManyGenreWordsAreAnErrorThatSaysSo()
    {
        using var folder = new TemporaryFolder();
        LabelException e = Assert.Throws<LabelException>(
            () => OpenAll(folder).Resolve(LabelPriors.Create(2, 64), "", "slow moor folk n roll folk"));
        Assert.Contains("6 words", e.Message, StringComparison.Ordinal);
        Assert.Contains("at most 5", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WarningsSayWhatIsUnknownAtWhichLevel()
    {
        using var folder = new TemporaryFolder();
        LabelTables tables = OpenAll(folder);
        LabelWarning[] warnings = tables.Resolve(LabelPriors.Create(2, 64, level: 1), "Nobody At All", "fen folk").Warnings;
        Assert.Equal(2, warnings.Length);
        Assert.Equal((LabelKind.Artist, 1, "nobody_at_all"), (warnings[0].Kind, warnings[0].Level, warnings[0].Unknown));
        Assert.Equal((LabelKind.Genre, 1, "fen"), (warnings[1].Kind, warnings[1].Level, warnings[1].Unknown));
        Assert.Contains("Level 1: the v2 genres have no 'fen' (of 'fen folk')", warnings[1].Message, StringComparison.Ordinal);
        Assert.Empty(tables.Resolve(LabelPriors.Create(3, 64), "", "Unknown").Warnings);
    }

    [Fact]
    public void WarningsOfferNamesThatMayHaveBeenMeant()
    {
        using var folder = new TemporaryFolder();
        LabelWarning warning = Assert.Single(OpenAll(folder).Resolve(LabelPriors.Create(3, 64), "Hollow Kettle", "").Warnings);
        Assert.Equal(["the hollow kettles"], warning.Near);
        Assert.Contains("like it are 'the hollow kettles'", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutTablesEverythingIsUnknownAndTheWarningNamesTheFile()
    {
        using var folder = new TemporaryFolder();
        ResolvedLabels resolved = LabelTables.Open(folder.Path).Resolve(LabelPriors.Create(3, 64), "Someone", "moor folk");
        Assert.Equal((0, 0), (resolved.ArtistId, resolved.GenreIds.Single()));
        Assert.All(resolved.Warnings, warning => Assert.True(warning.TableMissing));
        Assert.Contains("labels/v3_artist_ids.txt", resolved.Warnings[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATableOfAnotherModelIsRefused()
    {
        using var folder = new TemporaryFolder();
        DamagedFileException e = Assert.Throws<DamagedFileException>(
            () => OpenAll(folder).Resolve(LabelPriors.Create(2, 64, artistCount: 10), "x", ""));
        Assert.Contains("only 10 artists", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SearchFindsNamesDespiteAccentsOrderAndTypingErrors()
    {
        using var folder = new TemporaryFolder();
        LabelTables tables = OpenAll(folder);

        LabelMatch[] exact = LabelSearch.Find(tables, LabelKind.Artist, "ZURICH band", 5);
        Assert.Equal("zürich band", exact[0].Name);
        Assert.Equal((3, 8, 1.0), (exact[0].Generation, exact[0].Id, exact[0].Score));

        Assert.Equal(12, LabelSearch.Find(tables, LabelKind.Artist, "kettles hollow", 5, generation: 2)[0].Id);
        Assert.Equal(7, LabelSearch.Find(tables, LabelKind.Artist, "the holow ketltes", 5, generation: 3)[0].Id);
        Assert.Equal("echo", LabelSearch.Find(tables, LabelKind.Artist, "ech", 5)[0].Name);
        Assert.Empty(LabelSearch.Find(tables, LabelKind.Artist, "qqqqqqqq", 5));
        Assert.Empty(LabelSearch.Find(tables, LabelKind.Artist, " - ", 5));
    }

    [Fact]
    public void SearchHidesMarkedTwinsAndTellsWhatCannotBeTyped()
    {
        using var folder = new TemporaryFolder();
        LabelTables tables = OpenAll(folder);
        LabelMatch genre = Assert.Single(LabelSearch.Find(tables, LabelKind.Genre, "moor folk", 9, generation: 3));
        Assert.Equal(5, genre.Id);
        LabelMatch artist = LabelSearch.Find(tables, LabelKind.Artist, "last one", 5)[0];
        Assert.Equal(("last_one_", false), (artist.Name, artist.Reachable));
    }

    private static LabelTable Read(TemporaryFolder folder, string text) =>
        LabelTable.Read(folder.Write("table.txt", text), 3, LabelKind.Artist);

    private static LabelTables OpenAll(TemporaryFolder folder)
    {
        folder.Write(ModelDescription.LabelFileName(2, "artist"), SecondArtists);
        folder.Write(ModelDescription.LabelFileName(2, "genre"), SecondGenres);
        folder.Write(ModelDescription.LabelFileName(3, "artist"), ThirdArtists);
        folder.Write(ModelDescription.LabelFileName(3, "genre"), ThirdGenres);
        return LabelTables.Open(folder.Path);
    }
}

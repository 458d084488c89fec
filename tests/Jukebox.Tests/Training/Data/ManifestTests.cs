using Jukebox.Core.Errors;
using Jukebox.Recordings.Folders;
using Xunit;

namespace Jukebox.Tests.Training.Data;

/// <summary>The side table, as people and as enemies write it.</summary>
public sealed class ManifestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("midi/x.one.mid", "x.one.flac")]
    [InlineData("midi/x.one.mid", "deep/down/x.one.wav")]
    [InlineData("x.one.flac", "x.one.flac")]
    [InlineData("x.one", "x.one.flac")]
    [InlineData("midi\\x.one.mid", "midi/x.one.flac")]
    public void AFileIsFoundWithOrWithoutFolderAndExtension(string stated, string asked) =>
        Assert.Equal("A", Find($"file\tartist\n{stated}\tA\n", asked)!.Artist);

    [Fact]
    public void AFullPathWinsOverAName()
    {
        Manifest manifest = Read("file\tartist\na/x.mid\tA\nb/x.mid\tB\n");
        Assert.Equal("B", Assert.Single(manifest.RowsOf(["b/x.wav"]))!.Artist);
        Assert.Equal("A", Assert.Single(manifest.RowsOf(["a/x.wav"]))!.Artist);
        Assert.Null(Assert.Single(manifest.RowsOf(["y.wav"])));
    }

    /// <summary>Albums all have a first track.</summary>
    [Fact]
    public void ARowThatAFileHasByItsPathIsNoOthers()
    {
        Manifest manifest = Read("file\tartist\na/01.flac\tA\nmidi/x.mid\tX\n");
        Assert.Equal(["A", null, "X", "X"], manifest.RowsOf(["a/01.flac", "b/01.flac", "x.flac", "copy/x.wav"]).Select(row => row?.Artist));
        Assert.Equal("A", Assert.Single(manifest.RowsOf(["b/01.flac"]))!.Artist);
    }

    [Fact]
    public void ANameThatSeveralRowsHaveIsAMistake() => AssertDamaged(
        () => Find("file\na/x.mid\nb/x.mid\n", "x.wav"), "several of its rows could mean 'x.wav'");

    [Fact]
    public void ColumnsComeInAnyOrderAndMayBeMissing()
    {
        ManifestRow row = Find("Split\tnoise\tFILE\tGenre\nvalid\t\tx.wav\tJazz\n", "x.wav")!;
        Assert.Equal(("", "Jazz", "", TrackSplit.Valid), (row.Artist, row.Genre, row.Lyrics, row.Split));
    }

    [Fact]
    public void AnEmptyFieldADashAndAShortRowSayNothing()
    {
        Manifest manifest = Read("file\tartist\tgenre\tsplit\nx.wav\t-\t \ny.wav\n");
        Assert.Equal(("", "", TrackSplit.Unstated), (manifest.Rows[0].Artist, manifest.Rows[0].Genre, manifest.Rows[0].Split));
        Assert.Equal("", manifest.Rows[1].Artist);
    }

    [Fact]
    public void WindowsLineEndsAByteOrderMarkAndEmptyLinesDoNotMatter() =>
        Assert.Equal("Ä", Find("\uFEFFfile\tartist\r\n\r\nx.wav\tÄ\r\n\r\n", "x.wav")!.Artist);

    [Fact]
    public void ASemicolonInANameDoesNotReachTheLabelTables() =>
        Assert.Equal("A  7", Find("file\tartist\nx.wav\tA; 7\n", "x.wav")!.Artist);

    [Theory]
    [InlineData("", "line 1 has no column 'file'")]
    [InlineData("name\tartist\nx\ty\n", "line 1 has no column 'file'")]
    [InlineData("file\tfile\nx\ty\n", "line 1 has two columns 'file'")]
    [InlineData("file\nx.wav\ty\n", "line 2 has 2 fields, the header 1")]
    [InlineData("file\tartist\n\tA\n", "line 2 names no file")]
    [InlineData("file\nx.wav\n\nx.wav\n", "line 4 names 'x.wav', as line 2 does")]
    [InlineData("file\tsplit\nx.wav\tsometimes\n", "line 2 has the split 'sometimes', which is neither train nor valid")]
    public void AMistakeNamesItsLine(string text, string problem) => AssertDamaged(() => Read(text), problem);

    [Fact]
    public void WhatIsNoTextIsRefused()
    {
        string path = _folder.Write("bad.tsv", [.. "file\n"u8, 0xFF, 0xFE, 0x00]);
        AssertDamaged(() => Manifest.Read(path), "it is not UTF-8 text");
    }

    [Fact]
    public void RandomBytesNeverDoMoreThanRefuse()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 500; trial++)
        {
            string text = "file\tartist\tsplit\n" + new string([.. Enumerable.Range(0, random.Next(200)).Select(_ => "\t\n\r;./\\-ab\0\"Ünix"[random.Next(16)])]);
            try
            {
                Manifest manifest = Read(text);
                Assert.All(manifest.Rows, row => Assert.DoesNotContain(row.Artist, c => c == ';' || char.IsControl(c)));
            }
            catch (DamagedFileException)
            {
                // As good an answer as any.
            }
        }
    }

    private static void AssertDamaged(Action action, string problem)
    {
        DamagedFileException e = Assert.Throws<DamagedFileException>(action);
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
    }

    private ManifestRow? Find(string text, string path) => Assert.Single(Read(text).RowsOf([path]));

    private Manifest Read(string text) => Manifest.Read(_folder.Write("manifest.tsv", text));
}

using System.Text;
using Jukebox.Recordings.Folders;
using Xunit;

namespace Jukebox.Tests.Training.Data;

/// <summary>Tables as spreadsheets save them.</summary>
public sealed class TabSeparatedTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a\tb\n", "1:a|b")]
    [InlineData("a\tb\r\nc\td\r\n", "1:a|b 2:c|d")]
    [InlineData("\"a\tx\"\tb", "1:a\tx|b")]
    [InlineData("\"say \"\"hi\"\"\"\tb", "1:say \"hi\"|b")]
    [InlineData("\"two\nlines\"\tb\nc\td", "1:two\nlines|b 3:c|d")]
    [InlineData("\"not closed\tb", "1:\"not closed|b")]
    [InlineData("\"12\"\" mix\"\t5\" tape", "1:12\" mix|5\" tape")]
    [InlineData("\"a\" b\tc", "1:\"a\" b|c")]
    [InlineData("\t\n", "1:|")]
    [InlineData("\"\"\tx", "1:|x")]
    public void FieldsAreReadAsTheyWereMeant(string text, string fields) =>
        Assert.Equal(fields, string.Join(' ', TabSeparated.Read(text).Select(record => $"{record.Line}:{string.Join('|', record.Fields)}")));

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-8")]
    public void ATableOfASpreadsheetIsRead(string encoding)
    {
        string path = _folder["manifest.tsv"];
        File.WriteAllText(path, "file\tartist\tsplit\n\"bj\u00f6rk, \"\"live\"\".wav\"\tBjo\u0308rk\tdev\n", Encoding.GetEncoding(encoding));
        Manifest table = Manifest.Read(path);
        Assert.Equal("bj\u00f6rk, \"live\".wav", Assert.Single(table.Rows).File);
        Assert.Equal(TrackSplit.Valid, table.Rows[0].Split);
        Assert.NotNull(table.RowsOf(["bjo\u0308rk, \"live\".wav"])[0]);
    }
}

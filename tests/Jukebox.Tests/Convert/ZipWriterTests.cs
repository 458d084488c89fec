using System.IO.Compression;
using System.IO.Hashing;
using Jukebox.Conversion.Containers;
using Jukebox.Core.Files;
using Xunit;

namespace Jukebox.Tests.Conversion;

public sealed class ZipWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a")]
    [InlineData("archive/data/0")]
    [InlineData("ein/ungewöhnlicher Name")]
    public void EntriesAreAlignedAndReadBackByAnotherReader(string name)
    {
        byte[] odd = [.. Enumerable.Range(0, 77).Select(i => (byte)i)];
        FileDigest digest = Write(zip =>
        {
            zip.Add(name, odd);
            zip.Add(name + "empty", []);
            zip.Begin(name + "pieces", 100);
            zip.Append(odd);
            zip.Append([]);
            zip.Append(odd.AsSpan(0, 23));
        });
        Assert.Equal(new FileInfo(_folder["zip"]).Length, digest.LengthBytes);
        using ZipArchive archive = ZipFile.OpenRead(_folder["zip"]);
        Assert.Equal([name, name + "empty", name + "pieces"], archive.Entries.Select(entry => entry.FullName));
        Assert.Equal(odd, Read(archive.Entries[0]));
        Assert.Empty(Read(archive.Entries[1]));
        Assert.Equal([.. odd, .. odd[..23]], Read(archive.Entries[2]));
        Assert.Equal(Crc32.HashToUInt32(odd), archive.Entries[0].Crc32);
        using var file = new SourceFile(_folder["zip"]);
        Assert.All(ZipDirectory.Read(file).Values, entry => Assert.Equal(0, entry.DataOffsetBytes % 64));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    [InlineData(1000)]
    public void WideFieldsAreReadBack(long wideFromBytes)
    {
        byte[] small = [1, 2, 3];
        byte[] large = [.. Enumerable.Range(0, 700).Select(i => (byte)i)];
        Write(
            zip =>
            {
                zip.Add("small", small);
                zip.Add("large", large);
                zip.Add("last", small);
            },
            wideFromBytes: wideFromBytes);
        using var file = new SourceFile(_folder["zip"]);
        Dictionary<string, ZipEntry> entries = ZipDirectory.Read(file);
        using ZipArchive archive = ZipFile.OpenRead(_folder["zip"]);
        foreach ((string name, byte[] content) in new[] { ("small", small), ("large", large), ("last", small) })
        {
            Assert.Equal(content.Length, entries[name].LengthBytes);
            Assert.Equal(0, entries[name].DataOffsetBytes % 64);
            Assert.Equal(content, Read(archive.GetEntry(name)!));
        }
    }

    [SkippableFact]
    public void PlacesBeyondFourGigabytesAreFound()
    {
        const long start = 5L << 30;
        byte[] content = [1, 2, 3];
        Skip.IfNot(OperatingSystem.IsLinux(), "makes a file with a hole of five gigabytes");
        Write(
            zip =>
            {
                zip.Add("first", content);
                zip.Add("second", content);
            },
            start);
        using var file = new SourceFile(_folder["zip"]);
        Dictionary<string, ZipEntry> entries = ZipDirectory.Read(file);
        Assert.InRange(entries["second"].DataOffsetBytes, start, long.MaxValue);
        var read = new byte[3];
        file.Read(entries["second"].DataOffsetBytes, read);
        Assert.Equal(content, read);
        using ZipArchive archive = ZipFile.OpenRead(_folder["zip"]);
        Assert.Equal(content, Read(archive.Entries[1]));
    }

    [Fact]
    public void MoreEntriesThanSixteenBitsCountAreFound()
    {
        const int count = 65_537;
        Write(zip =>
        {
            for (int i = 0; i < count; i++)
            {
                zip.Add($"{i}", [(byte)i]);
            }
        });
        using var file = new SourceFile(_folder["zip"]);
        Assert.Equal(count, ZipDirectory.Read(file).Count);
        using ZipArchive archive = ZipFile.OpenRead(_folder["zip"]);
        Assert.Equal([255], Read(archive.Entries[65_535]));
    }

    [Fact]
    public void TooMuchAndTooLittleAreRefused()
    {
        using var zip = new ZipWriter(new MemoryStream());
        zip.Begin("a", 3);
        zip.Append([1, 2]);
        Assert.Throws<InvalidOperationException>(() => zip.Append([3, 4]));
        Assert.Throws<InvalidOperationException>(() => zip.Begin("b", 1));
        Assert.Throws<InvalidOperationException>(() => zip.Complete());
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private FileDigest Write(Action<ZipWriter> write, long startBytes = 0, long wideFromBytes = uint.MaxValue)
    {
        using FileStream stream = File.Create(_folder["zip"]);
        stream.Position = startBytes;
        using var zip = new ZipWriter(stream, wideFromBytes);
        write(zip);
        return zip.Complete();
    }
}

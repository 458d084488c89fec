using System.Runtime.InteropServices;
using Jukebox.Core.Errors;
using Jukebox.Recordings.Caches;
using Xunit;

namespace Jukebox.Tests.Training.Data;

/// <summary>A cache entry is whole or absent.</summary>
public sealed class CacheFileTests : IDisposable
{
    private static readonly int[] Content = [.. Enumerable.Range(0, 1000)];

    private readonly TemporaryFolder _folder = new();

    private string Entry => _folder["deep", "x.bin"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatIsWrittenIsReadAndNothingElseIsLeft()
    {
        Write();
        Assert.Equal(Content.Length * sizeof(int), CacheFile.LengthOf(Entry, "key"));
        var part = new int[10];
        CacheFile.ReadPart<int>(Entry, 990, part);
        Assert.Equal(Content[990..], part);
        Assert.Single(Directory.GetFiles(_folder["deep"]));
    }

    [Fact]
    public void WhatKilledProcessesLeftIsDeletedOnceNobodyCanBeWritingIt()
    {
        Write();
        string old = _folder.Write("deep/x.bin.1.jukebox-part", ""), recent = _folder.Write("deep/x.bin.2.jukebox-part", "");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));
        File.SetLastWriteTimeUtc(Entry, DateTime.UtcNow.AddDays(-2));
        CacheFile.DeleteAbandoned(new DirectoryInfo(_folder.Path));
        Assert.Equal([Entry, recent], Directory.GetFiles(_folder["deep"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ReadingBeyondTheEndIsADamage()
    {
        Write();
        Assert.Throws<DamagedFileException>(() => CacheFile.ReadPart<int>(Entry, 995, new int[10]));
    }

    [Fact]
    public void AnotherKeyIsAsGoodAsAbsent()
    {
        Write();
        Assert.Null(CacheFile.LengthOf(Entry, "other"));
        Assert.Null(CacheFile.LengthOf(_folder["missing"], "key"));
    }

    [Fact]
    public void AnyFlippedBitAndAnyCutIsSeen()
    {
        Write();
        byte[] whole = File.ReadAllBytes(Entry);
        foreach (int at in (int[])[0, 15, 16, 20, 24, 40, 60, 87, 88, 1000, whole.Length - 1])
        {
            byte[] flipped = [.. whole];
            flipped[at] ^= 0x10;
            File.WriteAllBytes(Entry, flipped);
            Assert.Null(CacheFile.LengthOf(Entry, "key"));
            File.WriteAllBytes(Entry, whole[..at]);
            Assert.Null(CacheFile.LengthOf(Entry, "key"));
        }

        File.WriteAllBytes(Entry, [.. whole, 0]);
        Assert.Null(CacheFile.LengthOf(Entry, "key"));
    }

    private void Write() => CacheFile.Write(Entry, "key", [.. MemoryMarshal.AsBytes(Content.AsSpan()).ToArray().Chunk(999).Select(part => (ReadOnlyMemory<byte>)part)]);
}

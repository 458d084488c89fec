using System.Text;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Songs.Folder;
using Xunit;

namespace Jukebox.Tests.Files;

public sealed class DurableFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A limit on the size of files comes as a bad argument, and so do faults of whoever makes the content.</summary>
    [Fact]
    public void AFaultOfWhatMakesTheContentIsNotToldAsAFullDisk()
    {
        string path = _folder["file"];
        Assert.Throws<ArgumentOutOfRangeException>(() => DurableFile.WriteAtomically(path, _ => throw new ArgumentOutOfRangeException("a fault of the content")));
        Assert.Empty(Directory.GetFiles(_folder.Path));
        DurableFile.WriteAtomically(path, stream => stream.Write("whole"u8));
        Assert.Equal("whole", File.ReadAllText(path));
    }

    [SkippableFact]
    public void AFullDiskIsToldByTheNameOfTheFile()
    {
        Skip.IfNot(File.Exists("/dev/full"), "needs /dev/full");
        using var stream = new DurableStream("/dev/full", FileMode.Open, "song.json");
        stream.Write(new byte[100]);
        Assert.StartsWith("the disk is full: song.json cannot grow", Assert.Throws<StorageException>(stream.Flush).Message);
    }

    [Fact]
    public void LongFilesAreRefusedBeforeTheyAreRead()
    {
        using (FileStream sparse = File.Create(_folder["song.json"]))
        {
            sparse.SetLength(1L << 40);
        }

        Assert.Contains("it is longer than 65536 kB", Assert.Throws<DamagedFileException>(() => SongFolder.ReadDescription(_folder.Path)).Message);
    }

    [Fact]
    public void ARequestMayHaveAByteOrderMark()
    {
        File.WriteAllText(_folder["request.json"], "{ \"seconds\": 5 }", Encoding.UTF8);
        Assert.Equal(5, SongFolder.ReadRequest(_folder["request.json"]).Seconds);
    }
}

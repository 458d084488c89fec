using Jukebox.Core.Files;
using Xunit;

namespace Jukebox.Tests.Files;

public sealed class FolderLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ALockThatCannotBeWrittenIsNotCalledInUse()
    {
        Directory.CreateDirectory(_folder[".lock"]);
        string message = Assert.Throws<StorageException>(() => FolderLock.Take(_folder.Path)).Message;
        Assert.StartsWith($"{_folder.Path} cannot be written to", message);
        Assert.DoesNotContain("in use", message);
    }

    [Fact]
    public void AFolderThatIsNotThereIsNotCalledInUse() =>
        Assert.DoesNotContain("in use", Assert.Throws<StorageException>(() => FolderLock.Take(_folder["missing"])).Message);

    [Fact]
    public void AnOwnerThatCannotBeWrittenDoesNotHinderTheLock()
    {
        Directory.CreateDirectory(_folder[".owner"]);
        using (FolderLock.Take(_folder.Path))
        {
            Assert.Contains("in use by another process", Assert.Throws<StorageException>(() => FolderLock.Take(_folder.Path)).Message);
        }

        FolderLock.Take(_folder.Path).Dispose();
    }
}

using Jukebox.Core.Files;
using Xunit;

namespace Jukebox.Tests.Files;

public sealed class FileFailureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AFolderWhereAFileIsExpectedIsCalledOne()
    {
        UnauthorizedAccessException failure = Assert.Throws<UnauthorizedAccessException>(() => File.OpenRead(_folder.Path));
        Assert.Equal($"'{_folder.Path}' is a folder where a file is expected, or this user may not use it.", FileFailure.Sentence(failure));
    }

    [Fact]
    public void AWriteProtectedFileIsCalledReadOnly()
    {
        string path = _folder.Write("song.json", "{}");
        File.SetAttributes(path, FileAttributes.ReadOnly);
        Assert.Equal($"'{path}' is read-only; allow writing to it, or choose another place.", FileFailure.Sentence(Denied(path)));
        File.SetAttributes(path, FileAttributes.Normal);
        Assert.Contains("this user has no right to it", FileFailure.Sentence(Denied(path)));
    }

    [Fact]
    public void AccessThatIsDeniedWithoutANameSaysWhatItCanBe() =>
        Assert.Contains("read-only, open in another program, or not this user's to change", FileFailure.Sentence(new UnauthorizedAccessException("Access to the path is denied.")));

    [Fact]
    public void ANameThatWindowsKeepsForADeviceIsCalledOne() =>
        Assert.Equal("'CON' is a name that Windows keeps for a device; choose another one.", FileFailure.Sentence(new DirectoryNotFoundException(@"Could not find a part of the path '\\.\CON'.")));

    [SkippableFact]
    public void ErrorNumbersAreThoseOfTheSystem()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "has the numbers of Linux");
        var readOnly = new IOException("Read-only file system : '/mnt/cd/song/.lock'", 30);
        Assert.Equal("'/mnt/cd/song/.lock' cannot be written: it is on a disk that can only be read; choose another place.", FileFailure.Sentence(readOnly));
        Assert.True(FileFailure.IsDiskFull(new IOException("", 28)));
        Assert.True(FileFailure.IsDiskFull(new IOException("", 122)));
        Assert.False(FileFailure.IsDiskFull(readOnly));
        Assert.False(FileFailure.IsInUse(readOnly));
    }

    [Fact]
    public void AFileThatAnotherHasForItselfIsInUseAndAMissingOneIsNot()
    {
        string path = _folder["taken"];
        using var first = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        IOException failure = Assert.Throws<IOException>(() => new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None));
        Assert.True(FileFailure.IsInUse(failure), $"error {failure.HResult}");
        Assert.Equal($"'{path}' is open in another program; close it there, then try again.", FileFailure.Sentence(failure));
        FileNotFoundException missing = Assert.Throws<FileNotFoundException>(() => File.OpenRead(_folder["missing"]));
        Assert.False(FileFailure.IsInUse(missing));
        Assert.Equal(missing.Message, FileFailure.Sentence(missing));
    }

    private static UnauthorizedAccessException Denied(string path) => new($"Access to the path '{path}' is denied.");
}

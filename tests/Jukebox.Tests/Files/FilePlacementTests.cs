using Jukebox.Core.Files;
using Xunit;

namespace Jukebox.Tests.Files;

public sealed class FilePlacementTests
{
    private int _calls;

    [Fact]
    public void AFileThatIsHeldForAnInstantIsReplacedAfterIt()
    {
        FilePlacement.Patiently("model.json", () => FailUpTo(3, new UnauthorizedAccessException()), _ => true, TimeSpan.Zero);
        Assert.Equal(4, _calls);
    }

    [Fact]
    public void AFileThatStaysHeldIsNamed()
    {
        IOException failure = Assert.Throws<IOException>(
            () => FilePlacement.Patiently("model.json", () => FailUpTo(int.MaxValue, new UnauthorizedAccessException("Access to the path is denied.")), _ => true, TimeSpan.Zero));
        Assert.Equal("model.json cannot be replaced: another program has it open, or it is read-only; close it there, or allow writing, then try again.", failure.Message);
        Assert.Equal(failure.Message, FileFailure.Sentence(failure));
    }

    [Fact]
    public void AFailureThatWillNotPassIsThrownAtOnce()
    {
        Assert.Throws<DirectoryNotFoundException>(
            () => FilePlacement.Patiently("model.json", () => FailUpTo(int.MaxValue, new DirectoryNotFoundException()), e => e is UnauthorizedAccessException, TimeSpan.Zero));
        Assert.Equal(1, _calls);
    }

    private void FailUpTo(int calls, Exception failure)
    {
        if (++_calls <= calls)
        {
            throw failure;
        }
    }
}

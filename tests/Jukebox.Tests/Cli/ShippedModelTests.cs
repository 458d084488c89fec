using Jukebox.Core.ModelFormat;
using Xunit;

namespace Jukebox.Tests.Cli;

public sealed class ShippedModelTests
{
    [Fact]
    public void TheShippedModelIsWhatItsGeneratorMakes()
    {
        DirectoryInfo made = Directory.CreateTempSubdirectory("jukebox-tiny-");
        try
        {
            TinyModel.Write(made.FullName);
            string shipped = Path.Combine(AppContext.BaseDirectory, "weights", "tiny");
            string[] names = [.. made.EnumerateFiles("*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(made.FullName, file.FullName)).Order(StringComparer.Ordinal)];
            Assert.Equal(names, new DirectoryInfo(shipped).EnumerateFiles("*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(shipped, file.FullName)).Order(StringComparer.Ordinal));
            Assert.All(names, name => Assert.Equal(File.ReadAllBytes(Path.Combine(made.FullName, name)), File.ReadAllBytes(Path.Combine(shipped, name))));
        }
        finally
        {
            made.Delete(recursive: true);
        }
    }
}

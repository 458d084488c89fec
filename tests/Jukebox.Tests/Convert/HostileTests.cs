using System.Text;
using Jukebox.Conversion;
using Jukebox.Conversion.Containers;
using Jukebox.Core.Errors;
using Xunit;

namespace Jukebox.Tests.Conversion;

/// <summary>Checkpoints that were made to do harm: depth, number and names are as hostile as sizes.</summary>
public sealed class HostileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("(", "t")]
    [InlineData("]", "a")]
    [InlineData("(", "l")]
    [InlineData("}U\u0001a", "s")]
    public void DepthIsNoRecursion(string open, string close)
    {
        const int depth = 200_000;
        byte[] nested = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(open, depth)) + "N" + string.Concat(Enumerable.Repeat(close, depth)));
        new CheckpointBuilder().Tensor("prior.x_emb.weight", [1], 1).Hyperparameter("deep", nested).WriteZip(_folder["a.pth.tar"]);
        Exception? error = Record.Exception(() => Checkpoint.Open(_folder["a.pth.tar"]).Dispose());
        Assert.True(error is null or DamagedFileException, $"{error}");
    }

    [Fact]
    public void TooManyPartsAreRefused()
    {
        byte[] many = Encoding.Latin1.GetBytes(new string(']', 1_000_001));
        new CheckpointBuilder().Tensor("prior.x_emb.weight", [1], 1).Hyperparameter("many", many).WriteLegacy(_folder["a.pth.tar"]);
        DamagedFileException error = Assert.Throws<DamagedFileException>(() => Checkpoint.Open(_folder["a.pth.tar"]).Dispose());
        Assert.Contains("the object has more than 1000000 parts", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Names are looked up, never followed; and a wrapper's name a hundred thousand times is no recursion either.</summary>
    [Theory]
    [InlineData("../../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("C:\\windows\\system.ini")]
    [InlineData("other.\0")]
    [InlineData("module.*100000")]
    public void NamesAreOnlyNames(string name)
    {
        name = name.EndsWith("*100000", StringComparison.Ordinal) ? string.Concat(Enumerable.Repeat("module.", 100_000)) + "x" : name;
        new CheckpointBuilder().Tensor(name, [1], 1).WriteLegacy(_folder["a.pth.tar"]);
        DamagedFileException error = Assert.Throws<DamagedFileException>(
            () => ModelConverter.Run(new ConversionRequest { Sources = [_folder["a.pth.tar"]], Output = _folder["out"] }));
        Assert.Contains("neither those of a VQ-VAE nor those of a prior", error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Length < 1000, "names are cut");
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void NamesThatBecomeTheSameAreRefused()
    {
        const string stem = "conditioner_blocks.0.cond.model.1.0.";
        new CheckpointBuilder().Tensor("prior.x_emb.weight", [1], 1).Tensor($"{stem}model.0.weight", [1], 1).Tensor($"{stem}blocks.0.weight", [2], 1).WriteLegacy(_folder["a.pth.tar"]);
        DamagedFileException error = Assert.Throws<DamagedFileException>(
            () => ModelConverter.Run(new ConversionRequest { Sources = [_folder["a.pth.tar"]], Output = _folder["out"] }));
        Assert.Contains($"two tensors stand for '{stem}blocks.0.weight'", error.Message, StringComparison.Ordinal);
        new CheckpointBuilder().Tensor("prior.x_emb.weight", [1], 1).Tensor("_orig_mod.prior.x_emb.weight", [2], 1).WriteZip(_folder["a.pth.tar"]);
        error = Assert.Throws<DamagedFileException>(() => Checkpoint.Open(_folder["a.pth.tar"]).Dispose());
        Assert.Contains("tensor 'prior.x_emb.weight' occurs twice", error.Message, StringComparison.Ordinal);
    }
}

using System.Security.Cryptography;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Tests.Cli;
using Xunit;

namespace Jukebox.Tests.Integrity;

/// <summary>Weights that are not what was written, or are no numbers, are never computed with.</summary>
public sealed class WeightIntegrityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Model => _folder["model"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("vqvae.safetensors", float.NaN)]
    [InlineData("prior_2.safetensors", float.NaN)]
    [InlineData("prior_2.safetensors", float.PositiveInfinity)]
    [InlineData("prior_0.safetensors", float.NegativeInfinity)]
    public void AWeightThatIsNoNumberIsNamedWithItsFile(string name, float value)
    {
        Copy();
        string file = Path.Combine(Model, name), tensor;
        long place;
        using (WeightFile weights = WeightFile.Open(file))
        {
            StoredTensor last = weights.Tensors.Values.Where(each => each.Type == ElementType.F32).MaxBy(each => each.OffsetBytes)!;
            (tensor, place) = (last.Name, last.OffsetBytes + last.LengthBytes - sizeof(float));
        }

        byte[] bytes = File.ReadAllBytes(file);
        BitConverter.TryWriteBytes(bytes.AsSpan((int)place), value);
        File.WriteAllBytes(file, bytes);
        Rewrite(name, bytes);
        CliRun run = CliRun.Of("sample", "--model", Model, "--device", "cpu", "--seconds", "0.4", "--output", _folder["song"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{file}, byte {place}: tensor '{tensor}' has a number that is infinite or none, so nothing can be computed with it; convert the checkpoint again.", run.Error);
        Assert.DoesNotContain("a fault of this program", run.Error);
        CliRun verified = CliRun.Of("verify", Model);
        Assert.Equal(1, verified.ExitCode);
        Assert.Contains(tensor, verified.Output);
    }

    [Fact]
    public void AFlippedBitOfAPriorIsFoundBeforeAnythingIsSampled()
    {
        Copy();
        string file = Path.Combine(Model, "prior_1.safetensors");
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^1000] ^= 1;
        File.WriteAllBytes(file, bytes);
        CliRun run = CliRun.Of("sample", "--model", Model, "--device", "cpu", "--seconds", "0.4", "--output", _folder["song"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{file}: it is not what was written: its SHA-256 is", run.Error);
    }

    [Fact]
    public void AModelWithoutTheDigestOfAFileIsRefused()
    {
        Copy();
        ModelDescription description = ModelDescription.Read(Model);
        description.Files.Remove("prior_1.safetensors");
        description.Write(Model);
        using var folder = ModelFolder.Open(Model);
        Assert.Contains("it has no digest of prior_1.safetensors", Assert.Throws<DamagedFileException>(() => folder.OpenPrior(1)).Message);
    }

    [Fact]
    public void ATableOfLabelsThatWasChangedIsRefused()
    {
        Copy();
        string table = Path.Combine(Model, "labels", "v3_artist_ids.txt");
        string text = File.ReadAllText(table);
        File.WriteAllText(table, text.Replace(";1", ";2", StringComparison.Ordinal));
        Assert.Contains($"{table}: it is not what was written", Assert.Throws<DamagedFileException>(() => ModelFolder.Open(Model)).Message);
    }

    /// <summary>Caches keep the content elsewhere and give it its name by a link.</summary>
    [Fact]
    public void AModelOfLinksIsWhole()
    {
        Copy();
        string cache = _folder["cache"];
        Directory.CreateDirectory(cache);
        foreach (string file in Directory.GetFiles(Model, "*.safetensors"))
        {
            string content = Path.Combine(cache, Path.GetFileName(file) + ".blob");
            File.Move(file, content);
            File.CreateSymbolicLink(file, content);
        }

        CliRun run = CliRun.Of("verify", Model);
        Assert.Equal((0, $"{Model}: the model is whole.\n"), (run.ExitCode, run.Output.ReplaceLineEndings("\n")));
    }

    [Fact]
    public void TheShippedModelIsWhole() => Assert.Equal(0, CliRun.Of("verify", Path.Combine(Repository.Root, "weights", "tiny")).ExitCode);

    private void Copy()
    {
        foreach ((string name, byte[] content) in TemporaryFolder.Files(NoiseModelFolder.Path))
        {
            _folder.Write(Path.Combine("model", name), content);
        }
    }

    /// <summary>Gives a file that was changed its digest, as a converter would that does not look at numbers.</summary>
    private void Rewrite(string name, byte[] content)
    {
        ModelDescription description = ModelDescription.Read(Model);
        description.Files[name] = new FileDigest(content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
        description.Write(Model);
    }
}

using System.Text.Json;
using Jukebox.Conversion;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Conversion;

/// <summary>
/// One bit of a source changes. Where the format has checksums or the file's digest is known, that is an error or of no
/// consequence, and never another model. Where nothing is known of the content, damage to a number is another number:
/// then the report says that it could not have been seen.
/// </summary>
public sealed class BitFlipTests : IDisposable
{
    private const int Flips = 200;
    private const string Unchecked = "the format has no checksums";
    private readonly TemporaryFolder _folder = new();

    private enum Outcome
    {
        Error,
        Same,
        Other,
    }

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void ZipCheckpointsGiveTheSameModelOrAnError() =>
        AssertNoOther(FlipEach(GoldenDirectory.Require("vqvae_tiny", "vqvae.zip.pth.tar"), "vqvae.pth.tar", _folder["in", "vqvae.pth.tar"]), leastErrors: Flips / 2);

    [SkippableFact]
    public void CheckpointsOfOursGiveTheSameModelOrAnError()
    {
        ExportCase.Export(GoldenModels.Folder("vqvae_tiny"), _folder["pth"]);
        AssertNoOther(FlipEach(_folder["pth", "vqvae.pth.tar"], "vqvae.pth.tar", _folder["in", "vqvae.pth.tar"]), leastErrors: Flips / 2);
    }

    [SkippableTheory]
    [InlineData(ModelDescription.VqVaeFileName)]
    [InlineData("prior_2.safetensors")]
    public void ModelFoldersAlwaysGiveAnError(string name)
    {
        Put(GoldenModels.Folder("pipeline_5b_lyrics_primed"));
        Dictionary<Outcome, int> outcomes = FlipEach(_folder["in", name], name, _folder["in"]);
        Assert.Equal(Flips, outcomes[Outcome.Error]);
    }

    /// <summary>
    /// A description has no digest of its own: a number in it that no shape of a tensor tells, such as the growth of
    /// dilations, can become another unseen. The weights that it describes cannot.
    /// </summary>
    [SkippableFact]
    public void DescriptionsNeverGiveOtherWeights()
    {
        Put(GoldenModels.Folder("vqvae_tiny"));
        Dictionary<Outcome, int> outcomes = FlipEach(_folder["in", ModelDescription.FileName], ModelDescription.FileName, _folder["in"], weightsOnly: true);
        Assert.Equal(0, outcomes[Outcome.Other]);
    }

    [SkippableFact]
    public void StreamCheckpointsSayThatTheyAreUnchecked()
    {
        Dictionary<Outcome, int> outcomes = FlipEach(
            GoldenDirectory.Require("vqvae_tiny", "vqvae.legacy.pth.tar"), "vqvae.pth.tar", _folder["in", "vqvae.pth.tar"]);
        Assert.True(outcomes[Outcome.Other] > Flips / 2, "the format is said to have no checksums, but most flips are seen");
    }

    [SkippableFact]
    public void RepositoriesSayThatTheyAreUnchecked()
    {
        Put(GoldenDirectory.Require("hf_pipeline_5b_lyrics_primed", "safetensors_fp16"));
        Dictionary<Outcome, int> outcomes = FlipEach(
            _folder["in", "model-00001-of-00003.safetensors"], "model-00001-of-00003.safetensors", _folder["in"]);
        Assert.True(outcomes[Outcome.Other] > Flips / 2, "the format is said to have no checksums, but most flips are seen");
    }

    private static void AssertNoOther(Dictionary<Outcome, int> outcomes, int leastErrors)
    {
        Assert.Equal(0, outcomes[Outcome.Other]);
        Assert.True(outcomes[Outcome.Error] >= leastErrors, $"only {outcomes[Outcome.Error]} flips were seen");
    }

    private Dictionary<Outcome, int> FlipEach(string original, string name, string source, bool weightsOnly = false)
    {
        byte[] content = File.ReadAllBytes(original);
        _folder.Write($"in/{name}", content);
        SortedDictionary<string, string> expected = Essence(Convert(source), weightsOnly);
        var random = new Random(20_260_000 + content.Length);
        var outcomes = new Dictionary<Outcome, int> { [Outcome.Error] = 0, [Outcome.Same] = 0, [Outcome.Other] = 0 };
        for (int i = 0; i < Flips; i++)
        {
            int at = random.Next(content.Length);
            byte bit = (byte)(1 << random.Next(8));
            content[at] ^= bit;
            File.WriteAllBytes(_folder["in", name], content);
            content[at] ^= bit;
            outcomes[Try(source, expected, weightsOnly, $"bit {bit:x2} of byte {at}")]++;
        }

        return outcomes;
    }

    private Outcome Try(string source, SortedDictionary<string, string> expected, bool weightsOnly, string flip)
    {
        ConversionReport report;
        try
        {
            report = Convert(source);
        }
        catch (Exception e) when (e is DamagedFileException or ConversionException)
        {
            Assert.Contains(_folder.Path, e.Message, StringComparison.Ordinal);
            return Outcome.Error;
        }

        if (Essence(report, weightsOnly).SequenceEqual(expected))
        {
            return Outcome.Same;
        }

        // Another model is never given in silence.
        Assert.True(report.Notes.Any(note => note.Contains(Unchecked, StringComparison.Ordinal)), $"{flip} gave another model without a word");
        return Outcome.Other;
    }

    private ConversionReport Convert(string source) => ModelConverter.Run(new ConversionRequest { Sources = [source], Output = _folder["out"], Force = true, Name = "m" });

    /// <summary>Everything that the model computes with: its specification and the digests of its weights.</summary>
    private static SortedDictionary<string, string> Essence(ConversionReport report, bool weightsOnly)
    {
        var essence = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (!weightsOnly)
        {
            essence.Add("vqvae", JsonSerializer.Serialize(report.Description.VqVae));
            essence.Add("priors", JsonSerializer.Serialize(report.Description.Priors));
        }

        foreach ((string name, FileDigest digest) in report.Description.Files)
        {
            essence.Add(name, digest.Sha256);
        }

        return essence;
    }

    private void Put(string folder)
    {
        foreach ((string name, byte[] content) in TemporaryFolder.Files(folder))
        {
            _folder.Write($"in/{name}", content);
        }
    }
}

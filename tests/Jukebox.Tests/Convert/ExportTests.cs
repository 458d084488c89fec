using Jukebox.Conversion;
using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Conversion;

public sealed class ExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Cases => GoldenConversionTests.Cases();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void ExportedCheckpointsConvertToTheSameFolderAgain(string caseName)
    {
        string model = GoldenModels.Folder(caseName);
        ExportCase.Export(model, _folder["pth"]);
        ExportCase.Convert(_folder["pth"], _folder["again"]);
        ExportCase.AssertSameModel(model, _folder["again"]);
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void ExportedCheckpointsHoldTheTensorsOfTheOriginal(string caseName)
    {
        ExportCase.Export(GoldenModels.Folder(caseName), _folder["pth"]);
        string[] originals = GoldenModels.CheckpointsOf(GoldenDirectory.Require(caseName));
        string[] exported = Directory.GetFiles(_folder["pth"]);
        Assert.Equal(originals.Length, exported.Length);
        foreach (string path in exported)
        {
            using Checkpoint original = Checkpoint.Open(originals.Length == 1 ? originals[0] : originals.Single(file => Path.GetFileName(file) == Path.GetFileName(path)));
            using Checkpoint ours = Checkpoint.Open(path);
            Assert.Equal("PyTorch zip", ours.Format);
            Assert.Equal(original.Tensors.Keys, ours.Tensors.Keys);
            foreach ((string name, SourceTensor expected) in original.Tensors)
            {
                AssertEqual(expected, ours.Tensors[name]);
            }

            AssertSharing(original, ours);

            // Whoever builds a model from them must know every key: the originals list all that the reference has.
            Assert.Empty(ours.Hyperparameters!.Keys.Except(original.Hyperparameters!.Keys));
        }
    }

    [SkippableFact]
    public void HyperparametersOfTheVqVaeAreTheOriginals()
    {
        ExportCase.Export(GoldenModels.Folder("vqvae_tiny"), _folder["pth"]);
        using Checkpoint original = Checkpoint.Open(GoldenDirectory.Require("vqvae_tiny", "vqvae.zip.pth.tar"));
        using Checkpoint ours = Checkpoint.Open(_folder["pth", "vqvae.pth.tar"]);
        Assert.All(ours.Hyperparameters!, entry => Assert.Equal(original.Hyperparameters![entry.Key], entry.Value));
    }

    [Theory]
    [InlineData(ElementType.F32)]
    [InlineData(ElementType.F16)]
    [InlineData(ElementType.BF16)]
    public void UnusualModelsOfEveryTypeConvertToTheSameFolderAgain(ElementType type)
    {
        ExportCase.WriteOdd(_folder["model"], type);
        ExportCase.Export(_folder["model"], _folder["pth"]);
        ExportCase.Convert(_folder["pth"], _folder["again"], type);
        ExportCase.AssertSameModel(_folder["model"], _folder["again"]);
        using Checkpoint prior = Checkpoint.Open(_folder["pth", "prior_level_0.pth.tar"]);
        SourceElement element = Enum.Parse<SourceElement>(type.ToString());
        Assert.Equal(element, prior.Tensors["prior.transformer._attn_mods.0.attn.c_attn.w"].Element);
        Assert.Equal(SourceElement.F32, prior.Tensors["prior.transformer._attn_mods.0.attn.c_attn.b"].Element);
    }

    [Fact]
    public void LabelTablesLicenceAndDefaultsComeBack()
    {
        string model = NoiseModelFolder.Path;
        ConversionReport report = ExportCase.Export(model, _folder["pth"]);
        Assert.Empty(report.Notes);
        Assert.Equal(TemporaryFolder.Files(Path.Combine(model, "labels")), TemporaryFolder.Files(_folder["pth", "labels"]));
        ExportCase.Convert(_folder["pth"], _folder["again"]);
        string origin = ModelDescription.Read(model).Origin;
        Assert.StartsWith($"{origin}; converted from prior_level_0.pth.tar (PyTorch zip, SHA-256 ", ModelDescription.Read(_folder["again"]).Origin, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSameModelGivesTheSameBytes()
    {
        ExportCase.WriteOdd(_folder["model"], ElementType.F32);
        ExportCase.Export(_folder["model"], _folder["a"]);
        ExportCase.Export(_folder["model"], _folder["b"]);
        TemporaryFolder.AssertSame(_folder["a"], _folder["b"], "exported twice");
    }

    [SkippableFact]
    public void HuggingFaceRepositoriesBecomeCheckpointsToo()
    {
        string repository = GoldenDirectory.Require("hf_pipeline_5b_lyrics_primed", "safetensors_fp16");
        ExportCase.Export(repository, _folder["pth"]);
        using Checkpoint prior = Checkpoint.Open(_folder["pth", "prior_level_2.pth.tar"]);
        Assert.All(prior.Tensors.Values, tensor => Assert.Equal(SourceElement.F16, tensor.Element));
        using Checkpoint vqvae = Checkpoint.Open(_folder["pth", "vqvae.pth.tar"]);
        Assert.All(vqvae.Tensors.Values, tensor => Assert.Equal(SourceElement.F32, tensor.Element));
    }

    [Fact]
    public void DescriptionsThatDifferOrAreDamagedAreNotUsed()
    {
        ExportCase.WriteOdd(_folder["model"], ElementType.F32);
        ExportCase.Export(_folder["model"], _folder["pth"]);
        byte[] bytes = File.ReadAllBytes(_folder["pth", "vqvae.pth.tar"]);
        int at = bytes.AsSpan().IndexOf("CC BY 4.0"u8);
        bytes[at] = (byte)'G';
        _folder.Write("pth/vqvae.pth.tar", ZipEdit.WithChecksums(bytes));
        Assert.Contains("noncommercial", ExportCase.Convert(_folder["pth"], _folder["differ"]).Description.Licence, StringComparison.Ordinal);
        bytes[at - 3] = (byte)'x';
        _folder.Write("alone/vqvae.pth.tar", ZipEdit.WithChecksums(bytes));
        ConversionReport report = ExportCase.Convert(_folder["alone"], _folder["damaged"]);
        Assert.Contains("noncommercial", report.Description.Licence, StringComparison.Ordinal);
        Assert.Contains(report.Notes, note => note.Contains("the description that it carries is not used", StringComparison.Ordinal));
    }

    private static void AssertEqual(SourceTensor expected, SourceTensor actual)
    {
        Assert.Equal(expected.Sizes, actual.Sizes);
        Assert.Equal(expected.Strides, actual.Strides);
        Assert.True(actual.IsContiguous, actual.Name);
        Assert.Equal(expected.Element, actual.Element);
        Assert.True(ExportCase.Bytes(expected).AsSpan().SequenceEqual(ExportCase.Bytes(actual)), actual.Name);
    }

    /// <summary>Tensors share their data where the original's do, and nowhere else.</summary>
    private static void AssertSharing(Checkpoint original, Checkpoint ours)
    {
        static string[] Groups(Checkpoint checkpoint) =>
            [.. checkpoint.Tensors.GroupBy(pair => pair.Value.OffsetBytes).Select(group => string.Join(" = ", group.Select(pair => pair.Key).Order())).Order()];
        Assert.Equal(Groups(original), Groups(ours));
        bool isTied = ours.Hyperparameters!.GetValueOrDefault("merged_decoder") is false;
        Assert.Equal(isTied, Groups(ours).Contains($"{TiedOutput.EmbeddingName} = {TiedOutput.OutputName}"));
    }
}

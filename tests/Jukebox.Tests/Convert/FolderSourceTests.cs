using Jukebox.Conversion;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Conversion.Sources;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Conversion;

/// <summary>Folders as they are found: with more in them than checkpoints, and as caches arrange them.</summary>
public sealed class FolderSourceTests : IDisposable
{
    private const string Current = "0123456789012345678901234567890123456789";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void WhatIsHiddenOrNoCheckpointIsLeftOutAndCounted()
    {
        PutVqVae("in/vqvae.pth.tar");
        _folder.Write("in/._vqvae.pth.tar", [0, 5, 0x16, 7]);
        _folder.Write("in/.hidden.pt", "x");
        Directory.CreateDirectory(_folder["in", "folder.pt"]);
        ConversionReport clean = Convert("in");
        Assert.DoesNotContain(clean.Notes, note => note.Contains("left out", StringComparison.Ordinal));
        _folder.Write("in/notes.pt", "hello");
        _folder.Write("in/optimiser.pth", [1, 2, 3]);
        new CheckpointBuilder().Tensor("classifier.weight", [1, 2], 2).WriteZip(_folder["in", "other.pt"]);
        ConversionReport report = Convert("in");
        Assert.Equal(clean.Description.Files[ModelDescription.VqVaeFileName], report.Description.Files[ModelDescription.VqVaeFileName]);
        Assert.Single(report.Sources);
        string note = Assert.Single(report.Notes, note => note.Contains("left out", StringComparison.Ordinal));
        Assert.Contains($"3 files were left out, the first of them: {_folder["in", "notes.pt"]}", note, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("prior_level_1.pth.tar")]
    [InlineData("my_vqvae_2.pth")]
    public void WhatIsNamedLikeAPartMustBeOne(string name)
    {
        PutVqVae("in/vqvae.pth.tar");
        _folder.Write($"in/{name}", "hello");
        DamagedFileException error = Assert.Throws<DamagedFileException>(() => Convert("in"));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderOfNothingButOthersSaysSo()
    {
        _folder.Write("in/notes.pt", "hello");
        ConversionException error = Assert.Throws<ConversionException>(() => Convert("in"));
        Assert.Contains("it holds no vqvae.pth.tar", error.Message, StringComparison.Ordinal);
        Assert.Contains("1 file was left out, the first of them:", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void TheCurrentCompleteSnapshotOfACacheCounts()
    {
        string hub = _folder["hub", "models--openai--jukebox-5b-lyrics"];
        PutRepository($"hub/models--openai--jukebox-5b-lyrics/snapshots/{Current}");
        _folder.Write("hub/models--openai--jukebox-5b-lyrics/snapshots/1111/config.json", "{}");
        _folder.Write("hub/models--openai--jukebox-5b-lyrics/snapshots/1111/model.safetensors.index.json", """{"weight_map":{"vqvae.a":"missing.safetensors"}}""");
        Assert.Equal([Path.Combine(hub, "snapshots", Current)], Finder(("HF_HUB_CACHE", _folder["hub"])).Find("5b_lyrics"));
        PutRepository("hub/models--openai--jukebox-5b-lyrics/snapshots/2222");
        _folder.Write("hub/models--openai--jukebox-5b-lyrics/refs/main", Current);
        Assert.Equal([Path.Combine(hub, "snapshots", Current)], Finder(("HF_HUB_CACHE", _folder["hub"])).Find("5b_lyrics"));
        _folder.Write("hub/models--openai--jukebox-5b-lyrics/refs/main", "2222");
        Assert.Equal([Path.Combine(hub, "snapshots", "2222")], Finder(("HF_HUB_CACHE", _folder["hub"])).Find("5b_lyrics"));
        Assert.Equal(3, Convert("hub/models--openai--jukebox-5b-lyrics").Description.Priors.Length);
    }

    [SkippableFact]
    public void ASnapshotWhoseBlobIsGoneIsNotComplete()
    {
        Skip.If(OperatingSystem.IsWindows(), "links take rights there");
        PutRepository($"hub/models--openai--jukebox-5b-lyrics/snapshots/{Current}");
        PutRepository("hub/models--openai--jukebox-5b-lyrics/snapshots/2222");
        _folder.Write("hub/models--openai--jukebox-5b-lyrics/refs/main", "2222");
        string snapshots = _folder["hub", "models--openai--jukebox-5b-lyrics", "snapshots"];
        string weights = Directory.GetFiles(Path.Combine(snapshots, "2222"), "*.safetensors").Order(StringComparer.Ordinal).Last();
        File.Delete(weights);
        File.CreateSymbolicLink(weights, "../../blobs/gone");
        Assert.Equal([Path.Combine(snapshots, Current)], Finder(("HF_HUB_CACHE", _folder["hub"])).Find("5b_lyrics"));

        ConversionException error = Assert.Throws<ConversionException>(() => Convert(weights));
        Assert.Contains("there is no such file or folder", error.Message, StringComparison.Ordinal);
        DamagedFileException missing = Assert.Throws<DamagedFileException>(() => Convert(Path.GetDirectoryName(weights)!));
        Assert.Contains("it is not there; download it into the same folder", missing.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("HF_HUB_CACHE", "hub", "hub")]
    [InlineData("HUGGINGFACE_HUB_CACHE", "hub", "hub")]
    [InlineData("HF_HOME", "hf", "hf/hub")]
    [InlineData("HF_HOME", "~/mine", "home/mine/hub")]
    [InlineData("XDG_CACHE_HOME", "xdg", "xdg/huggingface/hub")]
    [InlineData("UNRELATED", "x", "home/.cache/huggingface/hub")]
    public void CachesAreSoughtWhereTheirToolsPutThem(string variable, string value, string hub)
    {
        PutRepository($"{hub}/models--openai--jukebox-1b-lyrics/snapshots/{Current}");
        string set = value.StartsWith('~') ? value : _folder[value];
        Assert.Equal([_folder[hub, "models--openai--jukebox-1b-lyrics", "snapshots", Current]], Finder((variable, set)).Find("1b_lyrics"));
        ConversionException error = Assert.Throws<ConversionException>(() => Finder((variable, set)).Find("5b"));
        Assert.Contains(_folder[hub, "models--openai--jukebox-5b"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutAHomeFolderNothingIsSoughtInTheCurrentOne()
    {
        ConversionException error = Assert.Throws<ConversionException>(() => new SourceFinder(null, _folder["current"]).Find("5b"));
        Assert.DoesNotContain(".cache", error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder["current", "jukebox", "models"], error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void AStrayIndexBesideCompleteWeightsDoesNotCount()
    {
        PutRepository("in");
        ConversionReport expected = Convert("in");
        _folder.Write("in/model.safetensors.index.json", """{"weight_map":{"vqvae.a":"gone.safetensors"}}""");
        DamagedFileException lacking = Assert.Throws<DamagedFileException>(() => Convert("in"));
        Assert.Contains("gone.safetensors", lacking.Message, StringComparison.Ordinal);
        WriteAsOneZip("in/pytorch_model.bin");
        ConversionReport report = Convert("in");
        Assert.Equal(expected.Description.Files.Select(file => file.Value.LengthBytes), report.Description.Files.Select(file => file.Value.LengthBytes));
        Assert.Equal("pytorch_model.bin", Path.GetFileName(Assert.Single(report.Sources).Path));
    }

    [SkippableFact]
    public void ABlobThatIsNotWhatItsNameSaysIsRefused()
    {
        Skip.If(OperatingSystem.IsWindows(), "links take a privilege");
        PutRepository("in");
        string shard = _folder["in", "model-00002-of-00003.safetensors"];
        byte[] content = File.ReadAllBytes(shard);
        string name = System.Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
        string blob = _folder.Write($"blobs/{name}", content);
        File.Delete(shard);
        File.CreateSymbolicLink(shard, blob);
        Assert.NotEmpty(Convert("in").Sources);
        content[^1] ^= 1;
        File.WriteAllBytes(blob, content);
        DamagedFileException error = Assert.Throws<DamagedFileException>(() => Convert("in"));
        Assert.Contains("where the name of its blob in the cache states", error.Message, StringComparison.Ordinal);
        Assert.StartsWith(shard, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("_orig_mod.prior.x_emb.weight")]
    [InlineData("_orig_mod.module.prior.x_emb.weight")]
    [InlineData("module._orig_mod.module.prior.x_emb.weight")]
    [InlineData("module.module.module.prior.x_emb.weight")]
    [InlineData("model._orig_mod.prior.x_emb.weight")]
    [InlineData("prior._orig_mod.x_emb.weight")]
    [InlineData("_fsdp_wrapped_module.prior._checkpoint_wrapped_module.x_emb.weight")]
    public void WrappersShowInAnyOrderAndNumber(string name)
    {
        new CheckpointBuilder().Tensor(name, [1, 2], 2).WriteLegacy(_folder["a.pth.tar"]);
        using var set = new SourceSet();
        SourceCollector.Add(set, _folder["a.pth.tar"]);
        Assert.Equal(["prior.x_emb.weight"], set.Parts[0].Tensors.Keys);
        Assert.Equal(PartKind.Prior, set.Parts[0].Kind);
    }

    [Theory]
    [InlineData("model_state_dict")]
    [InlineData("state_dict")]
    public void TrainersSaveUnderOtherKeys(string key)
    {
        byte[] pickle = new CheckpointBuilder { ModelKey = key }.Tensor("prior.x_emb.weight", [1, 2], 2).Bytes();
        using var set = new SourceSet();
        SourceCollector.Add(set, _folder.Write("a.pth.tar", pickle));
        Assert.Equal(["prior.x_emb.weight"], set.Parts[0].Tensors.Keys);
    }

    [Fact]
    public void TensorsOfAnotherModelAreNamed()
    {
        new CheckpointBuilder().Tensor("encoder.a", [1], 1).Tensor("encoder.b", [1], 1).Tensor("encoder.c", [1], 1).Tensor("encoder.d", [1], 1).WriteZip(_folder["a.pth.tar"]);
        DamagedFileException error = Assert.Throws<DamagedFileException>(() => Convert("a.pth.tar"));
        Assert.Contains("its tensors (encoder.a, encoder.b, encoder.c, …) are neither those of a VQ-VAE nor those of a prior", error.Message, StringComparison.Ordinal);
    }

    private SourceFinder Finder((string Name, string Value) variable) =>
        new(_folder["home"], _folder["current"], name => name == variable.Name ? variable.Value : null);

    private ConversionReport Convert(string source) => ModelConverter.Run(new ConversionRequest { Sources = [_folder[source]], Output = _folder["out"], Force = true });

    private void PutVqVae(string name) => _folder.Write(name, File.ReadAllBytes(GoldenDirectory.Require("vqvae_tiny", "vqvae.zip.pth.tar")));

    private void PutRepository(string name)
    {
        foreach (string path in Directory.GetFiles(GoldenDirectory.Require("hf_pipeline_5b_lyrics_primed", "safetensors_fp16")))
        {
            _folder.Write($"{name}/{Path.GetFileName(path)}", File.ReadAllBytes(path));
        }
    }

    private void WriteAsOneZip(string name)
    {
        var builder = new CheckpointBuilder();
        foreach (string path in Directory.GetFiles(_folder["in"], "model-*.safetensors"))
        {
            using WeightFile file = WeightFile.Open(path);
            foreach (StoredTensor tensor in file.Tensors.Values)
            {
                builder.Tensor(tensor.Name, tensor.ReadSingles(), [.. Enumerable.Range(0, tensor.Shape.Rank).Select(axis => (long)tensor.Shape[axis])]);
            }
        }

        builder.WriteZip(_folder[name]);
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Xunit;

namespace Jukebox.Tests.Models;

public sealed class ModelDescriptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatIsLeftOutTakesItsDefault()
    {
        ModelDescription written = NoiseModel.Description;
        written.Write(_folder.Path);
        string path = _folder[ModelDescription.FileName];
        JsonNode json = JsonNode.Parse(Unsealed.Read(path))!;
        json["defaults"] = new JsonArray(new JsonObject(), new JsonObject(), new JsonObject());
        Assert.True(json["vq_vae"]!.AsObject().Remove("reverse_decoder_dilation"));
        Assert.True(json["priors"]![0]!["transformer"]!.AsObject().Remove("attention_multiplier"));
        File.WriteAllText(path, json.ToJsonString());

        ModelDescription read = ModelDescription.Read(_folder.Path);
        Assert.All(read.Defaults, level => Assert.Equal(new LevelDefaults(), level));
        Assert.Equal(0.99, read.Defaults[0].Temperature);
        Assert.True(read.VqVae.ReverseDecoderDilation);
        Assert.Equal(0.25, read.Priors[0].Transformer.AttentionMultiplier);
    }

    /// <summary>What old songs call these models: a digest over the fields that there were in version 0.1.</summary>
    [Fact]
    public void FingerprintsOfOldModelsStay()
    {
        using var noise = ModelFolder.Open(NoiseModelFolder.Path);
        Assert.Equal("cc1cd105a81d5d37324b0f58a0c9a271d8bfbc8cac290a96e350f310d53ab0d4", noise.Fingerprint);
        Assert.Equal("807e6025b97e5d8d30c8b9c6746eea1f8c1c405e478affa02ca5b4a24624230e", ModelDescription.Read(Path.Combine(Repository.Root, "weights", "tiny")).Fingerprint());
        Assert.Equal("42e41d4942b0a5676d784cd3ef8023cdbe2833a97d84eb4d0c00f36e91d285c9", PublishedModels.Describe("5b_lyrics").Fingerprint());
        Assert.Equal("7b7fbd4677ca70dc65979e2bc7834f9e91714d91d9773fece05f0be8c08770ba", PublishedModels.Describe("1b_lyrics").Fingerprint());
    }

    [Fact]
    public void AnEditedDescriptionIsRefusedUntilItsDigestIsTakenOut()
    {
        NoiseModel.Description.Write(_folder.Path);
        string path = _folder[ModelDescription.FileName];
        string edited = File.ReadAllText(path).Replace("\"hop_fraction\": 0.5", "\"hop_fraction\": 0.25", StringComparison.Ordinal);
        File.WriteAllText(path, edited);
        Assert.EndsWith(
            "it was changed after it was written, as its digest tells; convert the checkpoint again, or delete the line \"digest\" if the change is meant.",
            Assert.Throws<DamagedFileException>(() => ModelDescription.Read(_folder.Path)).Message);
        File.WriteAllLines(path, edited.Split('\n').Where(line => !line.Contains("\"digest\"", StringComparison.Ordinal)));
        Assert.Equal(0.25, ModelDescription.Read(_folder.Path).Defaults[0].HopFraction);
    }

    /// <summary>An editor may put a byte order mark before, and its system's line ends in.</summary>
    [Fact]
    public void ByteOrderMarkAndLineEndsAreNoEdits()
    {
        NoiseModel.Description.Write(_folder.Path);
        string path = _folder[ModelDescription.FileName];
        File.WriteAllText(path, File.ReadAllText(path).Replace("\n", "\r\n", StringComparison.Ordinal), Encoding.UTF8);
        Assert.Equal("noise", ModelDescription.Read(_folder.Path).Name);
    }

    [Fact]
    public void TheFingerprintCoversHyperparametersAndWeightsButNotNames()
    {
        ModelDescription model = NoiseModel.Description with { Files = new() { ["vqvae.safetensors"] = new FileDigest(4, "AB"), ["labels/x.txt"] = new FileDigest(1, "cd") } };
        string fingerprint = model.Fingerprint();
        Assert.Equal(fingerprint, (model with { Name = "other", Licence = "other", Defaults = [] }).Fingerprint());
        Assert.Equal(fingerprint, (model with { Files = new() { ["vqvae.safetensors"] = new FileDigest(4, "ab") } }).Fingerprint());
        Assert.NotEqual(fingerprint, (model with { Files = new() { ["vqvae.safetensors"] = new FileDigest(4, "ac") } }).Fingerprint());
        Assert.NotEqual(fingerprint, (model with { VqVae = model.VqVae with { DilationGrowth = 2 } }).Fingerprint());
    }
}

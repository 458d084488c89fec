using System.Text.Json.Nodes;
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
        JsonNode json = JsonNode.Parse(File.ReadAllText(path))!;
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

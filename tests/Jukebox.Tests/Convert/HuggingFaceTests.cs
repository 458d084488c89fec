using System.Runtime.InteropServices;
using System.Text.Json;
using Jukebox.Conversion;
using Jukebox.Conversion.Sources;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Conversion;

public sealed class HuggingFaceTests
{
    public static TheoryData<string, string> Repositories()
    {
        var rows = new TheoryData<string, string>();
        foreach (string caseName in GoldenDirectory.Cases("hf_"))
        {
            foreach (string folder in Directory.GetDirectories(Path.Combine(GoldenDirectory.Root, caseName)).Order(StringComparer.Ordinal))
            {
                rows.Add(caseName, Path.GetFileName(folder));
            }
        }

        return rows;
    }

    [SkippableTheory]
    [MemberData(nameof(Repositories))]
    public void RepositoryConvertsToTheReferencesWeights(string caseName, string repository)
    {
        string expected = GoldenModels.Folder(caseName["hf_".Length..]);
        bool isHalf = repository.EndsWith("fp16", StringComparison.Ordinal);
        using var folder = new TemporaryFolder();
        string actual = folder["model"];
        ModelConverter.Run(new ConversionRequest { Sources = [GoldenDirectory.Require(caseName, repository)], Output = actual });
        AssertSameSpecs(ModelDescription.Read(expected), ModelDescription.Read(actual));
        foreach (string path in Directory.GetFiles(expected, "*.safetensors"))
        {
            AssertSameWeights(path, Path.Combine(actual, Path.GetFileName(path)), isHalf);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Repositories))]
    public void EveryNameMapsToTheReferencesName(string caseName, string repository)
    {
        Assert.NotEmpty(repository);
        using JsonDocument names = JsonDocument.Parse(File.ReadAllBytes(GoldenDirectory.Require(caseName, "names.json")));
        foreach (JsonProperty entry in names.RootElement.EnumerateObject())
        {
            string? ours = entry.Name.StartsWith("vqvae.", StringComparison.Ordinal)
                ? HuggingFaceNames.VqVae(entry.Name["vqvae.".Length..], PublishedModels.VqVae.Downs)
                : HuggingFaceNames.Prior(entry.Name["priors.0.".Length..]);
            Assert.Equal(entry.Value[1].GetString(), ours);
        }
    }

    /// <summary>Against the raw tensors, read by the engine's own reader and repacked by plain loops.</summary>
    [SkippableTheory]
    [MemberData(nameof(Repositories))]
    public void StoredTensorsAreTheRepositorysBitForBit(string caseName, string repository)
    {
        string[] shards = [.. Directory.GetFiles(GoldenDirectory.Require(caseName, repository), "*.safetensors")];
        Skip.If(shards.Length == 0, "the repository has .bin files, which the engine's own reader does not read");
        using JsonDocument names = JsonDocument.Parse(File.ReadAllBytes(GoldenDirectory.Require(caseName, "names.json")));
        using var folder = new TemporaryFolder();
        ModelConverter.Run(new ConversionRequest { Sources = [GoldenDirectory.Require(caseName, repository)], Output = folder["model"] });
        Dictionary<string, TensorEntry> entries = EntriesOf(ModelDescription.Read(folder["model"]));
        Dictionary<string, WeightFile> stored = Directory.GetFiles(folder["model"], "*.safetensors").ToDictionary(path => Path.GetFileName(path), WeightFile.Open);
        int compared = 0;
        foreach (string shard in shards)
        {
            using WeightFile raw = WeightFile.Open(shard);
            foreach (StoredTensor tensor in raw.Tensors.Values)
            {
                JsonElement target = names.RootElement.GetProperty(tensor.Name);
                string file = target[0].GetString()!.Replace(".pth.tar", ".safetensors", StringComparison.Ordinal).Replace("prior_level_", "prior_", StringComparison.Ordinal);
                if (entries.TryGetValue($"{file}/{target[1].GetString()}", out TensorEntry? entry))
                {
                    AssertSameBits(Repack(tensor.ReadSingles(), entry), stored[file][entry.Name].ReadSingles(), tensor.Name);
                    compared++;
                }
            }
        }

        foreach (WeightFile file in stored.Values)
        {
            file.Dispose();
        }

        Assert.Equal(entries.Count, compared);
    }

    [Theory]
    [InlineData("../../../etc/passwd", "which is not a file beside it")]
    [InlineData("/etc/passwd", "which is not a file beside it")]
    [InlineData("sub\\\\weights.bin", "which is not a file beside it")]
    [InlineData("model-00001-of-00002.safetensors", "names it, but it is not there; download it into the same folder")]
    public void IndexNamesOnlyFilesBesideIt(string shard, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], """{"prior_config_list":[]}""");
        File.WriteAllText(folder["model.safetensors.index.json"], """{"weight_map":{"vqvae.a":"SHARD"}}""".Replace("SHARD", shard, StringComparison.Ordinal));
        DamagedFileException error = Assert.Throws<DamagedFileException>(
            () => ModelConverter.Run(new ConversionRequest { Sources = [folder.Path], Output = folder["model"] }));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void LabelTablesAreMadeFromTheRepository()
    {
        string repository = GoldenDirectory.Require("hf_pipeline_1b_lyrics", "safetensors");
        GoldenDirectory.Require("hf_pipeline_1b_lyrics", "safetensors", "artists.json");
        using var folder = new TemporaryFolder();
        ConversionReport report = ModelConverter.Run(new ConversionRequest { Sources = [repository], Output = folder["model"] });
        string[] tables = ["v2_artist_ids.txt", "v2_genre_ids.txt", "v3_artist_ids.txt", "v3_genre_ids.txt"];
        foreach (string table in tables)
        {
            string[] expected = File.ReadAllLines(GoldenDirectory.Require("ids", table));
            string[] actual = File.ReadAllLines(folder["model", "labels", table]);
            Assert.Subset(expected.ToHashSet(), actual.ToHashSet());
            Assert.NotEmpty(actual);
        }

        Assert.DoesNotContain(report.Notes, note => note.Contains("label tables", StringComparison.Ordinal));
    }

    private static void AssertSameSpecs(ModelDescription expected, ModelDescription actual)
    {
        Assert.Equal(JsonSerializer.Serialize(expected.VqVae), JsonSerializer.Serialize(actual.VqVae));
        Assert.Equal(expected.SampleRateHz, actual.SampleRateHz);
        for (int i = 0; i < expected.Priors.Length; i++)
        {
            Assert.Equal(JsonSerializer.Serialize(expected.Priors[i]), JsonSerializer.Serialize(actual.Priors[i]));
        }
    }

    private static void AssertSameWeights(string expectedPath, string actualPath, bool isHalf)
    {
        using WeightFile expected = WeightFile.Open(expectedPath);
        using WeightFile actual = WeightFile.Open(actualPath);
        Assert.Equal(expected.Tensors.Keys.Order(), actual.Tensors.Keys.Order());
        foreach (StoredTensor tensor in expected.Tensors.Values)
        {
            float[] values = tensor.ReadSingles();
            float[] rounded = isHalf ? Array.ConvertAll(values, value => (float)(Half)value) : values;
            AssertSameBits(rounded, actual[tensor.Name].ReadSingles(), tensor.Name);
        }
    }

    /// <summary>Faster by far than comparing the arrays element by element in the assertion.</summary>
    private static void AssertSameBits(float[] expected, float[] actual, string name) =>
        Assert.True(MemoryMarshal.AsBytes<float>(expected).SequenceEqual(MemoryMarshal.AsBytes<float>(actual)), name);

    private static Dictionary<string, TensorEntry> EntriesOf(ModelDescription description)
    {
        var entries = TensorTable.Of(description.VqVae).ToDictionary(entry => $"{ModelDescription.VqVaeFileName}/{entry.Name}");
        foreach (PriorSpec prior in description.Priors)
        {
            foreach (TensorEntry entry in TensorTable.Of(prior, description.VqVae))
            {
                entries.Add($"{ModelDescription.PriorFileName(prior.Level)}/{entry.Name}", entry);
            }
        }

        return entries;
    }

    /// <summary>(Cout, Cin, taps) or (Cin, Cout, taps) to (taps, Cin, Cout), element by element.</summary>
    private static float[] Repack(float[] values, TensorEntry entry)
    {
        if (entry.Role is not (TensorRole.Convolution or TensorRole.TransposedConvolution))
        {
            return values;
        }

        bool isTransposed = entry.Role == TensorRole.TransposedConvolution;
        int outputs = entry.CheckpointShape[isTransposed ? 1 : 0];
        int inputs = entry.CheckpointShape[isTransposed ? 0 : 1];
        int taps = entry.CheckpointShape[2];
        var result = new float[values.Length];
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < inputs; i++)
            {
                for (int k = 0; k < taps; k++)
                {
                    int from = isTransposed ? (((i * outputs) + o) * taps) + k : (((o * inputs) + i) * taps) + k;
                    result[(((k * inputs) + i) * outputs) + o] = values[from];
                }
            }
        }

        return result;
    }
}

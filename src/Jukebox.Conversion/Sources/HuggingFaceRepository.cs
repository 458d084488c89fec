using System.Globalization;
using System.Text.Json;
using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Conversion.Sources;

/// <summary>A folder as Hugging Face publishes Jukebox: all three priors and the VQ-VAE in one set of tensors.</summary>
internal static class HuggingFaceRepository
{
    public const string ConfigFileName = "config.json";

    /// <summary>Weight files in the order in which they are preferred; an index stands for its shards.</summary>
    private static readonly string[] WeightNames = ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

    /// <summary>Whether a folder is such a repository, complete or not.</summary>
    public static bool IsOne(string folder) => Array.Exists(WeightNames, name => File.Exists(Path.Combine(folder, name)));

    /// <summary>Whether everything is there that a conversion reads, label tables apart.</summary>
    public static bool IsComplete(string folder) => RegularFile.Exists(Path.Combine(folder, ConfigFileName)) && WeightsOf(folder) is not null;

    /// <summary>Adds VQ-VAE and priors.</summary>
    public static void Add(SourceSet set, string folder)
    {
        string configPath = Path.Combine(folder, ConfigFileName);
        if (!RegularFile.Exists(configPath))
        {
            throw new ConversionException($"{folder}: the Hugging Face weights need {ConfigFileName} beside them; download it into the same folder.");
        }

        // Where no set is complete, the first says what it lacks.
        string? name = WeightsOf(folder) ?? Array.Find(WeightNames, candidate => File.Exists(Path.Combine(folder, candidate)));
        if (name is null)
        {
            throw new ConversionException($"{folder}: it holds neither {string.Join(" nor ", WeightNames)}; download the weights into it.");
        }

        HuggingFaceConfig config = HuggingFaceConfig.Read(configPath);
        string path = Path.Combine(folder, name);
        Dictionary<string, SourceTensor> tensors = IsIndex(name)
            ? Shards(set, path)
            : new(set.Open(path).Tensors, StringComparer.Ordinal);
        set.LabelFolder = folder;
        set.HopFractions = config.HopFractions;
        AddVqVae(set, path, tensors, config);
        for (int i = 0; i < config.Priors.Count; i++)
        {
            AddPrior(set, path, tensors, config, i);
        }
    }

    /// <summary>The preferred weights of which every file is there, or none: an index may be left over from other weights.</summary>
    private static string? WeightsOf(string folder) => Array.Find(WeightNames, name =>
        RegularFile.Exists(Path.Combine(folder, name)) && (!IsIndex(name) || HasShards(Path.Combine(folder, name))));

    private static bool HasShards(string indexPath)
    {
        try
        {
            return ShardNames(indexPath).Values.Distinct().All(shard => RegularFile.Exists(Path.Combine(Path.GetDirectoryName(indexPath)!, shard)));
        }
        catch (Exception e) when (e is DamagedFileException or ConversionException)
        {
            return false;
        }
    }

    private static bool IsIndex(string name) => name.EndsWith(".json", StringComparison.Ordinal);

    /// <summary>The file of every tensor that an index names: all of them beside it.</summary>
    private static Dictionary<string, string> ShardNames(string indexPath)
    {
        var shards = new Dictionary<string, string>(StringComparer.Ordinal);
        using JsonDocument index = JsonText.Read(indexPath);
        JsonText.Guard(indexPath, () =>
        {
            if (!index.RootElement.TryGetProperty("weight_map", out JsonElement map))
            {
                throw new DamagedFileException(indexPath, -1, "it has no 'weight_map', which says where the weights are", "download the file again");
            }

            foreach (JsonProperty entry in map.EnumerateObject())
            {
                string shard = entry.Value.GetString() ?? "";
                if (shard.Length == 0 || Path.GetFileName(shard) != shard || shard.Contains('\\') || shard is "." or ".." || shard.Contains('\0'))
                {
                    throw new DamagedFileException(indexPath, -1, $"it names '{Text.Quote(shard)}', which is not a file beside it", "download the file again");
                }

                shards[entry.Name] = shard;
            }
        });
        return shards;
    }

    /// <summary>Tensors by name from the files that an index names; a name that its file lacks is absent.</summary>
    private static Dictionary<string, SourceTensor> Shards(SourceSet set, string indexPath)
    {
        var tensors = new Dictionary<string, SourceTensor>(StringComparer.Ordinal);
        foreach (IGrouping<string, string> shard in ShardNames(indexPath).GroupBy(entry => entry.Value, entry => entry.Key))
        {
            string path = Path.Combine(Path.GetDirectoryName(indexPath)!, shard.Key);
            if (!RegularFile.Exists(path))
            {
                throw new DamagedFileException(path, -1, $"{Path.GetFileName(indexPath)} names it, but it is not there", "download it into the same folder");
            }

            IReadOnlyDictionary<string, SourceTensor> found = set.Open(path).Tensors;
            foreach (string name in shard)
            {
                if (found.TryGetValue(name, out SourceTensor? tensor))
                {
                    tensors[name] = tensor;
                }
            }
        }

        return tensors;
    }

    private static void AddVqVae(SourceSet set, string path, Dictionary<string, SourceTensor> tensors, HuggingFaceConfig config)
    {
        int[] downs = config.VqVae["downs_t"] is object?[] stated ? [.. stated.OfType<long>().Select(value => (int)Math.Clamp(value, 0, 4096))] : [];
        Dictionary<string, SourceTensor> mapped = Map(tensors, "vqvae.", name => HuggingFaceNames.VqVae(name, downs), set);
        if (mapped.Count > 0)
        {
            set.Parts.Add(new ModelPart(PartKind.VqVae, path, mapped, config.VqVae, null));
        }
    }

    private static void AddPrior(SourceSet set, string path, Dictionary<string, SourceTensor> tensors, HuggingFaceConfig config, int index)
    {
        string prefix = string.Create(CultureInfo.InvariantCulture, $"priors.{index}.");
        Dictionary<string, SourceTensor> mapped = Map(tensors, prefix, HuggingFaceNames.Prior, set);
        if (mapped.Count == 0)
        {
            return;
        }

        // A tied matrix may be stored under either name or both.
        bool tied = config.Priors[index].GetValueOrDefault("merged_decoder") is not true;
        if (tied && !mapped.ContainsKey("prior.x_emb.weight") && mapped.TryGetValue("prior.x_out.weight", out SourceTensor? output))
        {
            mapped.Add("prior.x_emb.weight", output);
        }

        set.Parts.Add(new ModelPart(PartKind.Prior, path, mapped, config.Priors[index], config.Priors.Count - 1 - index));
    }

    private static Dictionary<string, SourceTensor> Map(
        Dictionary<string, SourceTensor> tensors, string prefix, Func<string, string?> map, SourceSet set)
    {
        var mapped = new Dictionary<string, SourceTensor>(StringComparer.Ordinal);
        var foreign = new List<string>();
        foreach ((string name, SourceTensor tensor) in tensors.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            if (map(name[prefix.Length..]) is not { } ours)
            {
                foreign.Add(name);
            }
            else if (!mapped.TryAdd(ours, tensor))
            {
                throw tensor.File.Damaged(tensor.OffsetBytes, $"two tensors stand for '{Text.Quote(ours)}', one of them '{Text.Quote(name)}'");
            }
        }

        if (foreign.Count > 0)
        {
            set.Notes.Add($"{foreign.Count} tensors that are none of Jukebox's were left out ({Text.List(foreign, 10)}).");
        }

        return mapped;
    }
}

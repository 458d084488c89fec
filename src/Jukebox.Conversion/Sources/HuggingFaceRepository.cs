using System.Globalization;
using System.Text.Json;
using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core;

namespace Jukebox.Conversion.Sources;

/// <summary>A folder as Hugging Face publishes Jukebox: all three priors and the VQ-VAE in one set of tensors.</summary>
internal static class HuggingFaceRepository
{
    public const string ConfigFileName = "config.json";

    /// <summary>Weight files in the order in which they are preferred; an index stands for its shards.</summary>
    private static readonly string[] WeightNames = ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

    /// <summary>Whether a folder is such a repository.</summary>
    public static bool IsOne(string folder) => Array.Exists(WeightNames, name => File.Exists(Path.Combine(folder, name)));

    /// <summary>Adds VQ-VAE and priors.</summary>
    public static void Add(SourceSet set, string folder)
    {
        string configPath = Path.Combine(folder, ConfigFileName);
        if (!File.Exists(configPath))
        {
            throw new ConversionException($"{folder}: the Hugging Face weights need {ConfigFileName} beside them; download it into the same folder.");
        }

        string? name = Array.Find(WeightNames, candidate => File.Exists(Path.Combine(folder, candidate)));
        if (name is null)
        {
            throw new ConversionException($"{folder}: it holds neither {string.Join(" nor ", WeightNames)}; download the weights into it.");
        }

        HuggingFaceConfig config = HuggingFaceConfig.Read(configPath);
        string path = Path.Combine(folder, name);
        Dictionary<string, SourceTensor> tensors = name.EndsWith(".json", StringComparison.Ordinal)
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

    /// <summary>Tensors by name from the files that an index names; a name that its file lacks is absent.</summary>
    private static Dictionary<string, SourceTensor> Shards(SourceSet set, string indexPath)
    {
        var tensors = new Dictionary<string, SourceTensor>(StringComparer.Ordinal);
        using JsonDocument index = JsonText.Read(indexPath);
        JsonText.Guard(indexPath, () =>
        {
            foreach (JsonProperty entry in index.RootElement.GetProperty("weight_map").EnumerateObject())
            {
                string shard = entry.Value.GetString() ?? "";
                if (shard.Length == 0 || Path.GetFileName(shard) != shard || shard.Contains('\\') || shard is "." or ".." || shard.Contains('\0'))
                {
                    throw new DamagedFileException(indexPath, -1, $"it names '{shard}', which is not a file beside it", "download the file again");
                }

                string path = Path.Combine(Path.GetDirectoryName(indexPath)!, shard);
                if (!File.Exists(path))
                {
                    throw new DamagedFileException(path, -1, $"{Path.GetFileName(indexPath)} names it, but it is not there", "download it into the same folder");
                }

                if (set.Open(path).Tensors.TryGetValue(entry.Name, out SourceTensor? tensor))
                {
                    tensors[entry.Name] = tensor;
                }
            }
        });
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
        foreach ((string name, SourceTensor tensor) in tensors.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            if (map(name[prefix.Length..]) is not { } ours)
            {
                set.Notes.Add($"{name} is no tensor of Jukebox; it was left out.");
            }
            else if (!mapped.TryAdd(ours, tensor))
            {
                throw tensor.File.Damaged(tensor.OffsetBytes, $"two tensors stand for '{ours}', one of them '{name}'");
            }
        }

        return mapped;
    }
}

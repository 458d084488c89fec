using System.Text.Json;
using Jukebox.Core.Errors;

namespace Jukebox.Conversion.Sources;

/// <summary>A repository's <c>config.json</c>, as hyperparameters under the reference's keys.</summary>
internal sealed class HuggingFaceConfig
{
    /// <summary>Keys of the whole configuration that overrule every prior's own.</summary>
    private static readonly string[] Overrides = ["timing_dims", "min_duration", "max_duration", "max_nb_genres", "sampling_rate", "metadata_conditioning"];

    /// <summary>What the VQ-VAE's configuration leaves out where it is the class's default.</summary>
    private static readonly Dictionary<string, object?> VqVaeDefaults = new()
    {
        ["emb_width"] = 64L,
        ["l_bins"] = 2048L,
        ["levels"] = 3L,
        ["width"] = 32L,
        ["depth"] = 4L,
        ["hvqvae_multipliers"] = new object?[] { 2L, 1L, 1L },
        ["m_conv"] = 1L,
        ["dilation_growth_rate"] = 3L,
        ["dilation_cycle"] = null,
        ["downs_t"] = new object?[] { 3L, 2L, 2L },
        ["strides_t"] = new object?[] { 2L, 2L, 2L },
        ["vqvae_reverse_decoder_dilation"] = true,
    };

    private static readonly (string Theirs, string Ours)[] VqVaeKeys =
    [
        ("embed_dim", "emb_width"), ("nb_discrete_codes", "l_bins"), ("levels", "levels"), ("res_conv_width", "width"), ("res_conv_depth", "depth"),
        ("multipliers", "hvqvae_multipliers"), ("res_convolution_multiplier", "m_conv"), ("res_dilation_growth_rate", "dilation_growth_rate"),
        ("res_dilation_cycle", "dilation_cycle"), ("res_downs_t", "downs_t"), ("res_strides_t", "strides_t"),
    ];

    private static readonly (string Theirs, string Ours)[] PriorKeys =
    [
        ("n_ctx", "n_ctx"), ("num_layers", "prior_depth"), ("hidden_size", "prior_width"), ("n_heads", "heads"), ("blocks", "blocks"),
        ("spread", "spread"), ("attention_multiplier", "m_attn"), ("mlp_multiplier", "m_mlp"), ("attn_res_scale", "res_scale"),
        ("merged_decoder", "merged_decoder"), ("is_encoder_decoder", "single_enc_dec"), ("alignment_layer", "alignment_layer"),
        ("alignment_head", "alignment_head"), ("nb_relevant_lyric_tokens", "n_tokens"), ("lyric_vocab_size", "n_vocab"),
        ("metadata_dims", "y_bins"), ("metadata_conditioning", "labels"), ("timing_dims", "t_bins"), ("min_duration", "min_duration"),
        ("max_duration", "max_duration"), ("sampling_rate", "sr"), ("res_conv_depth", "cond_depth"), ("res_conv_width", "cond_width"),
        ("res_convolution_multiplier", "cond_m_conv"), ("res_dilation_growth_rate", "cond_dilation_growth_rate"),
        ("res_dilation_cycle", "cond_dilation_cycle"), ("conv_res_scale", "cond_res_scale"),
    ];

    private static readonly (string Theirs, string Ours)[] EncoderKeys =
    [
        ("hidden_size", "prime_width"), ("num_layers", "prime_depth"), ("n_heads", "prime_heads"), ("blocks", "prime_blocks"),
        ("spread", "prime_spread"), ("attention_multiplier", "prime_m_attn"), ("mlp_multiplier", "prime_m_mlp"), ("attn_res_scale", "prime_res_scale"),
    ];

    /// <summary>Levels that a model can have: priors beyond that many are nonsense.</summary>
    private const int PriorLimit = 8;

    private readonly string _path;

    private HuggingFaceConfig(string path) => _path = path;

    /// <summary>The VQ-VAE's hyperparameters.</summary>
    public Dictionary<string, object?> VqVae { get; } = new(VqVaeDefaults);

    /// <summary>The priors' hyperparameters, top level first.</summary>
    public List<Dictionary<string, object?>> Priors { get; } = [];

    /// <summary>Window hop over context length by level, if stated.</summary>
    public double[]? HopFractions { get; private set; }

    /// <summary>Reads a configuration.</summary>
    /// <exception cref="DamagedFileException">It is not valid.</exception>
    public static HuggingFaceConfig Read(string path)
    {
        var config = new HuggingFaceConfig(path);
        using JsonDocument document = JsonText.Read(path);
        JsonText.Guard(path, () => config.Fill(document.RootElement));
        return config;
    }

    private void Fill(JsonElement root)
    {
        if (root.TryGetProperty("vqvae_config", out JsonElement vqvae))
        {
            Copy(vqvae, VqVaeKeys, VqVae);
        }

        if (root.TryGetProperty("sampling_rate", out JsonElement rate) && rate.ValueKind == JsonValueKind.Number)
        {
            VqVae["sr"] = rate.GetInt64();
        }

        if (root.TryGetProperty("hop_fraction", out JsonElement hops) && hops.ValueKind == JsonValueKind.Array)
        {
            HopFractions = [.. hops.EnumerateArray().Select(hop => hop.GetDouble()).Reverse()];
        }

        foreach (JsonElement prior in PriorConfigs(root))
        {
            Priors.Add(Prior(prior, root));
        }
    }

    private IEnumerable<JsonElement> PriorConfigs(JsonElement root)
    {
        if (root.TryGetProperty("prior_config_list", out JsonElement list))
        {
            return list.GetArrayLength() <= PriorLimit
                ? [.. list.EnumerateArray()]
                : throw new DamagedFileException(_path, -1, $"it describes {list.GetArrayLength()} priors", "check that it is Jukebox's config.json");
        }

        var priors = new List<JsonElement>();
        for (int i = 0; i < PriorLimit && root.TryGetProperty($"prior_{i}", out JsonElement prior); i++)
        {
            priors.Add(prior);
        }

        return priors.Count > 0 ? priors : throw new DamagedFileException(_path, -1, "it describes no priors", "check that it is Jukebox's config.json");
    }

    private Dictionary<string, object?> Prior(JsonElement prior, JsonElement root)
    {
        var keys = new Dictionary<string, object?>(StringComparer.Ordinal);
        Copy(prior, PriorKeys, keys);
        foreach (string name in Overrides)
        {
            if (root.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
            {
                Copy(root, Array.FindAll(PriorKeys, key => key.Theirs == name), keys);
            }
        }

        bool isTop = Priors.Count == 0;
        bool isThird = keys.GetValueOrDefault("n_vocab") is 79L;
        keys["labels_v3"] = isThird;
        keys["use_tokens"] = keys.GetValueOrDefault("n_tokens") is > 0L;
        keys["max_bow_genre_size"] = MaxGenres(prior, root, isTop, isThird);
        keys["attn_order"] = AttentionOrder(prior);
        if (!isTop)
        {
            // The file repeats the top's timing here; upsamplers have no time signal.
            keys.Remove("min_duration");
            keys.Remove("max_duration");
            keys["t_bins"] = isThird ? 64L : 128L;
        }

        if (prior.TryGetProperty("encoder_config", out JsonElement encoder) && encoder.ValueKind == JsonValueKind.Object)
        {
            Copy(encoder, EncoderKeys, keys);
            keys["prime_attn_order"] = AttentionOrder(encoder);
        }

        return keys;
    }

    /// <summary>Upsamplers trained with the second label generation take five genres, whatever the file says.</summary>
    private static object? MaxGenres(JsonElement prior, JsonElement root, bool isTop, bool isThird)
    {
        JsonElement stated = default;
        bool found = (root.TryGetProperty("max_nb_genres", out stated) && stated.ValueKind == JsonValueKind.Number)
            || (prior.TryGetProperty("max_nb_genres", out stated) && stated.ValueKind == JsonValueKind.Number);
        return found && (isTop || isThird) ? stated.GetInt64() : null;
    }

    private object? AttentionOrder(JsonElement prior) => prior.TryGetProperty("attention_pattern", out JsonElement pattern)
        ? pattern.GetString() switch
        {
            "raw_column_previous_row_attention" => 2L,
            "large_separated_enc_dec_w_lyrics" => 10L,
            "enc_dec_with_lyrics" => 12L,
            var other => throw new DamagedFileException(
                _path, -1, $"the attention pattern '{Text.Quote(other ?? "none")}' is unknown", "check that it is Jukebox's config.json"),
        }
        : null;

    private static void Copy(JsonElement source, (string Theirs, string Ours)[] keys, Dictionary<string, object?> target)
    {
        foreach ((string theirs, string ours) in keys)
        {
            if (source.TryGetProperty(theirs, out JsonElement value))
            {
                target[ours] = JsonText.Simplify(value);
            }
        }
    }
}

using Jukebox.Models.Format;

namespace Jukebox.Conversion.Hyperparameters;

/// <summary>
/// Hyperparameters under the reference's keys: all that shape a model's tensors or arithmetic. The reference's defaults
/// overridden with them build the same model; what only training needs is not among them.
/// </summary>
internal static class ReferenceHyperparameters
{
    /// <summary>Those of a VQ-VAE.</summary>
    public static Dictionary<string, object?> Of(VqVaeSpec spec, int sampleRateHz) => new()
    {
        ["sr"] = (long)sampleRateHz,
        ["levels"] = (long)spec.Levels,
        ["downs_t"] = spec.Downs,
        ["strides_t"] = spec.Strides,
        ["emb_width"] = (long)spec.EmbeddingWidth,
        ["l_bins"] = (long)spec.CodebookSize,
        ["width"] = (long)spec.Width,
        ["depth"] = (long)spec.Depth,
        ["hvqvae_multipliers"] = spec.Multipliers,
        ["m_conv"] = spec.HiddenMultiplier,
        ["dilation_growth_rate"] = (long)spec.DilationGrowth,
        ["dilation_cycle"] = (long?)spec.DilationCycle,
        ["vqvae_reverse_decoder_dilation"] = spec.ReverseDecoderDilation,
    };

    /// <summary>Those of a prior.</summary>
    public static Dictionary<string, object?> Of(PriorSpec spec)
    {
        var keys = new Dictionary<string, object?>
        {
            ["level"] = (long)spec.Level,
            ["n_ctx"] = (long)spec.ContextLength,
            ["merged_decoder"] = spec.MergedDecoder,
            ["single_enc_dec"] = spec.Lyrics == LyricsMode.SameSequence,
            ["use_tokens"] = spec.Lyrics != LyricsMode.None,
            ["n_tokens"] = (long)spec.LyricsLength,
            ["n_vocab"] = (long)spec.LyricsVocabulary,
            ["alignment_layer"] = (long?)spec.AlignmentLayer,
            ["alignment_head"] = (long?)spec.AlignmentHead,
            ["labels"] = spec.Labels is not null,
        };
        AddTransformer(keys, "", "prior_", spec.Transformer);
        if (spec.LyricsEncoder is { } encoder)
        {
            AddTransformer(keys, "prime_", "prime_", encoder);
        }

        if (spec.Labels is { } labels)
        {
            keys["labels_v3"] = labels.Generation == 3;
            keys["y_bins"] = new[] { labels.GenreCount, labels.ArtistCount };
            keys["max_bow_genre_size"] = (long)labels.MaxGenres;
            keys["t_bins"] = (long)labels.TimeBins;
            keys["min_duration"] = labels.MinDurationSeconds;
            keys["max_duration"] = labels.MaxDurationSeconds;
        }

        if (spec.UpperCodes is { } upper)
        {
            keys["cond_width"] = (long)upper.Width;
            keys["cond_depth"] = (long)upper.Depth;
            keys["cond_dilation_growth_rate"] = (long)upper.DilationGrowth;
            keys["cond_dilation_cycle"] = (long?)upper.DilationCycle;
            keys["cond_res_scale"] = upper.ResidualScale;
            keys["cond_m_conv"] = upper.HiddenMultiplier;

            // It names the residual blocks 'blocks', as TensorTable has them; without it they are called 'model'.
            keys["cond_c_res"] = 1L;
        }

        return keys;
    }

    private static void AddTransformer(Dictionary<string, object?> keys, string prefix, string sizePrefix, TransformerSpec spec)
    {
        keys[$"{sizePrefix}width"] = (long)spec.Width;
        keys[$"{sizePrefix}depth"] = (long)spec.Depth;
        keys[$"{prefix}heads"] = (long)spec.Heads;
        keys[$"{prefix}attn_order"] = (long)spec.AttentionOrder;
        keys[$"{prefix}blocks"] = (long)spec.BlockCount;
        keys[$"{prefix}spread"] = spec.Spread > 0 ? (long)spec.Spread : null;
        keys[$"{prefix}m_attn"] = spec.AttentionMultiplier;
        keys[$"{prefix}m_mlp"] = spec.MlpMultiplier;
        keys[$"{prefix}res_scale"] = spec.ResidualScale;
    }
}

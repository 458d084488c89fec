using Jukebox.Core.ModelFormat;

namespace Jukebox.Conversion.Models;

/// <summary>The published priors' hyperparameters under the reference's keys.</summary>
internal static class PublishedHyperparameters
{
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
        };
        AddTransformer(keys, "", "prior_", spec.Transformer);
        if (spec.LyricsEncoder is { } encoder)
        {
            AddTransformer(keys, "prime_", "prime_", encoder);
        }

        if (spec.Labels is { } labels)
        {
            keys["labels"] = true;
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
    }
}

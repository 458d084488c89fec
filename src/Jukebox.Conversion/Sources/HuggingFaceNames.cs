using System.Globalization;

namespace Jukebox.Conversion.Sources;

/// <summary>Names that Hugging Face's port gives the tensors, turned into the reference's.</summary>
internal static class HuggingFaceNames
{
    /// <summary>Whether these are the names of such a repository.</summary>
    public static bool AreIn(IEnumerable<string> names) =>
        names.Any(name => name.StartsWith("priors.", StringComparison.Ordinal) || name.StartsWith("vqvae.", StringComparison.Ordinal));

    /// <summary>A name within the VQ-VAE, without <c>vqvae.</c>; null for one that is not known.</summary>
    /// <param name="name">The name.</param>
    /// <param name="downs">Strided convolutions of a level block, by level: where <c>proj_out</c> goes.</param>
    public static string? VqVae(string name, IReadOnlyList<int> downs) => name.Split('.') switch
    {
        ["bottleneck", "level_blocks", var level, "codebook"] => $"bottleneck.level_blocks.{level}.k",
        ["encoders", var level, "level_blocks", var block, "downsample_block", .. var rest] =>
            Encoder($"encoders.{level}.level_blocks.{block}.model", rest),
        ["encoders", var level, "level_blocks", var block, "proj_out", var parameter] when Index(block) is { } b && b < downs.Count =>
            $"encoders.{level}.level_blocks.{block}.model.{downs[b]}.{parameter}",
        ["decoders", var level, "level_blocks", var block, .. var rest] =>
            Upsampler($"decoders.{level}.level_blocks.{block}.model", "model", rest),
        ["decoders", _, "out", _] => name,
        _ => null,
    };

    /// <summary>A name within a prior, without <c>priors.N.</c>; null for one that is not known.</summary>
    public static string? Prior(string name) => name.Split('.') switch
    {
        ["conditioner_blocks", "embed_tokens", "weight"] => "conditioner_blocks.0.x_emb.weight",
        ["conditioner_blocks", "layer_norm", var parameter] => $"conditioner_blocks.0.ln.{parameter}",
        ["conditioner_blocks", "upsampler", .. var rest] => Upsampler("conditioner_blocks.0.cond.model", "blocks", rest),
        ["metadata_embedding", var table and ("bow_genre_emb" or "artist_emb"), "weight"] => $"y_emb.{table}.emb.weight",
        ["metadata_embedding", var table, "emb", "weight"] => $"y_emb.{table}.emb.weight",
        ["prior", .. var rest] => Stack("prior", rest),
        ["encoder", "proj_in", "weight"] => "prime_state_proj.w",
        ["encoder", "proj_in", "bias"] => "prime_state_proj.b",
        ["encoder", "final_layer_norm", var parameter] => $"prime_state_ln.{parameter}",
        ["encoder", "lm_head", "weight"] => "prime_x_out.weight",
        ["encoder", .. var rest] => Stack("prime_prior", rest),
        _ => null,
    };

    private static string? Stack(string prefix, string[] rest) => rest switch
    {
        ["embed_tokens", "weight"] => $"{prefix}.x_emb.weight",
        ["fc_proj_out", "weight"] => $"{prefix}.x_out.weight",
        ["start_token"] or ["pos_emb", "pos_emb"] => $"{prefix}.{string.Join('.', rest)}",
        ["transformer", "_attn_mods", var depth, var norm and ("layer_norm_0" or "layer_norm_1"), var parameter] =>
            $"{prefix}.transformer._attn_mods.{depth}.ln_{norm[^1]}.{parameter}",
        ["transformer", "_attn_mods", var depth, var module and ("attn" or "mlp"), var layer, "weight"] =>
            $"{prefix}.transformer._attn_mods.{depth}.{module}.{layer}.w",
        ["transformer", "_attn_mods", var depth, var module and ("attn" or "mlp"), var layer, "bias"] =>
            $"{prefix}.transformer._attn_mods.{depth}.{module}.{layer}.b",
        _ => null,
    };

    /// <summary>Even entries are strided convolutions, odd ones their residual stacks.</summary>
    private static string? Encoder(string prefix, string[] rest) => rest switch
    {
        [var n, var parameter] when Index(n) is { } entry && entry % 2 == 0 => $"{prefix}.{entry / 2}.0.{parameter}",
        [var n, "resnet_block", var r, var convolution, var parameter] when Index(n) is { } entry && entry % 2 == 1 =>
            Residual($"{prefix}.{entry / 2}.1.model.{r}", convolution, parameter),
        _ => null,
    };

    /// <summary>Even entries are residual stacks, odd ones transposed convolutions; the conditioner is built alike.</summary>
    private static string? Upsampler(string prefix, string stack, string[] rest) => rest switch
    {
        ["proj_in", var parameter] => $"{prefix}.0.{parameter}",
        ["upsample_block", var n, var parameter] when Index(n) is { } entry && entry % 2 == 1 => $"{prefix}.{(entry + 1) / 2}.1.{parameter}",
        ["upsample_block", var n, "resnet_block", var r, var convolution, var parameter] when Index(n) is { } entry && entry % 2 == 0 =>
            Residual($"{prefix}.{(entry / 2) + 1}.0.{stack}.{r}", convolution, parameter),
        _ => null,
    };

    private static string? Residual(string prefix, string convolution, string parameter) => convolution switch
    {
        "conv1d_1" => $"{prefix}.model.1.{parameter}",
        "conv1d_2" => $"{prefix}.model.3.{parameter}",
        _ => null,
    };

    private static int? Index(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value < 4096 ? value : null;
}

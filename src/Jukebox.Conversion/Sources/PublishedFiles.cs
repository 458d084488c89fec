using Jukebox.Conversion.Containers;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Conversion.Sources;

/// <summary>OpenAI's files: their names, where they are published, and the digests that are known.</summary>
internal static class PublishedFiles
{
    /// <summary>Written into descriptions of weights whose licence the user does not state.</summary>
    public const string Licence =
        "Not stated. OpenAI's Jukebox weights, and what is derived from them, are licensed for noncommercial use only: "
        + "https://github.com/openai/jukebox/blob/master/LICENSE";

    /// <summary>Where OpenAI's code downloads from; the relative paths are the same at every mirror.</summary>
    public const string Url = "https://openaipublic.azureedge.net/jukebox/models/";

    private static readonly Dictionary<string, FileDigest> Known = new(StringComparer.Ordinal)
    {
        ["5b/vqvae.pth.tar"] = new(0, "69745413a48e887f8a3fe91b972a6f7f434021a1ce911a99187b331eb48c059a"),
        ["5b/prior_level_2.pth.tar"] = new(10_288_727_721, "89a1dd14f5b2f9b16b3e73b53fa2138cc89fd96bb13249b4267fea471de92672"),
    };

    /// <summary>Paths below <see cref="Url"/> of a set: VQ-VAE and upsamplers are those of 5b in all three.</summary>
    public static IReadOnlyList<string> Of(string name) =>
    [
        "5b/vqvae.pth.tar", "5b/prior_level_0.pth.tar", "5b/prior_level_1.pth.tar", $"{name}/prior_level_2.pth.tar",
    ];

    /// <summary>A sentence if a file has the shape of a published one but not its digest, else null.</summary>
    public static string? Mismatch(Checkpoint checkpoint, FileDigest digest)
    {
        bool isTheirs = checkpoint.Format.StartsWith("PyTorch", StringComparison.Ordinal) && checkpoint.Description is null;
        string? published = isTheirs ? Recognise(checkpoint) : null;
        return published is not null && Known[published].Sha256 != digest.Sha256
            ? $"its SHA-256 is {digest.Sha256}, that of the published {published} is {Known[published].Sha256}: it may be damaged, or it is another model of "
                + "the same shape."
            : null;
    }

    /// <summary>Whether a digest is that of a published file.</summary>
    public static bool AreKnown(FileDigest digest) => Known.Values.Any(known => known.Sha256 == digest.Sha256);

    private static string? Recognise(Checkpoint checkpoint)
    {
        bool HasShape(string name, params ReadOnlySpan<int> extents) =>
            checkpoint.Tensors.TryGetValue(name, out SourceTensor? tensor) && tensor.HasShape(new Shape(extents));

        VqVaeSpec vqvae = PublishedModels.VqVae;
        PriorSpec top = PublishedModels.Top("5b");
        if (HasShape(VqVaeTensorNames.CodebookOf(2), vqvae.CodebookSize, vqvae.EmbeddingWidth))
        {
            return "5b/vqvae.pth.tar";
        }

        bool isTop = HasShape("prior.x_emb.weight", top.VocabularySize, top.Transformer.Width)
            && checkpoint.Tensors.ContainsKey($"prior.transformer._attn_mods.{top.Transformer.Depth - 1}.ln_0.weight")
            && !checkpoint.Tensors.ContainsKey($"prior.transformer._attn_mods.{top.Transformer.Depth}.ln_0.weight");
        return isTop ? "5b/prior_level_2.pth.tar" : null;
    }
}

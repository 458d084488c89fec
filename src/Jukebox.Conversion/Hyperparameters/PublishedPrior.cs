using Jukebox.Models.Format;

namespace Jukebox.Conversion.Hyperparameters;

/// <summary>The published prior that a part is, so far as its shapes tell or the user says.</summary>
internal static class PublishedPrior
{
    /// <summary>The published prior that shall fill in what a part's hyperparameters leave out, or none.</summary>
    /// <param name="part">The prior.</param>
    /// <param name="level">Its level.</param>
    /// <param name="name">The set that the user named, if any.</param>
    public static PriorSpec? Find(ModelPart part, int level, string? name)
    {
        if (name is not null)
        {
            return level == 2 ? PublishedModels.Top(name) : level is 0 or 1 ? PublishedModels.Upsampler(level) : null;
        }

        IEnumerable<PriorSpec> candidates = level == 2 ? PublishedModels.Names.Select(PublishedModels.Top) : level is 0 or 1 ? [PublishedModels.Upsampler(level)] : [];
        return candidates.FirstOrDefault(candidate => HasShapes(part, candidate));
    }

    /// <summary>Name of the published set whose top-level prior this is, or null.</summary>
    public static string? SetOf(PriorSpec top) => PublishedModels.Names.FirstOrDefault(name => Same(PublishedModels.Top(name), top));

    private static bool Same(PriorSpec published, PriorSpec other) =>
        published.Transformer == other.Transformer && published.VocabularySize == other.VocabularySize && published.SequenceLength == other.SequenceLength;

    private static bool HasShapes(ModelPart part, PriorSpec candidate)
    {
        var names = new TensorNames(part.Tensors);
        return names.Extent(TiedOutput.EmbeddingName, 0) == candidate.VocabularySize
            && names.Extent(TiedOutput.EmbeddingName, 1) == candidate.Transformer.Width
            && names.Extent("prior.pos_emb.pos_emb", 0) == candidate.SequenceLength
            && names.Count("prior.transformer._attn_mods") == candidate.Transformer.Depth;
    }
}

using Jukebox.Models.Format;

namespace Jukebox.Conversion.Hyperparameters;

/// <summary>
/// What priors without their VQ-VAE imply of it: levels, codebook, and the strides that a conditioner undoes. The rest
/// is the published VQ-VAE's.
/// </summary>
internal static class ImpliedVqVae
{
    private const string Conditioner = "conditioner_blocks.0.cond.model";

    public static VqVaeSpec Of(IReadOnlyList<ModelPart> priors, IReadOnlyList<int> levels)
    {
        TensorNames[] names = [.. priors.Select(part => new TensorNames(part.Tensors))];
        int levelCount = Enumerable.Range(0, priors.Count).Max(i => levels[i] + (names[i].Any("conditioner_blocks.") ? 2 : 1));

        // An upsampler alone leaves the number of levels open; the published three are the likeliest.
        bool hasTop = names.Any(n => !n.Any("conditioner_blocks."));
        levelCount = Math.Clamp(hasTop ? levelCount : Math.Max(levelCount, PublishedModels.VqVae.Levels), 1, 8);
        int[] downs = [.. Enumerable.Range(0, levelCount).Select(level => PublishedModels.VqVae.Downs[Math.Min(level, 2)])];
        int[] strides = [.. Enumerable.Repeat(2, levelCount)];
        int? codebookSize = null;
        for (int i = 0; i < priors.Count; i++)
        {
            int upper = levels[i] + 1;
            if (names[i].Count(Conditioner) is { } entries && names[i].Extent($"{Conditioner}.1.1.weight", 2) is { } taps && upper < levelCount)
            {
                downs[upper] = entries - 1;
                strides[upper] = taps / 2;
            }

            codebookSize ??= names[i].Extent("conditioner_blocks.0.x_emb.weight", 0) ?? CodebookOf(priors[i], names[i]);
        }

        return PublishedModels.VqVae with
        {
            Levels = levelCount,
            Downs = downs,
            Strides = strides,
            Multipliers = [.. Enumerable.Range(0, levelCount).Select(level => level == 0 ? 2 : 1)],
            CodebookSize = codebookSize ?? PublishedModels.VqVae.CodebookSize,
        };
    }

    /// <summary>Rows of the embedding, without the lyric vocabulary where the two share it.</summary>
    private static int? CodebookOf(ModelPart part, TensorNames names)
    {
        var hyperparameters = new HyperparameterLookup(part.Path, part.Hyperparameters, null, false);
        int shared = hyperparameters.Flag("single_enc_dec", false) ? hyperparameters.Integer("n_vocab", null, 0) : 0;
        return names.Extent(TiedOutput.EmbeddingName, 0) - shared;
    }
}

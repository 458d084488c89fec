using Jukebox.Core.Errors;
using Jukebox.Models.Format;

namespace Jukebox.Conversion.Hyperparameters;

/// <summary>The VQ-VAE's specification from hyperparameters and shapes.</summary>
internal static class VqVaeReader
{
    public static VqVaeSpec Read(ModelPart part, bool shapesFirst)
    {
        var names = new TensorNames(part.Tensors);
        var hyperparameters = new HyperparameterLookup(part.Path, part.Hyperparameters, IsPublished(names) ? Published() : null, shapesFirst);
        int levels = hyperparameters.Integer("levels", names.Count("encoders"));
        if (levels is < 1 or > 8)
        {
            throw new DamagedFileException(part.Path, -1, $"a VQ-VAE of {levels} levels makes no sense", "check where the file comes from");
        }

        int[] widths = PerLevel(levels, level => names.Extent($"encoders.{level}.level_blocks.0.model.0.0.weight", 0));
        int[] depths = PerLevel(levels, level => names.Count($"encoders.{level}.level_blocks.0.model.0.1.model"));
        int? baseWidth = widths.Min() > 0 ? widths.Min() : null;
        int? baseDepth = depths.Min() > 0 ? depths.Min() : null;
        int[] multipliers = hyperparameters.Integers("hvqvae_multipliers", baseWidth is null ? null : Array.ConvertAll(widths, width => width / baseWidth.Value))
            ?? [.. Enumerable.Repeat(1, levels)];
        return new VqVaeSpec
        {
            Levels = levels,
            Downs = hyperparameters.Integers("downs_t", PerLevel(levels, level => names.Count($"encoders.{level}.level_blocks.{level}.model") - 1)) ?? [],
            Strides = hyperparameters.Integers("strides_t", PerLevel(levels, level => names.Extent($"encoders.{level}.level_blocks.{level}.model.0.0.weight", 2) / 2)) ?? [],
            EmbeddingWidth = hyperparameters.Integer("emb_width", names.Extent(VqVaeTensorNames.CodebookOf(0), 1)),
            CodebookSize = hyperparameters.Integer("l_bins", names.Extent(VqVaeTensorNames.CodebookOf(0), 0)),
            Width = hyperparameters.Integer("width", baseWidth),
            Depth = hyperparameters.Integer("depth", baseDepth),
            Multipliers = multipliers.Length >= levels ? multipliers[..levels] : [.. multipliers, .. Enumerable.Repeat(1, levels - multipliers.Length)],
            HiddenMultiplier = hyperparameters.Real("m_conv", 1, Ratio(names.Extent("encoders.0.level_blocks.0.model.0.1.model.0.model.1.weight", 0), widths[0])),
            DilationGrowth = hyperparameters.Integer("dilation_growth_rate"),
            DilationCycle = hyperparameters.OptionalInteger("dilation_cycle"),
            ReverseDecoderDilation = hyperparameters.Flag("vqvae_reverse_decoder_dilation", true),
        };
    }

    /// <summary>Sample rate that the source states, samples per second.</summary>
    public static int SampleRate(ModelPart part) =>
        new HyperparameterLookup(part.Path, part.Hyperparameters, null, false).Integer("sr", null, 44100);

    /// <summary>A hidden width over a width, such that the product rounds down to it again.</summary>
    public static double? Ratio(int? hidden, int? width)
    {
        if (hidden is null || width is null or 0)
        {
            return null;
        }

        double ratio = hidden.Value / (double)width.Value;
        return (int)(ratio * width.Value) == hidden ? ratio : (hidden.Value + 0.5) / width.Value;
    }

    private static int[] PerLevel(int levels, Func<int, int?> value) => [.. Enumerable.Range(0, levels).Select(level => value(level) ?? 0)];

    private static bool IsPublished(TensorNames names) =>
        names.Extent(VqVaeTensorNames.CodebookOf(2), 0) == PublishedModels.VqVae.CodebookSize
        && names.Extent("encoders.0.level_blocks.0.model.0.0.weight", 0) == PublishedModels.VqVae.Width * PublishedModels.VqVae.Multipliers[0];

    private static Dictionary<string, object?> Published() => new()
    {
        ["dilation_growth_rate"] = (long)PublishedModels.VqVae.DilationGrowth,
        ["dilation_cycle"] = null,
    };
}

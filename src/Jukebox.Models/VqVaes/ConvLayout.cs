using Jukebox.Core.Contract;
using Jukebox.Models.Format;

namespace Jukebox.Models.VqVaes;

/// <summary>What a layer of a stack of convolutions does.</summary>
public enum ConvLayerKind
{
    /// <summary>A convolution without ReLU.</summary>
    Convolution,

    /// <summary>A transposed convolution without ReLU.</summary>
    Transposed,

    /// <summary>x + scale · pointwise(ReLU(dilated(ReLU(x)))).</summary>
    Residual,
}

/// <summary>One layer of a stack: what it computes, and where its parameters are, but not what they are.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Name">Prefix of its weight and bias in the table; of the dilated convolution in a residual block.</param>
/// <param name="PointwiseName">Prefix of a residual block's second convolution.</param>
/// <param name="Geometry">Of the first convolution; the second one has a single tap.</param>
/// <param name="Scale">Factor of a residual block's branch.</param>
public sealed record ConvLayerSpec(ConvLayerKind Kind, string Name, string? PointwiseName, ConvGeometry Geometry, float Scale);

/// <summary>
/// The residual dilated stack of VQ-VAE and conditioners.
/// </summary>
/// <param name="Depth">Residual blocks.</param>
/// <param name="DilationGrowth">Factor from one block's dilation to the next.</param>
/// <param name="DilationCycle">Blocks after which the dilation starts over, or none.</param>
/// <param name="Reversed">Whether the blocks run from large dilations to small.</param>
/// <param name="Scale">Factor of every residual branch: 1, or 1/√depth.</param>
public readonly record struct ResidualStackSpec(int Depth, int DilationGrowth, int? DilationCycle, bool Reversed, float Scale)
{
    /// <summary>Dilation of the block that runs <paramref name="index"/>-th.</summary>
    public int DilationAt(int index)
    {
        int created = Reversed ? Depth - 1 - index : index;
        int exponent = DilationCycle is { } cycle ? created % cycle : created;
        int dilation = 1;
        for (int i = 0; i < exponent; i++)
        {
            dilation = checked(dilation * DilationGrowth);
        }

        return dilation;
    }
}

/// <summary>The layers of each stack of convolutions, in the order they run, derived from the hyperparameters.</summary>
public static class ConvLayout
{
    private static readonly ConvGeometry ThreeTaps = new(1, 1, 1);

    /// <summary>
    /// The conditioner of a prior: a convolution, then stages of a residual stack and a transposed convolution that
    /// multiplies the length. <paramref name="vqvae"/> gives the strides of the level above.
    /// </summary>
    /// <exception cref="ArgumentException">The prior has none.</exception>
    public static IReadOnlyList<ConvLayerSpec> Conditioner(PriorSpec prior, VqVaeSpec vqvae)
    {
        UpperCodesSpec upper = prior.UpperCodes ?? throw new ArgumentException($"the prior of level {prior.Level} has no conditioner", nameof(prior));
        float scale = upper.ResidualScale ? 1 / MathF.Sqrt(upper.Depth) : 1;
        var residuals = new ResidualStackSpec(upper.Depth, upper.DilationGrowth, upper.DilationCycle, false, scale);
        var layers = new List<ConvLayerSpec>();
        AddUpsamplingBlock(
            layers, "conditioner_blocks.0.cond.model", "blocks", residuals, vqvae.Downs[prior.Level + 1], vqvae.Strides[prior.Level + 1]);
        return layers;
    }

    /// <summary>The encoder of a level: audio (N, T, 1) to (N, T / hop, E).</summary>
    public static IReadOnlyList<ConvLayerSpec> Encoder(VqVaeSpec spec, int level)
    {
        var layers = new List<ConvLayerSpec>();
        ResidualStackSpec residuals = ResidualsOf(spec, level, reversed: false);
        for (int block = 0; block <= level; block++)
        {
            string prefix = $"encoders.{level}.level_blocks.{block}.model";
            int stride = spec.Strides[block];
            for (int i = 0; i < spec.Downs[block]; i++)
            {
                AddConvolution(layers, $"{prefix}.{i}.0", new ConvGeometry(stride, 1, stride / 2));
                AddResiduals(layers, $"{prefix}.{i}.1.model", residuals);
            }

            AddConvolution(layers, $"{prefix}.{spec.Downs[block]}", ThreeTaps);
        }

        return layers;
    }

    /// <summary>The decoder of a level: codebook rows (N, T, E) to audio (N, T · hop, 1).</summary>
    public static IReadOnlyList<ConvLayerSpec> Decoder(VqVaeSpec spec, int level)
    {
        var layers = new List<ConvLayerSpec>();
        ResidualStackSpec residuals = ResidualsOf(spec, level, spec.ReverseDecoderDilation);
        for (int block = level; block >= 0; block--)
        {
            AddUpsamplingBlock(
                layers, $"decoders.{level}.level_blocks.{block}.model", "model", residuals, spec.Downs[block], spec.Strides[block]);
        }

        AddConvolution(layers, $"decoders.{level}.out", ThreeTaps);
        return layers;
    }

    private static ResidualStackSpec ResidualsOf(VqVaeSpec spec, int level, bool reversed) =>
        new(spec.Depth * spec.Multipliers[level], spec.DilationGrowth, spec.DilationCycle, reversed, 1);

    private static void AddUpsamplingBlock(
        List<ConvLayerSpec> layers, string prefix, string stackName, ResidualStackSpec residuals, int stages, int stride)
    {
        AddConvolution(layers, $"{prefix}.0", ThreeTaps);
        for (int i = 1; i <= stages; i++)
        {
            AddResiduals(layers, $"{prefix}.{i}.0.{stackName}", residuals);
            layers.Add(new ConvLayerSpec(ConvLayerKind.Transposed, $"{prefix}.{i}.1", null, new ConvGeometry(stride, 1, stride / 2), 1));
        }
    }

    private static void AddResiduals(List<ConvLayerSpec> layers, string prefix, ResidualStackSpec spec)
    {
        for (int b = 0; b < spec.Depth; b++)
        {
            int dilation = spec.DilationAt(b);
            layers.Add(new ConvLayerSpec(
                ConvLayerKind.Residual, $"{prefix}.{b}.model.1", $"{prefix}.{b}.model.3", new ConvGeometry(1, dilation, dilation), spec.Scale));
        }
    }

    private static void AddConvolution(List<ConvLayerSpec> layers, string prefix, ConvGeometry geometry) =>
        layers.Add(new ConvLayerSpec(ConvLayerKind.Convolution, prefix, null, geometry, 1));
}

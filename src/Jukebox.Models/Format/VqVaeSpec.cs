namespace Jukebox.Models.Format;

/// <summary>Hyperparameters of the VQ-VAE that shape its tensors and its arithmetic.</summary>
public sealed record VqVaeSpec
{
    /// <summary>Number of levels; level 0 is the finest.</summary>
    public required int Levels { get; init; }

    /// <summary>Strided convolutions per level block (<c>downs_t</c>).</summary>
    public required int[] Downs { get; init; }

    /// <summary>Stride of each of them, per level (<c>strides_t</c>); even.</summary>
    public required int[] Strides { get; init; }

    /// <summary>Channels at the codebook (<c>emb_width</c>).</summary>
    public required int EmbeddingWidth { get; init; }

    /// <summary>Codes per level (<c>l_bins</c>).</summary>
    public required int CodebookSize { get; init; }

    /// <summary>Convolution width before the multiplier.</summary>
    public required int Width { get; init; }

    /// <summary>Residual blocks before the multiplier.</summary>
    public required int Depth { get; init; }

    /// <summary>Multiplier of width and depth per level (<c>hvqvae_multipliers</c>; ones where the checkpoint has none).</summary>
    public required int[] Multipliers { get; init; }

    /// <summary>Hidden width of a residual block over its width (<c>m_conv</c>).</summary>
    public double HiddenMultiplier { get; set; } = 1;

    /// <summary>Factor from one block's dilation to the next (<c>dilation_growth_rate</c>).</summary>
    public required int DilationGrowth { get; init; }

    /// <summary>Blocks after which the dilation starts over (<c>dilation_cycle</c>), or none.</summary>
    public int? DilationCycle { get; init; }

    /// <summary>Whether decoder stacks run from large dilations to small.</summary>
    public bool ReverseDecoderDilation { get; set; } = true;

    /// <summary>Audio samples per token of a level (<c>hop_length</c>, <c>raw_to_tokens</c>).</summary>
    public int SamplesPerToken(int level)
    {
        int samples = 1;
        for (int l = 0; l <= level; l++)
        {
            samples *= TokensPerUpperToken(l);
        }

        return samples;
    }

    /// <summary>Tokens of level <paramref name="level"/> − 1 (samples, for level 0) that one token of the level covers.</summary>
    public int TokensPerUpperToken(int level)
    {
        int factor = 1;
        for (int i = 0; i < Downs[level]; i++)
        {
            factor = checked(factor * Strides[level]);
        }

        return factor;
    }
}

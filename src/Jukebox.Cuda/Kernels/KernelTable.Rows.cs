namespace Jukebox.Cuda.Kernels;

public static partial class KernelTable
{
    /// <summary>Threads of a block whose threads have an element each.</summary>
    internal const int ElementBlock = 256;

    /// <summary>Input of a transformer.</summary>
    public static KernelEntry Embed { get; } = Add(KernelEntry.Of<EmbedArgs>("embed.cu", "embed", ElementBlock, KernelVariant.One));

    /// <summary>Rows of a table.</summary>
    public static KernelEntry EmbedGather { get; } = Add(KernelEntry.Of<EmbedGatherArgs>("embed.cu", "embed_gather", ElementBlock, KernelVariant.One));

    /// <summary>x + scale · delta.</summary>
    public static KernelEntry ElementwiseScaledAdd { get; } = Add(
        KernelEntry.Of<ElementwiseScaledAddArgs>("elementwise.cu", "elementwise_scaled_add", ElementBlock, KernelVariant.One));

    /// <summary>Sum with the rows at the cursor.</summary>
    public static KernelEntry ElementwiseAddAt { get; } = Add(
        KernelEntry.Of<ElementwiseAddAtArgs>("elementwise.cu", "elementwise_add_at", ElementBlock, KernelVariant.One));

    /// <summary>Change of storage.</summary>
    public static KernelEntry ElementwiseConvert { get; } = Add(
        KernelEntry.Of<ElementwiseConvertArgs>("elementwise.cu", "elementwise_convert", ElementBlock, KernelVariant.One));

    /// <summary>Moves a cursor.</summary>
    public static KernelEntry ElementwiseAdvance { get; } = Add(
        KernelEntry.Of<ElementwiseAdvanceArgs>("elementwise.cu", "elementwise_advance", 32, KernelVariant.One));

    /// <summary>Draws tokens.</summary>
    public static KernelEntry SampleTokens { get; } = Add(
        KernelEntry.Of<SampleTokensArgs>("sample_tokens.cu", "sample_tokens", 256, KernelVariant.One, 2048 * sizeof(float)));
}

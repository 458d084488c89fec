namespace Jukebox.Cuda.Kernels;

public static partial class KernelTable
{
    /// <summary>Threads, rows and columns of a tile, as <c>common/tile.cuh</c> has them; it asserts the first.</summary>
    private const int TileBlock = 128;

    internal const int TileRows = 128;
    internal const int TileColumns = 64;

    /// <summary>Convolution over time.</summary>
    public static KernelEntry Conv1d { get; } = Add(KernelEntry.Of<Conv1dArgs>("conv1d.cu", "conv1d", TileBlock, KernelVariant.One));

    /// <summary>Its transpose.</summary>
    public static KernelEntry Conv1dTransposed { get; } = Add(
        KernelEntry.Of<Conv1dTransposedArgs>("conv1d.cu", "conv1d_transposed", TileBlock, KernelVariant.One));

    /// <summary>Two convolutions and a sum.</summary>
    public static KernelEntry Conv1dResidualBlock { get; } = Add(
        KernelEntry.Of<Conv1dResidualBlockArgs>("conv1d.cu", "conv1d_residual_block", TileBlock, KernelVariant.One));

    /// <summary>The quantiser.</summary>
    public static KernelEntry NearestCode { get; } = Add(
        KernelEntry.Of<NearestCodeArgs>("nearest_code.cu", "nearest_code", TileBlock, KernelVariant.One));
}

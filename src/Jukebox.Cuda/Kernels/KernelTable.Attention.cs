namespace Jukebox.Cuda.Kernels;

public static partial class KernelTable
{
    /// <summary>Visible keys that are scored together; what a query's sums are made of depends on it.</summary>
    internal const int AttentionSplitKeys = 64;

    private const int AttentionBlock = 256;

    /// <summary>Keys, and values, that a warp of a step asks for at once: 16 bytes of each in a lane.</summary>
    internal const int AttentionWarpKeys = AttentionSplitKeys / (AttentionBlock / 32);

    /// <summary>One row of the widest head of the published models, in shared memory.</summary>
    private const int HeadBytes = 480 * sizeof(float);

    private static readonly KernelDefine SplitKeys = new("ATTENTION_SPLIT_KEYS", $"{AttentionSplitKeys}");

    /// <summary>Attention of one position.</summary>
    public static KernelEntry AttentionStep { get; } = Add(
        KernelEntry.Of<AttentionStepArgs>("attention.cu", "attention_step", AttentionBlock, KernelVariant.Storages, HeadBytes, SplitKeys));

    /// <summary>Attention of many positions.</summary>
    public static KernelEntry AttentionChunk { get; } = Add(
        KernelEntry.Of<AttentionChunkArgs>("attention.cu", "attention_chunk", AttentionBlock, KernelVariant.Storages, 2 * HeadBytes, SplitKeys));

    /// <summary>Softmax weights of one head.</summary>
    public static KernelEntry AttentionWeights { get; } = Add(
        KernelEntry.Of<AttentionWeightsArgs>("attention.cu", "attention_weights", AttentionBlock, KernelVariant.Storages, HeadBytes, SplitKeys));

    /// <summary>Keys and values of new positions to their slots.</summary>
    public static KernelEntry AttentionAppend { get; } = Add(
        KernelEntry.Of<AttentionAppendArgs>("attention.cu", "attention_append", 256, KernelVariant.Storages));
}

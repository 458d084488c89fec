using Jukebox.Core.Tensors;

namespace Jukebox.Cuda.Kernels;

public static partial class KernelTable
{
    /// <summary>Input channels that packed matrices are padded to.</summary>
    internal const int LinearGroupChannels = 32;

    /// <summary>Output channels of a tile of a packed matrix, without tensor cores: also those of a step's block.</summary>
    internal const int LinearFmaTile = 32;

    /// <summary>The same with tensor cores.</summary>
    internal const int LinearMmaTile = 16;

    /// <summary>The most rows of a step.</summary>
    internal const int LinearStepRows = 16;

    /// <summary>The most rows that a step normalises itself.</summary>
    internal const int LinearFusedRows = 8;

    /// <summary>Bytes of the matrix that a warp of a step asks for ahead of their use.</summary>
    internal const int LinearStepAheadBytes = 4096;

    /// <summary>Output channels of a block of a chunk, without tensor cores.</summary>
    internal const int LinearFmaChunkOutputs = 64;

    /// <summary>The same with tensor cores.</summary>
    internal const int LinearMmaChunkOutputs = 128;

    /// <summary>Rows of a block of a chunk.</summary>
    internal const int LinearChunkRows = 64;

    /// <summary>Rows of a tile of prepared input.</summary>
    internal const int LinearTileRows = 8;

    private static readonly KernelVariant[] TensorCoreStorages = [new(ElementType.F16, true), new(ElementType.BF16, true)];
    private static readonly KernelDefine FmaTile = new("LINEAR_FMA_TILE", $"{LinearFmaTile}");
    private static readonly KernelDefine MmaTile = new("LINEAR_MMA_TILE", $"{LinearMmaTile}");
    private static readonly KernelDefine StepRows = new("LINEAR_STEP_ROWS", $"{LinearStepRows}");
    private static readonly KernelDefine FusedRows = new("LINEAR_FUSED_ROWS", $"{LinearFusedRows}");
    private static readonly KernelDefine AheadBytes = new("LINEAR_STEP_AHEAD_BYTES", $"{LinearStepAheadBytes}");
    private static readonly KernelDefine ChunkRows = new("LINEAR_CHUNK_ROWS", $"{LinearChunkRows}");

    /// <summary>A matrix in the order of its kernels.</summary>
    public static KernelEntry LinearPack { get; } = Add(KernelEntry.Of<LinearPackArgs>(
        "linear_pack.cu", "linear_pack", 256, KernelVariant.StoragesAndTensorCores, 0, FmaTile, MmaTile, StepRows, FusedRows));

    /// <summary>A linear layer of a few rows, without tensor cores.</summary>
    public static KernelEntry LinearFmaStep { get; } = Add(KernelEntry.Of<LinearArgs>(
        "linear_fma.cu", "linear_fma_step", 256, KernelVariant.Storages, 0, FmaTile, StepRows, FusedRows, AheadBytes));

    /// <summary>A linear layer of many rows, without tensor cores.</summary>
    public static KernelEntry LinearFmaChunk { get; } = Add(KernelEntry.Of<LinearArgs>(
        "linear_fma.cu", "linear_fma_chunk", 256, KernelVariant.Storages, 0, ChunkRows, new KernelDefine("LINEAR_CHUNK_OUTPUTS", $"{LinearFmaChunkOutputs}")));

    /// <summary>A linear layer of a few rows on tensor cores.</summary>
    public static KernelEntry LinearMmaStep { get; } = Add(KernelEntry.Of<LinearArgs>(
        "linear_mma.cu", "linear_mma_step", 256, TensorCoreStorages, 0, MmaTile, StepRows, FusedRows, AheadBytes));

    /// <summary>Rows as <see cref="LinearMmaChunk"/> reads them.</summary>
    public static KernelEntry LinearMmaPrepare { get; } = Add(KernelEntry.Of<LinearArgs>(
        "linear_mma.cu", "linear_mma_prepare", 256, TensorCoreStorages));

    /// <summary>A linear layer of many rows on tensor cores.</summary>
    public static KernelEntry LinearMmaChunk { get; } = Add(KernelEntry.Of<LinearArgs>(
        "linear_mma.cu", "linear_mma_chunk", 128, TensorCoreStorages, 0, ChunkRows, new KernelDefine("LINEAR_CHUNK_OUTPUTS", $"{LinearMmaChunkOutputs}")));
}

using Jukebox.Core.Contract;

namespace Jukebox.Cuda.Kernels;

/// <summary>An <see cref="AttentionPattern"/> as kernels have it (<c>common/attention_pattern.cuh</c>).</summary>
internal struct AttentionPatternArgs(in AttentionPattern pattern)
{
    public int Kind = (int)pattern.Kind;
    public int ContextLength = pattern.ContextLength;
    public int BlockCount = pattern.BlockCount;
    public int BlockLength = pattern.BlockLength;
    public int Spread = pattern.Spread;
    public int KeyLength = pattern.KeyLength;
    public int CacheLength = pattern.CacheLength;
}

/// <summary>What <c>attention.cu</c> scores queries with.</summary>
internal struct AttentionInputs
{
    /// <summary>(N, T, columns) F32.</summary>
    public ulong Projected;

    /// <summary>(N, L, S) storage.</summary>
    public ulong Keys;

    /// <summary>(2) I32.</summary>
    public ulong Cursor;

    /// <summary>Of the projected.</summary>
    public int Columns;

    /// <summary>T.</summary>
    public int QueryCount;

    /// <summary>L.</summary>
    public int SlotCount;

    /// <summary>S.</summary>
    public int Width;

    /// <summary>D.</summary>
    public int HeadWidth;

    /// <summary>Not 0: every row of the cache is 16-byte aligned.</summary>
    public int WholeChunks;

    /// <summary>1 / √D.</summary>
    public float Scale;

    public AttentionPatternArgs Pattern;
}

/// <summary>Arguments of <c>attention_step</c>.</summary>
internal struct AttentionStepArgs
{
    public AttentionInputs Inputs;

    /// <summary>(N, L, S) storage.</summary>
    public ulong Values;

    /// <summary>(N, 1, S) F32.</summary>
    public ulong Y;

    /// <summary>(N, heads, splits, 2 + D) F32: maximum, total and sums of each split.</summary>
    public ulong Partials;

    /// <summary>(N, heads) I32: splits that are done; zero between launches.</summary>
    public ulong Arrived;
}

/// <summary>Arguments of <c>attention_chunk</c>.</summary>
internal struct AttentionChunkArgs
{
    public AttentionInputs Inputs;

    /// <summary>(N, L, S) storage.</summary>
    public ulong Values;

    /// <summary>(N, T, S) F32.</summary>
    public ulong Y;
}

/// <summary>Arguments of <c>attention_weights</c>.</summary>
internal struct AttentionWeightsArgs
{
    public AttentionInputs Inputs;

    /// <summary>(N, T, L) F32.</summary>
    public ulong Y;

    public int Head;
}

/// <summary>Arguments of <c>attention_append</c>.</summary>
internal struct AttentionAppendArgs
{
    /// <summary>(N, T, columns) F32.</summary>
    public ulong Projected;

    /// <summary>(N, L, S) storage.</summary>
    public ulong Keys;

    /// <summary>(N, L, S) storage.</summary>
    public ulong Values;

    /// <summary>(2) I32.</summary>
    public ulong Cursor;

    public int Columns;

    /// <summary>L.</summary>
    public int SlotCount;

    /// <summary>S.</summary>
    public int Width;

    public AttentionPatternArgs Pattern;
}

using Jukebox.Core.Tensors;

namespace Jukebox.Cuda.Kernels;

/// <summary>Arguments of <c>embed</c>; types are numbers of <see cref="ElementType"/>.</summary>
internal struct EmbedArgs
{
    /// <summary>(N, P) I32.</summary>
    public ulong Tokens;

    /// <summary>(K, C).</summary>
    public ulong Table;

    /// <summary>(N, C).</summary>
    public ulong Start;

    /// <summary>(P, C).</summary>
    public ulong Positions;

    /// <summary>(N, P, C) F32, or 0.</summary>
    public ulong Condition;

    /// <summary>(2) I32.</summary>
    public ulong Cursor;

    /// <summary>(N, T, C) F32.</summary>
    public ulong Y;

    public int TableType;
    public int StartType;
    public int PositionsType;

    /// <summary>K.</summary>
    public int TableRows;

    /// <summary>P of the tokens.</summary>
    public int TokenCount;

    /// <summary>P of the condition.</summary>
    public int ConditionLength;

    /// <summary>C.</summary>
    public int Width;
}

/// <summary>Arguments of <c>embed_gather</c>.</summary>
internal struct EmbedGatherArgs
{
    /// <summary>(R) I32.</summary>
    public ulong Indices;

    /// <summary>(K, C).</summary>
    public ulong Table;

    /// <summary>(R, C) F32.</summary>
    public ulong Y;

    public int TableType;

    /// <summary>K.</summary>
    public int TableRows;

    /// <summary>C.</summary>
    public int Width;
}

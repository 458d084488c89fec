namespace Jukebox.Cuda.Kernels;

/// <summary>Arguments of every entry point of <c>linear_fma.cu</c> and <c>linear_mma.cu</c>.</summary>
internal struct LinearArgs
{
    /// <summary>(R, Cin) F32.</summary>
    public ulong X;

    /// <summary>The same as <c>linear_mma_prepare</c> leaves it, for the chunk's kernel on tensor cores.</summary>
    public ulong Prepared;

    /// <summary>Packed.</summary>
    public ulong Matrix;

    /// <summary>(Cout) F32, or 0.</summary>
    public ulong Bias;

    /// <summary>(R, Cout) F32, or 0.</summary>
    public ulong Residual;

    /// <summary>(R, Cout) F32.</summary>
    public ulong Y;

    public LinearNormArgs Norm;

    public LinearAppendArgs Append;

    /// <summary>R.</summary>
    public int Rows;

    /// <summary>Cin.</summary>
    public int Inputs;

    /// <summary>Cout.</summary>
    public int Outputs;

    /// <summary>Not 0: QuickGELU.</summary>
    public int Gelu;
}

/// <summary>A layer norm of the input.</summary>
internal struct LinearNormArgs
{
    /// <summary>(Cin), or 0 for no norm.</summary>
    public ulong Gain;

    /// <summary>(Cin).</summary>
    public ulong Bias;

    /// <summary>Element type of both.</summary>
    public int Type;
}

/// <summary>Caches that the last 2S output channels go to.</summary>
internal struct LinearAppendArgs
{
    /// <summary>(N, L, S) storage, or 0 for none.</summary>
    public ulong Keys;

    /// <summary>(N, L, S) storage.</summary>
    public ulong Values;

    /// <summary>(2) I32.</summary>
    public ulong Cursor;

    /// <summary>T.</summary>
    public int RowCount;

    /// <summary>L.</summary>
    public int SlotCount;

    /// <summary>S.</summary>
    public int Width;

    public AttentionPatternArgs Pattern;
}

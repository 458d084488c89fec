namespace Jukebox.Cpu.Convolution;

/// <summary>A signal (N, T, C) as rows of taps · C: what the taps of a filter see at each of its positions.</summary>
internal unsafe struct PatchedSignal
{
    public float* Values;
    public int Length, Width, Taps;

    /// <summary>Positions of the signal from one row to the next, and from one tap to the next.</summary>
    public int Step, TapStep;

    public int Padding;

    /// <summary>Whether values are clamped at zero first.</summary>
    public bool Relu;
}

/// <summary>
/// The gradient of a filter: rows × columns sums over the positions of one patched and one plain signal. The positions are
/// cut into pieces; a piece is a part, and sums to a matrix of its own. Then the pieces are added in order.
/// </summary>
internal unsafe struct WeightGradientJob
{
    /// <summary>Positions whose patches a worker holds at once: few enough for the first-level cache to keep a tile's share of them.</summary>
    public const int BlockRows = 128;

    /// <summary>Rows of the register tiles.</summary>
    public const int TileRows = 8;

    /// <summary>Rows of the matrix whose pieces one part adds up.</summary>
    public const int AddedRows = 16;

    public PatchedSignal Signal;

    /// <summary>(N, T, C), T being the positions.</summary>
    public float* Plain;
    public int PlainLength, PlainWidth;

    /// <summary>Positions of all items.</summary>
    public int RowCount;

    /// <summary>Whether the matrix has a column, rather than a row, for each tap and channel of the patched signal.</summary>
    public bool PatchesAreColumns;

    /// <summary>What the bias is summed over, (rows, width).</summary>
    public float* Bias;
    public int BiasWidth, BiasRowCount, BiasRowsPerPiece;

    /// <summary>A row of the matrix is runs of consecutive weights.</summary>
    public int RunLength, RunCount;

    /// <summary>Weights from one run, and from one row of the matrix, to the next.</summary>
    public long RunTargetStride, RowTargetStride;

    public float* Gradient, BiasGradient;
    public float Scale;

    public int RowsPerPiece, PieceCount;

    /// <summary>(piece, matrix rows of <see cref="PieceStride"/> floats, then the bias).</summary>
    public float* Pieces;
    public int PieceStride;
    public long PieceFloats;

    public float* Scratch;
    public long ScratchPerWorker;

    public readonly int PatchWidth => Signal.Taps * Signal.Width;

    /// <summary>Rows of the matrix.</summary>
    public readonly int GradientRowCount => PatchesAreColumns ? PlainWidth : PatchWidth;

    /// <summary>Columns of the matrix.</summary>
    public readonly int ColumnCount => PatchesAreColumns ? PatchWidth : PlainWidth;
}

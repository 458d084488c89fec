namespace Jukebox.Cpu;

/// <summary>How rows are cut into register tiles, and their values interleaved for them.</summary>
internal static unsafe class CpuTiles
{
    /// <summary>Most rows of any tile.</summary>
    public const int RowsLimit = 12;

    /// <summary>Rows of the tile that takes the next of <paramref name="left"/> rows: full, or the smallest that holds them.</summary>
    /// <param name="fullRows">12 or 6, the instruction set's.</param>
    /// <param name="left">Rows not yet in a tile.</param>
    public static int Rows(int fullRows, int left) => (fullRows, left) switch
    {
        (_, <= 4) => 4,
        (12, <= 8) => 8,
        _ => fullRows,
    };

    /// <summary>Rows of all tiles together.</summary>
    public static int PaddedRows(int fullRows, int rowCount)
    {
        int whole = rowCount / fullRows * fullRows;
        return whole == rowCount ? whole : whole + Rows(fullRows, rowCount - whole);
    }

    /// <summary>Interleaves the rows of one tile, (rows, width) to (width, tile rows), with zeros where rows are missing.</summary>
    public static void Interleave(float* input, int rows, int width, int tileRows, float* packed)
    {
        for (int k = 0; k < width; k++, packed += tileRows)
        {
            float* source = input + k;
            for (int r = 0; r < rows; r++, source += width)
            {
                packed[r] = *source;
            }

            for (int r = rows; r < tileRows; r++)
            {
                packed[r] = 0;
            }
        }
    }

    /// <summary>Packs the rows of one full or last tile.</summary>
    public static void Pack(void* argument, int part, int worker)
    {
        ref PackJob job = ref *(PackJob*)argument;
        int row = part * job.FullRows, left = job.RowCount - row;
        int tileRows = Rows(job.FullRows, left);
        Interleave(job.Input + ((long)row * job.Width), Math.Min(tileRows, left), job.Width, tileRows, job.Packed + ((long)row * job.Width));
    }
}

/// <summary>Rows to be interleaved tile by tile; a part is a tile.</summary>
internal unsafe struct PackJob
{
    public float* Input, Packed;
    public int RowCount, Width, FullRows;
}

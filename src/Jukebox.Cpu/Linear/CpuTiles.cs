using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Jukebox.Cpu.Linear;

/// <summary>How rows are cut into register tiles, and their values interleaved for them.</summary>
internal static unsafe class CpuTiles
{
    /// <summary>Most rows of any tile.</summary>
    public const int RowsLimit = 12;

    /// <summary>Values of a row that are interleaved before the next rows' are: what is written stays in the first-level cache.</summary>
    private const int InterleavedAtOnce = 128;

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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Interleave(float* input, int rows, int width, int tileRows, float* packed)
    {
        for (int k = 0; k < width; k += InterleavedAtOnce)
        {
            int end = Math.Min(k + InterleavedAtOnce, width), r = 0;
            for (; r + 4 <= rows; r += 4)
            {
                InterleaveFour(input + ((long)r * width), width, k, end, packed + r, tileRows);
            }

            for (; r < tileRows; r++)
            {
                InterleaveOne(r < rows ? input + ((long)r * width) : null, k, end, packed + r, tileRows);
            }
        }
    }

    /// <summary>Packs as many rows as a panel is wide; a part is a panel.</summary>
    public static void PackPanel(void* argument, int part, int worker)
    {
        ref PackJob job = ref *(PackJob*)argument;
        int row = part * job.FullRows, rows = Math.Min(job.FullRows, job.RowCount - row);
        Interleave(job.Input + ((long)row * job.Width), rows, job.Width, job.FullRows, job.Packed + ((long)row * job.Width));
    }

    /// <summary>Packs the rows of one full or last tile.</summary>
    public static void Pack(void* argument, int part, int worker)
    {
        ref PackJob job = ref *(PackJob*)argument;
        int row = part * job.FullRows, left = job.RowCount - row;
        int tileRows = Rows(job.FullRows, left);
        Interleave(job.Input + ((long)row * job.Width), Math.Min(tileRows, left), job.Width, tileRows, job.Packed + ((long)row * job.Width));
    }

    /// <summary>Transposes squares of four rows by four values where there are shuffles for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InterleaveFour(float* input, long stride, int first, int end, float* packed, int tileRows)
    {
        float* a = input, b = a + stride, c = b + stride, d = c + stride;
        int k = first;
        packed += (long)first * tileRows;
        for (; Sse.IsSupported && k + 4 <= end; k += 4, packed += 4 * tileRows)
        {
            Vector128<float> va = Sse.LoadVector128(a + k), vb = Sse.LoadVector128(b + k);
            Vector128<float> vc = Sse.LoadVector128(c + k), vd = Sse.LoadVector128(d + k);
            Vector128<float> ac = Sse.UnpackLow(va, vc), bd = Sse.UnpackLow(vb, vd);
            Sse.Store(packed, Sse.UnpackLow(ac, bd));
            Sse.Store(packed + tileRows, Sse.UnpackHigh(ac, bd));
            ac = Sse.UnpackHigh(va, vc);
            bd = Sse.UnpackHigh(vb, vd);
            Sse.Store(packed + (2 * tileRows), Sse.UnpackLow(ac, bd));
            Sse.Store(packed + (3 * tileRows), Sse.UnpackHigh(ac, bd));
        }

        for (; k < end; k++, packed += tileRows)
        {
            (packed[0], packed[1], packed[2], packed[3]) = (a[k], b[k], c[k], d[k]);
        }
    }

    /// <summary>A row, or zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InterleaveOne(float* row, int first, int end, float* packed, int tileRows)
    {
        packed += (long)first * tileRows;
        for (int k = first; k < end; k++, packed += tileRows)
        {
            *packed = row == null ? 0 : row[k];
        }
    }
}

/// <summary>Rows to be interleaved tile by tile; a part is a tile.</summary>
internal unsafe struct PackJob
{
    public float* Input, Packed;
    public int RowCount, Width, FullRows;
}

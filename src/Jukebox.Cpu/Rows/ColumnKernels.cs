using System.Runtime.CompilerServices;
using Jukebox.Cpu.Linear;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Rows;

/// <summary>Rows whose columns are packed in groups: (group, R, columns of a group).</summary>
internal unsafe struct ColumnPackJob
{
    /// <summary>(R, C).</summary>
    public float* Input;

    public float* Packed;
    public int RowCount, Width;

    /// <summary>Rows of a part.</summary>
    public int RowsPerPart;

    /// <summary>Columns of a full group, and whether the last is as narrow as <see cref="CpuTiles.Rows"/> says, or full.</summary>
    public int FullColumns;
    public bool NarrowLast;
}

/// <summary>Sums over rows: by pieces of rows first, then over the pieces in order.</summary>
internal unsafe struct ColumnSumJob
{
    /// <summary>(R, C).</summary>
    public float* Input;

    /// <summary>(piece, <see cref="Stride"/>).</summary>
    public float* Pieces;

    /// <summary>(C): grows by the sums.</summary>
    public float* Sums;

    public int RowCount, Width, RowsPerPiece, PieceCount, ColumnsPerPart;
    public long Stride;
}

/// <summary>Columns of many rows: packed for a product that sums over the rows, or summed.</summary>
internal static unsafe class ColumnKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Copies some rows' columns to their groups, a group at a time, so that each is written in one run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(void* argument, int part, int worker)
    {
        ref ColumnPackJob job = ref *(ColumnPackJob*)argument;
        int first = part * job.RowsPerPart, rows = Math.Min(job.RowsPerPart, job.RowCount - first);
        for (int column = 0; column < job.Width; column += job.FullColumns)
        {
            int left = job.Width - column, columns = job.NarrowLast ? CpuTiles.Rows(job.FullColumns, left) : job.FullColumns;
            float* input = job.Input + ((long)first * job.Width) + column;
            float* packed = job.Packed + ((long)column * job.RowCount) + ((long)first * columns);
            Copy(input, job.Width, rows, Math.Min(left, columns), columns, packed);
        }
    }

    /// <summary>pieces[piece, c] = Σ over the piece's rows; a part is a piece.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SumRows(void* argument, int part, int worker)
    {
        ref ColumnSumJob job = ref *(ColumnSumJob*)argument;
        int first = part * job.RowsPerPiece, end = Math.Min(first + job.RowsPerPiece, job.RowCount);
        float* sums = job.Pieces + (part * job.Stride);
        new Span<float>(sums, job.Width).Clear();
        for (int row = first; row < end; row++)
        {
            AddTo(sums, job.Input + ((long)row * job.Width), job.Width);
        }
    }

    /// <summary>sums[c] += Σ over the pieces, in order; a part is some columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddPieces(void* argument, int part, int worker)
    {
        ref ColumnSumJob job = ref *(ColumnSumJob*)argument;
        int first = part * job.ColumnsPerPart, count = Math.Min(job.ColumnsPerPart, job.Width - first);
        for (int piece = 0; piece < job.PieceCount; piece++)
        {
            AddTo(job.Sums + first, job.Pieces + (piece * job.Stride) + first, count);
        }
    }

    /// <summary>sums += values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(float* sums, float* values, int count)
    {
        int body = count - (count % TSimd.Width), tail = count - body;
        for (int c = 0; c < body; c += TSimd.Width)
        {
            TSimd.Store(sums + c, TSimd.Add(TSimd.Load(sums + c), TSimd.Load(values + c)));
        }

        if (tail > 0)
        {
            TSimd.StorePartial(sums + body, TSimd.Add(TSimd.LoadPartial(sums + body, tail), TSimd.LoadPartial(values + body, tail)), tail);
        }
    }

    /// <summary>Copies <paramref name="count"/> columns of some rows next to each other, zeros beyond them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(float* input, long stride, int rows, int count, int columns, float* packed)
    {
        int width = TSimd.Width;
        if (count == 2 * width)
        {
            for (int r = 0; r < rows; r++, input += stride, packed += columns)
            {
                TSimd.Store(packed, TSimd.Load(input));
                TSimd.Store(packed + width, TSimd.Load(input + width));
            }

            return;
        }

        int lower = Math.Min(count, width), upper = count - lower;
        int lowerColumns = Math.Min(columns, width), upperColumns = columns - lowerColumns;
        for (int r = 0; r < rows; r++, input += stride, packed += columns)
        {
            TSimd.StorePartial(packed, TSimd.LoadPartial(input, lower), lowerColumns);
            TSimd.StorePartial(packed + lowerColumns, TSimd.LoadPartial(input + lower, upper), upperColumns);
        }
    }
}

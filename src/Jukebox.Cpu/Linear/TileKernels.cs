using System.Runtime.CompilerServices;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Linear;

/// <summary>
/// A linear layer of several rows. A few rows read the weights where they lie, each once; many rows share panels of
/// weights packed for the second-level cache. Either way every sum is one chain over the input channels in order.
/// </summary>
internal static unsafe partial class TileKernels<TSimd, TVector, TStorage>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
    where TStorage : IStorage
{
    /// <summary>Output channels of a panel: the width of a register tile.</summary>
    private static int PanelWidth
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * TSimd.Width;
    }

    /// <summary>
    /// Few rows: a strip of columns is read in place, some input channels at a time, so that a page of memory is visited
    /// once for all its columns; the tiles' sums wait in the cache meanwhile.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunInPlace(void* argument, int part, int worker)
    {
        ref LinearJob job = ref *(LinearJob*)argument;
        int first = part * job.ColumnsPerPart, end = Math.Min(first + job.ColumnsPerPart, job.OutputWidth);
        int whole = first + ((end - first) / PanelWidth * PanelWidth), padded = CpuTiles.PaddedRows(TSimd.TileRows, job.RowCount);
        float* sums = job.WorkerScratch + (worker * job.WorkerScratchFloats);
        long stride = (long)job.OutputWidth * TStorage.LengthBytes, panelSums = (long)padded * PanelWidth;
        for (int k = 0; k < job.InputWidth; k += job.InputBlock)
        {
            int depth = Math.Min(job.InputBlock, job.InputWidth - k);
            byte* weight = job.Weight + (k * stride) + ((long)first * TStorage.LengthBytes);
            float* target = sums;
            for (int column = first; column < whole; column += PanelWidth, weight += PanelWidth * TStorage.LengthBytes, target += panelSums)
            {
                for (int row = 0; row < padded;)
                {
                    int rows = CpuTiles.Rows(TSimd.TileRows, job.RowCount - row);
                    float* x = job.PackedInput + ((long)row * job.InputWidth) + ((long)k * rows);
                    Add(rows, x, weight, stride, depth, target + ((long)row * PanelWidth), k == 0, depth * stride);
                    row += rows;
                }
            }
        }

        float* last = sums + ((whole - first) / PanelWidth * panelSums);
        if (whole < end)
        {
            AddLastPanel(ref job, whole, end - whole, padded, last + panelSums, last);
        }

        for (int column = first; column < end; column += PanelWidth, sums += panelSums)
        {
            StoreTile(ref job, sums, 0, job.RowCount, column, Math.Min(PanelWidth, end - column));
        }
    }

    /// <summary>The columns beyond the last whole panel, padded with zeros in <paramref name="panel"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddLastPanel(ref LinearJob job, int column, int count, int padded, float* panel, float* sums)
    {
        PackPanel(job.Weight + ((long)column * TStorage.LengthBytes), (long)job.OutputWidth * TStorage.LengthBytes, job.InputWidth, count, panel);
        for (int row = 0; row < padded;)
        {
            int rows = CpuTiles.Rows(TSimd.TileRows, job.RowCount - row);
            float* x = job.PackedInput + ((long)row * job.InputWidth);
            TileKernels<TSimd, TVector, PackedStorage>.Add(
                rows, x, (byte*)panel, PanelWidth * sizeof(float), job.InputWidth, sums + ((long)row * PanelWidth), true, 0);
            row += rows;
        }
    }

    /// <summary>
    /// Many rows: some input channels of some panels are packed for the second-level cache, then groups of row tiles pass over them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunPacked(void* argument, int part, int worker)
    {
        ref LinearJob job = ref *(LinearJob*)argument;
        int first = part % job.ColumnParts * job.ColumnsPerPart, end = Math.Min(first + job.ColumnsPerPart, job.OutputWidth);
        int tileRows = TSimd.TileRows, groupRows = job.TilesPerGroup * tileRows, partRows = job.TilesPerPart * tileRows;
        float* room = job.WorkerScratch + (worker * job.WorkerScratchFloats);
        float* sums = job.Sums == null ? room : job.Sums + ((long)part * partRows * job.ColumnsPerPart);
        float* panels;
        if (job.Panels != null)
        {
            panels = job.Panels + ((long)first * job.PanelInputs);
        }
        else
        {
            panels = room + (job.Sums == null ? (long)groupRows * job.ColumnsPerPart : 0);
            PackPanels(ref job, first, end, panels);
        }

        int firstRow = part / job.ColumnParts * partRows, endRow = Math.Min(firstRow + partRows, job.RowCount);
        for (int row = firstRow; row < endRow; row += groupRows)
        {
            RunGroup(ref job, row, Math.Min(row + groupRows, endRow), first, end, panels, sums);
            sums += job.Sums == null ? 0 : (long)groupRows * job.ColumnsPerPart;
        }
    }

    /// <summary>
    /// Some rows times some panels: sums are (panel, tile, rows of a tile, panel width). With several tiles an input block of a panel stays in the first-level
    /// cache for all of them, and their rows and sums in the second-level one; a single tile's rows stay in the first-level cache for all panels.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunGroup(ref LinearJob job, int firstRow, int endRow, int first, int end, float* panels, float* sums)
    {
        int tileRows = TSimd.TileRows, tileFloats = tileRows * PanelWidth;
        long panelFloats = (long)job.PanelInputs * PanelWidth;
        for (int k = 0; k < job.PanelInputs; k += job.InputBlock)
        {
            int depth = Math.Min(job.InputBlock, job.PanelInputs - k), input = job.FirstInput + k;
            float* weight = panels + ((long)k * PanelWidth), target = sums;
            for (int column = first; column < end; column += PanelWidth, weight += panelFloats)
            {
                for (int row = firstRow; row < endRow; row += tileRows, target += tileFloats)
                {
                    int rows = CpuTiles.Rows(tileRows, job.RowCount - row);
                    float* x = job.PackedInput + ((long)row * job.InputWidth) + ((long)input * rows);
                    TileKernels<TSimd, TVector, PackedStorage>.Add(rows, x, (byte*)weight, PanelWidth * sizeof(float), depth, target, input == 0, 0);
                }
            }
        }

        for (int column = first; column < end && job.FirstInput + job.PanelInputs == job.InputWidth; column += PanelWidth)
        {
            for (int row = firstRow; row < endRow; row += tileRows, sums += tileFloats)
            {
                StoreTile(ref job, sums, row, Math.Min(tileRows, endRow - row), column, Math.Min(PanelWidth, end - column));
            }
        }
    }

    /// <summary>Widens some input channels of some panels to singles, (panel, <see cref="LinearJob.PanelInputs"/>, panel width), zeros beyond the last column.</summary>
    private static void PackPanels(ref LinearJob job, int first, int end, float* panels)
    {
        long stride = (long)job.OutputWidth * TStorage.LengthBytes;
        byte* weight = job.Weight + (job.FirstInput * stride);
        for (int column = first; column < end; column += PanelWidth, panels += (long)job.PanelInputs * PanelWidth)
        {
            PackPanel(weight + ((long)column * TStorage.LengthBytes), stride, job.PanelInputs, Math.Min(PanelWidth, end - column), panels);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackPanel(byte* weight, long stride, int inputs, int columns, float* panel)
    {
        int width = TSimd.Width, lower = Math.Min(columns, width), upper = columns - lower;
        for (int k = 0; k < inputs; k++, weight += stride, panel += PanelWidth)
        {
            if (upper == width)
            {
                TSimd.Store(panel, TStorage.Load<TSimd, TVector>(weight));
                TSimd.Store(panel + width, TStorage.Load<TSimd, TVector>(weight + ((long)width * TStorage.LengthBytes)));
            }
            else
            {
                TSimd.Store(panel, Storage.LoadPartial<TSimd, TVector, TStorage>(weight, lower));
                TSimd.Store(panel + width, Storage.LoadPartial<TSimd, TVector, TStorage>(weight + ((long)lower * TStorage.LengthBytes), upper));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreTile(ref LinearJob job, float* sums, int row, int rows, int column, int count)
    {
        for (int r = 0; r < rows; r++)
        {
            LinearEpilogue<TSimd, TVector>.StoreRow(ref job, sums + (r * PanelWidth), row + r, column, count);
        }
    }
}

using System.Runtime.CompilerServices;
using Jukebox.Cpu.Linear;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Tokens;

/// <summary>The quantiser's search, over a codebook packed into panels of as many codes as a tile has columns.</summary>
internal unsafe struct NearestCodeJob
{
    public float* Input, Codebook;
    public int* Codes;
    public int RowCount, Width, CodeCount, PanelCount, RowsPerPart;

    /// <summary>(PanelCount, Width, columns): the codebook, transposed panel by panel.</summary>
    public float* Panels;

    /// <summary>(PanelCount · columns): Σ k², infinite where there is no code.</summary>
    public float* Norms;

    /// <summary>Rows, distances and a tile for each worker.</summary>
    public float* Scratch;
    public long ScratchPerWorker;
}

/// <summary>
/// Nearest codes by the expanded distance (Σ x² − 2 · x·k) + Σ k², each sum one chain in order of channels.
/// </summary>
internal static unsafe class NearestCodeKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Codes of a panel.</summary>
    public static int PanelCodes() => TileProduct<TSimd, TVector>.Columns;

    /// <summary>Floats of scratch that a worker needs.</summary>
    public static long ScratchFloats(int width, int panelCount) => TileProduct<TSimd, TVector>.Rows
        * ((long)width + ((panelCount + 1L) * TileProduct<TSimd, TVector>.Columns));

    /// <summary>Packs one panel of the codebook and its norms.</summary>
    public static void Pack(void* argument, int part, int worker)
    {
        ref NearestCodeJob job = ref *(NearestCodeJob*)argument;
        int columns = TileProduct<TSimd, TVector>.Columns, width = job.Width, first = part * columns;
        float* panel = job.Panels + ((long)first * width);
        for (int column = 0; column < columns; column++)
        {
            bool present = first + column < job.CodeCount;
            float* code = job.Codebook + ((long)(first + column) * width);
            float norm = present ? 0 : float.PositiveInfinity;
            for (int c = 0; c < width; c++)
            {
                float value = present ? code[c] : 0;
                panel[(c * columns) + column] = value;
                norm += value * value;
            }

            job.Norms[first + column] = norm;
        }
    }

    /// <summary>Finds the codes of <see cref="NearestCodeJob.RowsPerPart"/> rows.</summary>
    public static void Search(void* argument, int part, int worker)
    {
        ref NearestCodeJob job = ref *(NearestCodeJob*)argument;
        int tileRows = TileProduct<TSimd, TVector>.Rows;
        int end = Math.Min((part + 1) * job.RowsPerPart, job.RowCount);
        float* rows = job.Scratch + (worker * job.ScratchPerWorker);
        for (int first = part * job.RowsPerPart; first < end; first += tileRows)
        {
            SearchTile(in job, first, Math.Min(tileRows, end - first), rows);
        }
    }

    private static void SearchTile(in NearestCodeJob job, int first, int count, float* rows)
    {
        int tileRows = TileProduct<TSimd, TVector>.Rows, columns = TileProduct<TSimd, TVector>.Columns;
        int width = job.Width, bins = job.PanelCount * columns;
        float* distances = rows + (tileRows * width), tile = distances + (tileRows * bins);
        new Span<float>(rows, tileRows * width).Clear();
        new ReadOnlySpan<float>(job.Input + ((long)first * width), count * width).CopyTo(new Span<float>(rows, count * width));
        float* norms = stackalloc float[count];
        for (int row = 0; row < count; row++)
        {
            norms[row] = SumOfSquares(rows + (row * width), width);
        }

        for (int panel = 0; panel < job.PanelCount; panel++)
        {
            TileProduct<TSimd, TVector>.Compute(rows, width, job.Panels + ((long)panel * width * columns), width, tile);
            StoreDistances(tile, norms, count, job.Norms + (panel * columns), distances + (panel * columns), bins);
        }

        for (int row = 0; row < count; row++)
        {
            job.Codes[first + row] = IndexOfLargest(distances + ((long)row * bins), bins, job.CodeCount);
        }
    }

    private static float SumOfSquares(float* row, int width)
    {
        float sum = 0;
        for (int c = 0; c < width; c++)
        {
            sum += row[c] * row[c];
        }

        return sum;
    }

    /// <summary>Stores the distances negated, which rounds alike, because the vectors offer the largest lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StoreDistances(float* tile, float* norms, int count, float* codeNorms, float* distances, int bins)
    {
        int width = TSimd.Width;
        TVector code0 = TSimd.Load(codeNorms), code1 = TSimd.Load(codeNorms + width);
        for (int row = 0; row < count; row++, tile += 2 * width, distances += bins)
        {
            TVector norm = TSimd.Splat(norms[row]);
            TVector dot0 = TSimd.Load(tile), dot1 = TSimd.Load(tile + width);
            TSimd.Store(distances, TSimd.Subtract(TSimd.Subtract(TSimd.Add(dot0, dot0), norm), code0));
            TSimd.Store(distances + width, TSimd.Subtract(TSimd.Subtract(TSimd.Add(dot1, dot1), norm), code1));
        }
    }

    /// <summary>Index of the first code with the largest value; 0 where a row that is not finite has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int IndexOfLargest(float* values, int count, int codeCount)
    {
        TVector largest = TSimd.Load(values);
        for (int i = TSimd.Width; i < count; i += TSimd.Width)
        {
            largest = TSimd.Max(largest, TSimd.Load(values + i));
        }

        int bits = BitConverter.SingleToInt32Bits(TSimd.MaxLane(largest));
        return Math.Max(new ReadOnlySpan<int>(values, codeCount).IndexOf(bits), 0);
    }
}

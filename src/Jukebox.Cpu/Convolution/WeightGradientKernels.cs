using System.Runtime.CompilerServices;
using Jukebox.Cpu.Linear;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Convolution;

/// <summary>
/// Gradients of filters: block by block of positions, the patches are laid out as rows with ReLU and zero padding applied, and
/// the block's products are added to the piece's sums, a register tile at a time.
/// </summary>
internal static unsafe class WeightGradientKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Floats from row to row of a piece.</summary>
    public static int PaddedColumns(int columns) => RoundUp(columns, TSimd.Width);

    /// <summary>Floats of scratch that a worker needs.</summary>
    public static long ScratchFloats(int patchWidth, int plainWidth) =>
        (long)WeightGradientJob.BlockRows * (RowStride(patchWidth) + RowStride(plainWidth));

    /// <summary>Sums one piece.</summary>
    public static void Accumulate(void* argument, int part, int worker)
    {
        ref WeightGradientJob job = ref *(WeightGradientJob*)argument;
        float* patches = job.Scratch + (worker * job.ScratchPerWorker), copied = patches + ((long)WeightGradientJob.BlockRows * RowStride(job.PatchWidth));
        float* piece = job.Pieces + (part * job.PieceFloats);
        int start = part * job.RowsPerPiece, end = Math.Min(start + job.RowsPerPiece, job.RowCount);
        int patchStride = RowStride(job.PatchWidth), needed = job.PatchesAreColumns ? WeightGradientJob.TileRows : TSimd.Width;
        bool inPlace = job.PlainWidth % needed == 0 || job.GradientRowCount == 1;
        if (start >= end)
        {
            new Span<float>(piece, checked((int)job.PieceFloats)).Clear();
        }

        for (int first = start; first < end; first += WeightGradientJob.BlockRows)
        {
            int count = Math.Min(WeightGradientJob.BlockRows, end - first);
            PackPatches(in job, first, count, patches, patchStride);
            float* plain = job.Plain + ((long)first * job.PlainWidth);
            int plainStride = job.PlainWidth;
            if (!inPlace)
            {
                plainStride = RowStride(job.PlainWidth);
                CopyRows(plain, job.PlainWidth, count, copied, plainStride);
                plain = copied;
            }

            if (job.PatchesAreColumns)
            {
                Products(plain, plainStride, job.PlainWidth, patches, patchStride, job.PatchWidth, count, piece, job.PieceStride, first == start);
            }
            else
            {
                Products(patches, patchStride, job.PatchWidth, plain, plainStride, job.PlainWidth, count, piece, job.PieceStride, first == start);
            }
        }

        int firstBias = Math.Min(part * job.BiasRowsPerPiece, job.BiasRowCount), biasRows = Math.Min(job.BiasRowsPerPiece, job.BiasRowCount - firstBias);
        SumRows(job.Bias + ((long)firstBias * job.BiasWidth), job.BiasWidth, biasRows, BiasOf(in job, piece));
    }

    /// <summary>Adds the pieces of some rows to the gradient; the last part adds those of the bias.</summary>
    public static void AddPieces(void* argument, int part, int worker)
    {
        ref WeightGradientJob job = ref *(WeightGradientJob*)argument;
        int first = part * WeightGradientJob.AddedRows, end = Math.Min(first + WeightGradientJob.AddedRows, job.GradientRowCount);
        if (first >= job.GradientRowCount)
        {
            AddRun(in job, BiasOf(in job, job.Pieces), job.BiasGradient, job.BiasWidth);
            return;
        }

        for (int row = first; row < end; row++)
        {
            float* source = job.Pieces + ((long)row * job.PieceStride), target = job.Gradient + (row * job.RowTargetStride);
            for (int run = 0; run < job.RunCount; run++, source += job.RunLength, target += job.RunTargetStride)
            {
                AddRun(in job, source, target, job.RunLength);
            }
        }
    }

    private static float* BiasOf(in WeightGradientJob job, float* piece) =>
        piece + ((long)RoundUp(job.GradientRowCount, WeightGradientJob.TileRows) * job.PieceStride);

    /// <summary>target += scale · Σ over pieces, for consecutive sums of the first piece and those at their places in the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRun(in WeightGradientJob job, float* source, float* target, int count)
    {
        TVector scale = TSimd.Splat(job.Scale);
        for (int c = 0; c < count; c += TSimd.Width)
        {
            float* piece = source + c;
            TVector sum = TSimd.Zero;
            for (int i = 0; i < job.PieceCount; i++, piece += job.PieceFloats)
            {
                sum = TSimd.Add(sum, Lanes<TSimd, TVector>.Load(piece, count - c));
            }

            sum = TSimd.MultiplyAdd(scale, sum, Lanes<TSimd, TVector>.Load(target + c, count - c));
            Lanes<TSimd, TVector>.Store(target + c, sum, count - c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackPatches(in WeightGradientJob job, int firstRow, int count, float* patches, int stride)
    {
        PatchedSignal signal = job.Signal;
        int item = firstRow / job.PlainLength, position = firstRow % job.PlainLength, width = signal.Width;
        float* values = signal.Values + ((long)item * signal.Length * width);
        for (int row = 0; row < count; row++, position++, patches += stride)
        {
            if (position == job.PlainLength)
            {
                position = 0;
                values += (long)signal.Length * width;
            }

            float* target = patches;
            int at = (position * signal.Step) - signal.Padding;
            for (int tap = 0; tap < signal.Taps; tap++, at += signal.TapStep, target += width)
            {
                if ((uint)at < (uint)signal.Length)
                {
                    ConvKernels<TSimd, TVector>.CopyRow(values + ((long)at * width), target, width, signal.Relu);
                }
                else
                {
                    new Span<float>(target, width).Clear();
                }
            }
        }
    }

    private static void CopyRows(float* source, int width, int count, float* target, int stride)
    {
        for (int row = 0; row < count; row++, source += width, target += stride)
        {
            ConvKernels<TSimd, TVector>.CopyRow(source, target, width, relu: false);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumRows(float* rows, int width, int count, float* sums)
    {
        for (int c = 0; c < width; c += TSimd.Width)
        {
            TVector sum = TSimd.Zero;
            float* value = rows + c;
            for (int row = 0; row < count; row++, value += width)
            {
                sum = TSimd.Add(sum, Lanes<TSimd, TVector>.Load(value, width - c));
            }

            Lanes<TSimd, TVector>.Store(sums + c, sum, width - c);
        }
    }

    /// <summary>sums (rows, columns) = or += Σ over <paramref name="count"/> positions of a (positions, rows) ᵀ · b (positions, columns).</summary>
    private static void Products(
        float* a, int strideA, int rows, float* b, int strideB, int columns, int count, float* sums, int stride, bool first)
    {
        int width = TSimd.Width;
        if (rows == 1)
        {
            OuterTiles<TSimd, TVector>.SingleRow(a, strideA, b, strideB, columns, count, sums, first);
            return;
        }

        for (int row = 0; row < rows; row += WeightGradientJob.TileRows)
        {
            int column = 0;
            for (; column + width < columns; column += 2 * width)
            {
                OuterTiles<TSimd, TVector>.TwoVectors(a + row, strideA, b + column, strideB, count, sums + ((long)row * stride) + column, stride, first);
            }

            if (column < columns)
            {
                OuterTiles<TSimd, TVector>.OneVector(a + row, strideA, b + column, strideB, count, sums + ((long)row * stride) + column, stride, first);
            }
        }
    }

    private static int RowStride(int width) => ConvKernels<TSimd, TVector>.RowStride(width);

    private static int RoundUp(int value, int step) => (value + step - 1) / step * step;
}

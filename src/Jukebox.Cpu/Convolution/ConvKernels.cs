using System.Runtime.CompilerServices;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Linear;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Convolution;

/// <summary>
/// A convolution, or the convolutions that a transposed one consists of: output positions phase, phase +
/// <see cref="OutputStep"/>, … each use the same taps. A part is <see cref="RowsPerPart"/> of them of every phase of an item.
/// </summary>
internal unsafe struct ConvJob
{
    public float* Input, Output, Residual, Bias;
    public byte* Weight;
    public ElementType WeightType;
    public int InputLength, OutputLength, InputWidth, OutputWidth, Taps;

    /// <summary>Positions of the input from one output of a phase to the next, and from one tap to the next.</summary>
    public int InputStep, TapInputStep;

    /// <summary>Distance of the outputs of a phase, which is also the number of phases and the distance of their taps.</summary>
    public int OutputStep;

    public int Padding;
    public bool Transposed, Relu;
    public float Scale;

    /// <summary>(N, T′, Cout): where it is not greater than zero the scaled sums count as zero; or null.</summary>
    public float* Gate;

    /// <summary>The second convolution of a residual block, whose first this job is; none for other jobs.</summary>
    public byte* PointWeight;
    public float* PointBias;
    public ElementType PointType;
    public int ResidualShift;

    public int RowsPerPart, PartsPerItem;
    public float* Scratch;
    public long ScratchPerWorker;
}

/// <summary>What one phase of a <see cref="ConvJob"/> reads and writes.</summary>
/// <param name="RowCount">Output positions.</param>
/// <param name="FirstOutput">First of them.</param>
/// <param name="FirstTap">First tap of the weights.</param>
/// <param name="TapCount">Number of taps.</param>
/// <param name="FirstInput">Input position of the first output at the first tap.</param>
internal readonly record struct ConvPhase(int RowCount, int FirstOutput, int FirstTap, int TapCount, int FirstInput);

/// <summary>
/// Convolutions as matrix products: the inputs of a few hundred output positions are laid out as rows of taps ·
/// channels, with ReLU and zero padding applied, and multiplied by panels of the weights.
/// </summary>
internal static unsafe partial class ConvKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Floats of scratch that a worker needs; <paramref name="hidden"/> is 0 but for residual blocks.</summary>
    public static long ScratchFloats(int depth, int hidden, int rowsPerPart) =>
        (TileProduct<TSimd, TVector>.Rows * TileProduct<TSimd, TVector>.Columns)
        + ((long)Math.Max(depth, hidden) * TileProduct<TSimd, TVector>.Columns)
        + ((long)(RoundUp(rowsPerPart + 1, TileProduct<TSimd, TVector>.Rows) + 1) * (RowStride(depth) + RowStride(hidden)));

    /// <summary>Computes one part.</summary>
    public static void Run(void* argument, int part, int worker)
    {
        ref ConvJob job = ref *(ConvJob*)argument;
        int item = part / job.PartsPerItem, first = part % job.PartsPerItem * job.RowsPerPart;
        ConvPhase firstPhase = PhaseOf(in job, 0), lastPhase = PhaseOf(in job, job.OutputStep - 1);
        int rows = Math.Min(job.RowsPerPart, firstPhase.RowCount - first);
        int columns = TileProduct<TSimd, TVector>.Columns, tileRows = TileProduct<TSimd, TVector>.Rows;
        float* tile = job.Scratch + (worker * job.ScratchPerWorker), panel = tile + (tileRows * columns);
        bool residualBlock = job.PointWeight != null;
        float* packed = panel + ((long)Math.Max(job.Taps * job.InputWidth, residualBlock ? job.OutputWidth : 0) * columns);

        // The phases read the same rows, some of them one row further on.
        int taps = (job.Taps + job.OutputStep - 1) / job.OutputStep, depth = taps * job.InputWidth;
        int inputRows = rows + lastPhase.FirstInput - firstPhase.FirstInput;
        float* inputs = InPlaceInputs(in job, item, firstPhase.FirstInput + (first * job.InputStep), inputRows);
        int stride = inputs == null ? RowStride(depth) : job.InputStep * job.InputWidth;
        if (inputs == null)
        {
            inputs = packed;
            PackInputs(in job, item, firstPhase.FirstInput + (first * job.InputStep), taps, inputRows, inputs, stride);
        }

        if (residualBlock)
        {
            float* hidden = packed + ((long)RoundUp(rows, tileRows) * stride);
            HiddenProducts(in job, in firstPhase, rows, inputs, stride, depth, panel, tile, hidden);
            ConvJob second = PointwiseOf(in job, item);
            ConvPhase all = firstPhase with { FirstTap = 0, TapCount = 1 };
            Products(in second, in all, item, first, rows, hidden, RowStride(second.InputWidth), panel, tile);
        }
        else if (job.OutputWidth == 1 && job.WeightType == ElementType.F32 && job.OutputStep == 1)
        {
            DotProducts(in job, in firstPhase, item, first, rows, inputs, stride, depth);
        }
        else
        {
            for (int i = 0; i < job.OutputStep; i++)
            {
                ConvPhase phase = PhaseOf(in job, i);
                float* its = inputs + ((long)(phase.FirstInput - firstPhase.FirstInput) * stride);
                Products(in job, in phase, item, first, Math.Min(rows, phase.RowCount - first), its, stride, panel, tile);
            }
        }
    }

    /// <summary>The second convolution of a residual block over one item: hidden channels to channels, added to the input.</summary>
    private static ConvJob PointwiseOf(in ConvJob job, int item)
    {
        ConvJob second = job;
        second.Weight = job.PointWeight;
        second.WeightType = job.PointType;
        second.Bias = job.PointBias;
        second.InputWidth = job.OutputWidth;
        second.OutputWidth = job.InputWidth;
        second.Taps = 1;
        long first = ((long)item * job.InputLength) + job.ResidualShift - ((long)item * job.OutputLength);
        second.Residual = job.Input + (first * job.InputWidth);
        return second;
    }

    private static ConvPhase PhaseOf(in ConvJob job, int phase)
    {
        int rows = (job.OutputLength - phase + job.OutputStep - 1) / job.OutputStep;
        if (!job.Transposed)
        {
            return new ConvPhase(rows, 0, 0, job.Taps, -job.Padding);
        }

        // Output t takes input s through tap t + padding − s · stride.
        int firstTap = (phase + job.Padding) % job.OutputStep;
        int taps = Math.Max(0, (job.Taps - firstTap + job.OutputStep - 1) / job.OutputStep);
        return new ConvPhase(rows, phase, firstTap, taps, (phase + job.Padding - firstTap) / job.OutputStep);
    }

    private static void Products(
        in ConvJob job, in ConvPhase phase, int item, int first, int rows, float* inputs, int stride, float* panel, float* tile)
    {
        int tileRows = TileProduct<TSimd, TVector>.Rows, depth = phase.TapCount * job.InputWidth;
        for (int column = 0; column < job.OutputWidth; column += TileProduct<TSimd, TVector>.Columns)
        {
            PackPanel(in job, in phase, column, panel);
            for (int row = 0; row < rows; row += tileRows)
            {
                MultiplyTile(inputs + ((long)row * stride), stride, panel, depth, tile, job.OutputWidth - column);
                StoreTile(in job, in phase, item, first + row, Math.Min(tileRows, rows - row), column, tile);
            }
        }
    }

    /// <summary>hidden = ReLU(inputs · weights + bias), laid out as the inputs of the next product.</summary>
    private static void HiddenProducts(
        in ConvJob job, in ConvPhase phase, int rows, float* inputs, int stride, int depth, float* panel, float* tile, float* hidden)
    {
        int tileRows = TileProduct<TSimd, TVector>.Rows, columns = TileProduct<TSimd, TVector>.Columns;
        int hiddenStride = RowStride(job.OutputWidth);
        for (int column = 0; column < job.OutputWidth; column += columns)
        {
            PackPanel(in job, in phase, column, panel);
            int available = job.OutputWidth - column, width = TSimd.Width;
            TVector bias0 = TSimd.LoadPartial(job.Bias + column, Math.Min(available, width));
            TVector bias1 = TSimd.LoadPartial(job.Bias + column + Math.Min(available, width), Math.Clamp(available - width, 0, width));
            for (int row = 0; row < rows; row += tileRows)
            {
                MultiplyTile(inputs + ((long)row * stride), stride, panel, depth, tile, available);
                StoreHidden(tile, bias0, bias1, hidden + ((long)row * hiddenStride) + column, hiddenStride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyTile(float* inputs, int stride, float* panel, int depth, float* tile, int availableColumns)
    {
        if (availableColumns > TSimd.Width)
        {
            TileProduct<TSimd, TVector>.Compute(inputs, stride, panel, depth, tile);
        }
        else
        {
            TileProduct<TSimd, TVector>.ComputeHalf(inputs, stride, panel, depth, tile);
        }
    }

    /// <summary>Stores a whole tile: the rows beyond the last and the channels beyond the width are scratch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StoreHidden(float* tile, TVector bias0, TVector bias1, float* hidden, int stride)
    {
        int width = TSimd.Width;
        for (int row = 0; row < TileProduct<TSimd, TVector>.Rows; row++, tile += 2 * width, hidden += stride)
        {
            TSimd.Store(hidden, TSimd.Max(TSimd.Add(TSimd.Load(tile), bias0), TSimd.Zero));
            TSimd.Store(hidden + width, TSimd.Max(TSimd.Add(TSimd.Load(tile + width), bias1), TSimd.Zero));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StoreTile(in ConvJob job, in ConvPhase phase, int item, int first, int rows, int column, float* tile)
    {
        TVector scale = TSimd.Splat(job.Scale);
        for (int v = 0; v < 2 && column < job.OutputWidth; v++, column += TSimd.Width, tile += TSimd.Width)
        {
            int count = Math.Min(TSimd.Width, job.OutputWidth - column);
            bool whole = count == TSimd.Width;
            TVector bias = whole ? TSimd.Load(job.Bias + column) : TSimd.LoadPartial(job.Bias + column, count);
            for (int row = 0; row < rows; row++)
            {
                long position = ((long)item * job.OutputLength) + phase.FirstOutput + ((long)(first + row) * job.OutputStep);
                long index = (position * job.OutputWidth) + column;
                TVector sum = TSimd.Add(TSimd.Load(tile + (row * 2 * TSimd.Width)), bias);
                sum = TSimd.Multiply(sum, scale);
                if (whole)
                {
                    sum = job.Gate == null ? sum : TSimd.Gate(sum, TSimd.Load(job.Gate + index));
                    sum = job.Residual == null ? sum : TSimd.Add(sum, TSimd.Load(job.Residual + index));
                    TSimd.Store(job.Output + index, sum);
                }
                else
                {
                    sum = job.Gate == null ? sum : TSimd.Gate(sum, TSimd.LoadPartial(job.Gate + index, count));
                    sum = job.Residual == null ? sum : TSimd.Add(sum, TSimd.LoadPartial(job.Residual + index, count));
                    TSimd.StorePartial(job.Output + index, sum, count);
                }
            }
        }
    }

    /// <summary>
    /// A single output channel, as the last layer of a decoder has: sums over lanes, since a panel would be nearly empty.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DotProducts(
        in ConvJob job, in ConvPhase phase, int item, int first, int rows, float* inputs, int stride, int depth)
    {
        float* weight = (float*)job.Weight;
        int body = depth - (depth % TSimd.Width);
        for (int row = 0; row < rows; row++, inputs += stride)
        {
            TVector sum = TSimd.Zero;
            for (int k = 0; k < body; k += TSimd.Width)
            {
                sum = TSimd.MultiplyAdd(TSimd.Load(inputs + k), TSimd.Load(weight + k), sum);
            }

            TVector last = TSimd.LoadPartial(weight + body, depth - body);
            sum = TSimd.MultiplyAdd(TSimd.LoadPartial(inputs + body, depth - body), last, sum);
            long position = ((long)item * job.OutputLength) + phase.FirstOutput + ((long)(first + row) * job.OutputStep);
            float value = job.Scale * (TSimd.Sum(sum) + *job.Bias);
            value = job.Gate == null || job.Gate[position] > 0 ? value : 0;
            job.Output[position] = job.Residual == null ? value : job.Residual[position] + value;
        }
    }

    /// <summary>
    /// An odd number of cache lines, so that the rows of a tile do not all fall into the same sets of the cache.
    /// </summary>
    public static int RowStride(int depth) => RoundUp(depth, 32) + 16;

    private static int RoundUp(int value, int step) => (value + step - 1) / step * step;
}

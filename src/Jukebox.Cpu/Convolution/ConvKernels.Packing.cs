using System.Runtime.CompilerServices;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Linear;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Convolution;

/// <summary>Inputs and weights of a part as its matrix products read them.</summary>
internal static unsafe partial class ConvKernels<TSimd, TVector>
{
    /// <summary>Widest stride of rows that are read where they lie, in floats.</summary>
    private const int InPlaceStrideLimit = 128;

    /// <summary>
    /// The rows of taps · channels where they lie in the signal: with neither ReLU nor gaps between the taps a row is
    /// consecutive there. Null where a row would reach beyond the signal, and for wide rows, which lie in the same sets
    /// of the cache.
    /// </summary>
    private static float* InPlaceInputs(in ConvJob job, int item, int firstPosition, int rows)
    {
        int padded = RoundUp(rows, TileProduct<TSimd, TVector>.Rows);
        bool consecutive = !job.Relu && !job.Transposed && (job.TapInputStep == 1 || job.Taps == 1) && job.InputStep * job.InputWidth <= InPlaceStrideLimit;
        bool within = firstPosition >= 0 && firstPosition + ((long)(padded - 1) * job.InputStep) + job.Taps <= job.InputLength;
        return consecutive && within ? job.Input + ((((long)item * job.InputLength) + firstPosition) * job.InputWidth) : null;
    }

    /// <summary>Lays out rows of taps · channels, and one more than whole tiles of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackInputs(in ConvJob job, int item, int firstPosition, int taps, int rows, float* inputs, int stride)
    {
        int width = job.InputWidth, padded = RoundUp(rows, TileProduct<TSimd, TVector>.Rows) + 1;
        float* signal = job.Input + ((long)item * job.InputLength * width);
        for (int row = 0; row < padded; row++)
        {
            float* target = inputs + ((long)row * stride);
            int position = firstPosition + (row * job.InputStep);
            for (int tap = 0; tap < taps; tap++, target += width, position += job.TapInputStep)
            {
                if (row < rows && (uint)position < (uint)job.InputLength)
                {
                    CopyRow(signal + ((long)position * width), target, width, job.Relu);
                }
                else
                {
                    new Span<float>(target, width).Clear();
                }
            }
        }
    }

    /// <summary>Copies a row, clamped at zero where asked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyRow(float* source, float* target, int width, bool relu)
    {
        int c = 0;
        if (relu)
        {
            for (; c <= width - TSimd.Width; c += TSimd.Width)
            {
                TSimd.Store(target + c, TSimd.Max(TSimd.Load(source + c), TSimd.Zero));
            }

            for (; c < width; c++)
            {
                target[c] = source[c] > 0 ? source[c] : 0;
            }

            return;
        }

        for (; c <= width - TSimd.Width; c += TSimd.Width)
        {
            TSimd.Store(target + c, TSimd.Load(source + c));
        }

        for (; c < width; c++)
        {
            target[c] = source[c];
        }
    }

    /// <summary>The phase's taps of the weights from a column on, as singles, zeros beyond the last column.</summary>
    private static void PackPanel(in ConvJob job, in ConvPhase phase, int column, float* panel)
    {
        switch (job.WeightType)
        {
            case ElementType.F32:
                PackPanel<SingleStorage>(in job, in phase, column, panel);
                break;
            case ElementType.F16:
                PackPanel<HalfStorage>(in job, in phase, column, panel);
                break;
            default:
                PackPanel<BFloat16Storage>(in job, in phase, column, panel);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackPanel<TStorage>(in ConvJob job, in ConvPhase phase, int column, float* panel)
        where TStorage : IStorage
    {
        int columns = TileProduct<TSimd, TVector>.Columns, width = TSimd.Width, available = job.OutputWidth - column;
        for (int tap = 0; tap < phase.TapCount; tap++)
        {
            long firstRow = (long)(phase.FirstTap + (tap * job.OutputStep)) * job.InputWidth;
            byte* source = job.Weight + (((firstRow * job.OutputWidth) + column) * TStorage.LengthBytes);
            for (int i = 0; i < job.InputWidth; i++, source += (long)job.OutputWidth * TStorage.LengthBytes, panel += columns)
            {
                if (available >= columns)
                {
                    TSimd.Store(panel, TStorage.Load<TSimd, TVector>(source));
                    TSimd.Store(panel + width, TStorage.Load<TSimd, TVector>(source + (width * TStorage.LengthBytes)));
                }
                else
                {
                    for (int c = 0; c < columns; c++)
                    {
                        panel[c] = c < available ? TStorage.Read(source + (c * TStorage.LengthBytes)) : 0;
                    }
                }
            }
        }
    }
}

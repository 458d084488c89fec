using System.Runtime.CompilerServices;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Linear;

/// <summary>One call of a linear layer, and how it is cut into parts.</summary>
internal unsafe struct LinearJob
{
    /// <summary>(R, Cin).</summary>
    public float* Input;

    /// <summary>(Cin, Cout), or (Cout, Cin) for <see cref="DotKernels{TSimd, TVector, TStorage}"/>.</summary>
    public byte* Weight;

    /// <summary>(Cout), or null.</summary>
    public float* Bias;

    /// <summary>(R, Cout), or null; may be <see cref="Output"/>.</summary>
    public float* Residual;

    /// <summary>(R, Cout).</summary>
    public float* Output;

    public int RowCount, InputWidth, OutputWidth;
    public bool Gelu;

    /// <summary>Output channels of a part; the parts of one row range lie side by side.</summary>
    public int ColumnsPerPart, ColumnParts;

    /// <summary>Row tiles of a part, for packed panels, and those of them that pass over an input block of a panel one after the other.</summary>
    public int TilesPerPart, TilesPerGroup;

    /// <summary>Input rows interleaved by tile: (tile, Cin, tile rows).</summary>
    public float* PackedInput;

    /// <summary>Weights packed beforehand, (panel, <see cref="PanelInputs"/>, panel width), or null where each part packs those that it reads.</summary>
    public float* Panels;

    /// <summary>The input channels that are multiplied now, with those of all columns; then come the next.</summary>
    public int FirstInput, PanelInputs;

    /// <summary>Where sums wait for the next input channels, by part; null where there are none.</summary>
    public float* Sums;

    /// <summary>Input channels between two visits of a tile's partial sums.</summary>
    public int InputBlock;

    public float* WorkerScratch;
    public long WorkerScratchFloats;
}

/// <summary>What happens to a sum on its way to memory, the same in every kernel.</summary>
internal static unsafe class LinearEpilogue<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>output = residual + activation(sum + bias) for <paramref name="count"/> lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ref LinearJob job, TVector sum, int row, int column, int count)
    {
        long at = ((long)row * job.OutputWidth) + column;
        if (job.Bias != null)
        {
            sum = TSimd.Add(sum, Load(job.Bias + column, count));
        }

        if (job.Gelu)
        {
            sum = VectorMath<TSimd, TVector>.QuickGelu(sum);
        }

        if (job.Residual != null)
        {
            sum = TSimd.Add(Load(job.Residual + at, count), sum);
        }

        if (count == TSimd.Width)
        {
            TSimd.Store(job.Output + at, sum);
        }
        else
        {
            TSimd.StorePartial(job.Output + at, sum, count);
        }
    }

    /// <summary>Stores consecutive sums of one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRow(ref LinearJob job, float* sums, int row, int column, int count)
    {
        for (int c = 0; c < count; c += TSimd.Width)
        {
            Store(ref job, TSimd.Load(sums + c), row, column + c, Math.Min(TSimd.Width, count - c));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Load(float* source, int count) =>
        count == TSimd.Width ? TSimd.Load(source) : TSimd.LoadPartial(source, count);
}

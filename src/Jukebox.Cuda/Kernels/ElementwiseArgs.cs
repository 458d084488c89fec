using Jukebox.Core.Tensors;

namespace Jukebox.Cuda.Kernels;

/// <summary>Arguments of <c>elementwise_scaled_add</c>.</summary>
internal struct ElementwiseScaledAddArgs
{
    public ulong X;
    public ulong Delta;
    public ulong Y;
    public long Count;
    public float Scale;
}

/// <summary>Arguments of <c>elementwise_add_at</c>.</summary>
internal struct ElementwiseAddAtArgs
{
    /// <summary>(N, T, C) F32.</summary>
    public ulong X;

    /// <summary>(N, P, C) F32.</summary>
    public ulong Rows;

    /// <summary>(2) I32.</summary>
    public ulong Cursor;

    /// <summary>(N, T, C) F32.</summary>
    public ulong Y;

    /// <summary>T · C.</summary>
    public long Count;

    /// <summary>P.</summary>
    public int RowCount;

    /// <summary>C.</summary>
    public int Width;
}

/// <summary>Arguments of <c>elementwise_convert</c>; types are numbers of <see cref="ElementType"/>.</summary>
internal struct ElementwiseConvertArgs
{
    public ulong X;
    public ulong Y;
    public long Count;
    public int XType;
    public int YType;
}

/// <summary>Arguments of <c>elementwise_advance</c>.</summary>
internal struct ElementwiseAdvanceArgs
{
    /// <summary>(2) I32.</summary>
    public ulong Cursor;

    public int Count;
}

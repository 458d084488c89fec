namespace Jukebox.Cuda.Kernels;

/// <summary>Arguments of <c>nearest_code</c>.</summary>
internal struct NearestCodeArgs
{
    /// <summary>(R, C) F32.</summary>
    public ulong X;

    /// <summary>(K, C) F32.</summary>
    public ulong Codebook;

    /// <summary>(R) I32.</summary>
    public ulong Codes;

    /// <summary>R.</summary>
    public int RowCount;

    /// <summary>K.</summary>
    public int CodeCount;

    /// <summary>C.</summary>
    public int Width;
}

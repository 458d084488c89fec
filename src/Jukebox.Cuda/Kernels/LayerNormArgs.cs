namespace Jukebox.Cuda.Kernels;

/// <summary>Arguments of <c>layer_norm</c>.</summary>
internal struct LayerNormArgs
{
    /// <summary>(R, C) F32.</summary>
    public ulong X;

    /// <summary>(C) storage.</summary>
    public ulong Gain;

    /// <summary>(C) storage.</summary>
    public ulong Bias;

    /// <summary>(R, C) F32.</summary>
    public ulong Y;

    /// <summary>C.</summary>
    public int Width;
}

using Jukebox.Core.Tensors;

namespace Jukebox.Cuda.Kernels;

/// <summary>Arguments of <c>conv1d</c>; types are numbers of <see cref="ElementType"/>.</summary>
internal struct Conv1dArgs
{
    /// <summary>(N, T, Cin) F32.</summary>
    public ulong X;

    /// <summary>(taps, Cin, Cout).</summary>
    public ulong Weight;

    /// <summary>(Cout) F32.</summary>
    public ulong Bias;

    /// <summary>(N, T′, Cout) F32, or 0.</summary>
    public ulong Residual;

    /// <summary>(N, T′, Cout) F32.</summary>
    public ulong Y;

    /// <summary>Elements from one item's residual to the next.</summary>
    public long ResidualItem;

    public int WeightType;

    /// <summary>T.</summary>
    public int InputLength;

    /// <summary>T′.</summary>
    public int OutputLength;

    /// <summary>Cin.</summary>
    public int InputWidth;

    /// <summary>Cout.</summary>
    public int OutputWidth;

    public int Taps;
    public int Stride;
    public int Dilation;
    public int Padding;
    public int Relu;
    public float Scale;

    /// <summary>Not 0: four channels of x can be loaded at once.</summary>
    public int InputQuads;

    /// <summary>The same for the weights.</summary>
    public int WeightQuads;

    /// <summary>The same for bias, residual and y.</summary>
    public int OutputQuads;
}

/// <summary>Arguments of <c>conv1d_transposed</c>.</summary>
internal struct Conv1dTransposedArgs
{
    public Conv1dArgs Conv;
}

/// <summary>Arguments of <c>conv1d_residual_block</c>.</summary>
internal struct Conv1dResidualBlockArgs
{
    /// <summary>The dilated filter: Cout is the hidden channels; the residual is x from the shift on.</summary>
    public Conv1dArgs Conv;

    /// <summary>(1, Cout, Cin).</summary>
    public ulong PointWeight;

    /// <summary>(Cin) F32.</summary>
    public ulong PointBias;

    public int PointType;

    /// <summary>Not 0: four of its channels can be loaded at once.</summary>
    public int PointQuads;
}

namespace Jukebox.Cuda.Kernels;

/// <summary>Arguments of <c>linear_pack</c>.</summary>
internal struct LinearPackArgs
{
    /// <summary>(Cin, Cout), or (Cout, Cin) if <see cref="OutputMajor"/>.</summary>
    public ulong Source;

    /// <summary>Storage, padded.</summary>
    public ulong Packed;

    /// <summary>Element type of the source.</summary>
    public int Type;

    /// <summary>Cin.</summary>
    public int Inputs;

    /// <summary>Cout.</summary>
    public int Outputs;

    /// <summary>Not 0: the source is (Cout, Cin).</summary>
    public int OutputMajor;
}

namespace Jukebox.Cuda.Kernels;

/// <summary>Arguments of <c>sample_tokens</c>.</summary>
internal struct SampleTokensArgs
{
    /// <summary>(N, K) F32.</summary>
    public ulong Logits;

    /// <summary>(N) I32.</summary>
    public ulong Items;

    /// <summary>(2) I32.</summary>
    public ulong Cursor;

    /// <summary>(N, P) I32.</summary>
    public ulong Tokens;

    /// <summary>(R, N) I32.</summary>
    public ulong Drawn;

    public ulong Seed;
    public float Temperature;

    /// <summary>0 for none.</summary>
    public float TopP;

    /// <summary>0 for none.</summary>
    public int TopK;

    public int Level;

    /// <summary>K.</summary>
    public int Count;

    /// <summary>P.</summary>
    public int TokenCount;

    /// <summary>R.</summary>
    public int RingLength;

    /// <summary>Not 0: a row has room in shared memory.</summary>
    public int InShared;
}

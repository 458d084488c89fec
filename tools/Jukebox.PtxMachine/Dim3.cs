namespace Jukebox.PtxMachine;

/// <summary>Extents of a grid or a block, or an index into one.</summary>
public readonly record struct Dim3(int X, int Y = 1, int Z = 1)
{
    /// <summary>Elements in all.</summary>
    public long Count => (long)X * Y * Z;

    public override string ToString() => $"({X}, {Y}, {Z})";

    /// <summary>The index of the <paramref name="linear"/>-th element, x fastest.</summary>
    internal Dim3 At(long linear) => new((int)(linear % X), (int)(linear / X % Y), (int)(linear / X / Y));
}

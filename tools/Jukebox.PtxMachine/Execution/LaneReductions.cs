namespace Jukebox.PtxMachine.Execution;

// What redux.sync folds the lanes of a warp with.
internal readonly struct SumLanes : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => a + b;
}

internal readonly struct SmallestLaneU32 : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => Math.Min(a, b);
}

internal readonly struct SmallestLaneS32 : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => (uint)Math.Min((int)a, (int)b);
}

internal readonly struct LargestLaneU32 : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => Math.Max(a, b);
}

internal readonly struct LargestLaneS32 : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => (uint)Math.Max((int)a, (int)b);
}

internal readonly struct AndLanes : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => a & b;
}

internal readonly struct OrLanes : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => a | b;
}

internal readonly struct XorLanes : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => a ^ b;
}

namespace Jukebox.PtxMachine.Program;

/// <summary>The read-only registers that say who a thread is. Those of the block change with every block, the others with the launch.</summary>
internal enum SpecialRegister : byte
{
    ThreadX,
    ThreadY,
    ThreadZ,
    BlockThreadsX,
    BlockThreadsY,
    BlockThreadsZ,
    BlockX,
    BlockY,
    BlockZ,
    GridBlocksX,
    GridBlocksY,
    GridBlocksZ,
    Lane,
    Warp,
    Warps,
    Multiprocessor,
    Multiprocessors,
    LanesEqual,
    LanesLess,
    LanesLessOrEqual,
    LanesGreater,
    LanesGreaterOrEqual,
    DynamicSharedBytes,
    TotalSharedBytes,
}

internal static class SpecialRegisters
{
    public static SpecialRegister? Find(string name) => name switch
    {
        "%tid.x" => SpecialRegister.ThreadX,
        "%tid.y" => SpecialRegister.ThreadY,
        "%tid.z" => SpecialRegister.ThreadZ,
        "%ntid.x" => SpecialRegister.BlockThreadsX,
        "%ntid.y" => SpecialRegister.BlockThreadsY,
        "%ntid.z" => SpecialRegister.BlockThreadsZ,
        "%ctaid.x" => SpecialRegister.BlockX,
        "%ctaid.y" => SpecialRegister.BlockY,
        "%ctaid.z" => SpecialRegister.BlockZ,
        "%nctaid.x" => SpecialRegister.GridBlocksX,
        "%nctaid.y" => SpecialRegister.GridBlocksY,
        "%nctaid.z" => SpecialRegister.GridBlocksZ,
        "%laneid" => SpecialRegister.Lane,
        "%warpid" => SpecialRegister.Warp,
        "%nwarpid" => SpecialRegister.Warps,
        "%smid" => SpecialRegister.Multiprocessor,
        "%nsmid" => SpecialRegister.Multiprocessors,
        "%lanemask_eq" => SpecialRegister.LanesEqual,
        "%lanemask_lt" => SpecialRegister.LanesLess,
        "%lanemask_le" => SpecialRegister.LanesLessOrEqual,
        "%lanemask_gt" => SpecialRegister.LanesGreater,
        "%lanemask_ge" => SpecialRegister.LanesGreaterOrEqual,
        "%dynamic_smem_size" => SpecialRegister.DynamicSharedBytes,
        "%total_smem_size" => SpecialRegister.TotalSharedBytes,
        _ => null,
    };

    public static bool ChangesWithBlock(SpecialRegister register) => register is >= SpecialRegister.BlockX and <= SpecialRegister.BlockZ;

    /// <summary>What a thread reads; those of the block are filled in per block.</summary>
    public static uint Value(SpecialRegister register, in LaunchGeometry launch, int warp, int lane)
    {
        int thread = (warp * 32) + lane;
        return register switch
        {
            SpecialRegister.ThreadX => (uint)(thread % launch.Block.X),
            SpecialRegister.ThreadY => (uint)(thread / launch.Block.X % launch.Block.Y),
            SpecialRegister.ThreadZ => (uint)(thread / launch.Block.X / launch.Block.Y),
            SpecialRegister.BlockThreadsX => (uint)launch.Block.X,
            SpecialRegister.BlockThreadsY => (uint)launch.Block.Y,
            SpecialRegister.BlockThreadsZ => (uint)launch.Block.Z,
            SpecialRegister.GridBlocksX => (uint)launch.Grid.X,
            SpecialRegister.GridBlocksY => (uint)launch.Grid.Y,
            SpecialRegister.GridBlocksZ => (uint)launch.Grid.Z,
            SpecialRegister.Lane => (uint)lane,
            SpecialRegister.Warp => (uint)warp,
            SpecialRegister.Warps => (uint)launch.Warps,
            SpecialRegister.Multiprocessors => (uint)launch.Multiprocessors,
            SpecialRegister.LanesEqual => 1u << lane,
            SpecialRegister.LanesLess => (1u << lane) - 1,
            SpecialRegister.LanesLessOrEqual => (2u << lane) - 1,
            SpecialRegister.LanesGreater => ~((2u << lane) - 1),
            SpecialRegister.LanesGreaterOrEqual => ~((1u << lane) - 1),
            SpecialRegister.DynamicSharedBytes => (uint)launch.DynamicSharedBytes,
            SpecialRegister.TotalSharedBytes => (uint)launch.SharedBytes,
            _ => 0,
        };
    }
}

/// <summary>The shape of a launch.</summary>
internal readonly record struct LaunchGeometry(Dim3 Grid, Dim3 Block, int StaticSharedBytes, int DynamicSharedBytes, int Multiprocessors)
{
    public int Threads => (int)Block.Count;

    public int Warps => (Threads + 31) / 32;

    public int SharedBytes => StaticSharedBytes + DynamicSharedBytes;
}

namespace Jukebox.PtxMachine.Driver;

/// <summary>What <c>cuDeviceGetAttribute</c> says, by the attribute's number in <c>cuda.h</c>.</summary>
internal static class DeviceAttributes
{
    /// <summary>The value; none for a number that is not answered.</summary>
    public static int? Read(int attribute, DeviceOptions options)
    {
        Architecture limits = Architecture.Of(options.ComputeCapability);
        return attribute switch
        {
            1 => Architecture.ThreadsPerBlock,
            2 or 3 => Architecture.ThreadsPerBlock, // block, x and y
            4 => 64, // block, z
            5 => int.MaxValue, // grid, x
            6 or 7 => 65_535, // grid, y and z
            8 => Architecture.DefaultSharedBytes,
            9 => 65_536, // constant memory
            10 => 32, // warp
            11 => int.MaxValue, // pitch
            12 => 65_536, // registers per block
            13 => 1_000_000, // clock, kHz
            14 => 512, // texture alignment
            15 => 1, // copies beside kernels
            16 => options.MultiprocessorCount,
            17 => 0, // run time limit
            18 => 0, // integrated
            19 => 0, // host memory can be mapped
            20 => 0, // compute mode: default
            31 => 1, // concurrent kernels
            32 => 0, // error correction
            33 or 34 or 50 => 0, // PCI bus, device, domain
            36 => 0, // memory clock: there is no such memory
            37 => 0, // memory bus
            38 => 0, // second-level cache
            39 => limits.ThreadsPerMultiprocessor,
            40 => 1, // copy engines
            41 => 1, // unified addressing
            75 => options.ComputeCapability / 10,
            76 => options.ComputeCapability % 10,
            78 => 0, // stream priorities
            81 => limits.SharedBytesPerMultiprocessor,
            82 => 65_536, // registers per multiprocessor
            83 => 0, // managed memory
            97 => limits.SharedBytesPerBlock,
            106 => limits.BlocksPerMultiprocessor,
            111 => limits.SharedBytesPerBlock < limits.SharedBytesPerMultiprocessor ? 1024 : 0, // reserved shared memory per block
            _ => null,
        };
    }
}

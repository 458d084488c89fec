namespace Jukebox.Cuda.Driver;

/// <summary>Facts of a device (<c>CUdevice_attribute</c>) that are asked for.</summary>
public enum DeviceAttribute
{
    MaxSharedBytesPerBlock = 8,
    ClockKilohertz = 13,
    MultiprocessorCount = 16,
    MemoryClockKilohertz = 36,
    MemoryBusBits = 37,
    ComputeCapabilityMajor = 75,
    ComputeCapabilityMinor = 76,
    MaxSharedBytesPerBlockOptIn = 97,
}

/// <summary>Facts of a compiled kernel (<c>CUfunction_attribute</c>) that are asked for or set.</summary>
public enum FunctionAttribute
{
    MaxThreadsPerBlock = 0,
    StaticSharedBytes = 1,
    LocalBytes = 3,
    Registers = 4,
    MaxDynamicSharedBytes = 8,
}

/// <summary>Options of loading a module (<c>CUjit_option</c>).</summary>
public enum JitOption
{
    ErrorLogBuffer = 5,
    ErrorLogBufferBytes = 6,
}

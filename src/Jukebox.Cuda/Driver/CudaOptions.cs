using Jukebox.Core.Tensors;

namespace Jukebox.Cuda.Driver;

/// <summary>Which device, and how it is used.</summary>
public sealed record CudaOptions
{
    /// <summary>Set to 1, every launch waits for its kernel, so that a fault names the right one.</summary>
    public const string SynchronizeVariable = "JUKEBOX_CUDA_SYNCHRONIZE";

    /// <summary>Index of the device.</summary>
    public int Ordinal { get; init; }

    /// <summary>The driver, or none for the system's.</summary>
    public CudaDriver? Driver { get; init; }

    /// <summary>The compiler, or none for the system's.</summary>
    public Nvrtc? Compiler { get; init; }

    /// <summary>Whether to compile at all; otherwise the PTX that ships is used.</summary>
    public bool UseCompiler { get; init; } = true;

    /// <summary>Folder of compiled kernels, or none for the user's.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Storage of packed matrices: one type for all, or none for F16 where a file has F32 and the file's own otherwise.</summary>
    public ElementType? MatrixType { get; init; }

    /// <summary>Whether every launch waits for its kernel.</summary>
    public bool SynchronizeLaunches { get; init; } = Environment.GetEnvironmentVariable(SynchronizeVariable) == "1";

    /// <summary>Whether compiled kernels carry the lines of their source, for tools that name them.</summary>
    public bool LineInfo { get; init; }
}

using Jukebox.Core.Errors;

namespace Jukebox.Cuda.Driver;

/// <summary>A call of the driver or of the compiler that failed.</summary>
/// <param name="message">One sentence that says what was tried and what to do.</param>
/// <param name="call">Text of the native call, when there was one.</param>
/// <param name="code">What it returned.</param>
/// <param name="compilerLog">Everything the compiler said, when it was compiling.</param>
public sealed class CudaException(string message, string? call = null, CudaResult code = CudaResult.Success, string? compilerLog = null)
    : DeviceException(message)
{
    /// <summary>The native call as it stands in the source.</summary>
    public string? Call { get; } = call;

    /// <summary>What the driver returned.</summary>
    public CudaResult Code { get; } = code;

    /// <summary>The compiler's complete log.</summary>
    public string? CompilerLog { get; } = compilerLog;

    /// <summary>
    /// Whether the device is unusable for the rest of the process: a kernel faulted, or the device went away. Every later
    /// call on it returns the same code.
    /// </summary>
    public bool IsDeviceLost => Code is CudaResult.IllegalAddress or CudaResult.LaunchTimeout or CudaResult.IllegalInstruction
        or CudaResult.MisalignedAddress or CudaResult.LaunchFailed or CudaResult.EccUncorrectable or CudaResult.Deinitialized
        or CudaResult.DeviceUnavailable or CudaResult.InvalidContext or CudaResult.Unknown;
}

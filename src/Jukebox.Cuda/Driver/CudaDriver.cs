using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Jukebox.Cuda.Driver;

/// <summary>
/// The CUDA driver: the calls of its C interface that this project makes, filled by name from any source of functions.
/// Names are those that the library exports, so a call can be looked up in NVIDIA's manual; groups are the manual's.
/// </summary>
public sealed unsafe class CudaDriver
{
    /// <summary>What CUDA 12.0 brought: the oldest driver whose calls and PTX this project can rely on.</summary>
    public const int OldestVersion = 12000;

#pragma warning disable IDE1006 // Exact names of the C interface.

    // Initialisation, version, errors.
    public readonly delegate* unmanaged<uint, CudaResult> cuInit;
    public readonly delegate* unmanaged<int*, CudaResult> cuDriverGetVersion;
    public readonly delegate* unmanaged<CudaResult, byte**, CudaResult> cuGetErrorName;
    public readonly delegate* unmanaged<CudaResult, byte**, CudaResult> cuGetErrorString;

    // Devices.
    public readonly delegate* unmanaged<int*, CudaResult> cuDeviceGetCount;
    public readonly delegate* unmanaged<int*, int, CudaResult> cuDeviceGet;
    public readonly delegate* unmanaged<byte*, int, int, CudaResult> cuDeviceGetName;
    public readonly delegate* unmanaged<int*, DeviceAttribute, int, CudaResult> cuDeviceGetAttribute;
    public readonly delegate* unmanaged<nuint*, int, CudaResult> cuDeviceTotalMem_v2;

    // Contexts.
    public readonly delegate* unmanaged<nint*, int, CudaResult> cuDevicePrimaryCtxRetain;
    public readonly delegate* unmanaged<int, CudaResult> cuDevicePrimaryCtxRelease_v2;
    public readonly delegate* unmanaged<nint, CudaResult> cuCtxSetCurrent;

    // Modules.
    public readonly delegate* unmanaged<nint*, void*, uint, JitOption*, void**, CudaResult> cuModuleLoadDataEx;
    public readonly delegate* unmanaged<nint, CudaResult> cuModuleUnload;
    public readonly delegate* unmanaged<nint*, nint, byte*, CudaResult> cuModuleGetFunction;

    // Memory.
    public readonly delegate* unmanaged<nuint*, nuint*, CudaResult> cuMemGetInfo_v2;
    public readonly delegate* unmanaged<ulong*, nuint, CudaResult> cuMemAlloc_v2;
    public readonly delegate* unmanaged<ulong, CudaResult> cuMemFree_v2;
    public readonly delegate* unmanaged<void**, nuint, uint, CudaResult> cuMemHostAlloc;
    public readonly delegate* unmanaged<void*, CudaResult> cuMemFreeHost;
    public readonly delegate* unmanaged<ulong, void*, nuint, nint, CudaResult> cuMemcpyHtoDAsync_v2;
    public readonly delegate* unmanaged<void*, ulong, nuint, nint, CudaResult> cuMemcpyDtoHAsync_v2;
    public readonly delegate* unmanaged<ulong, ulong, nuint, nint, CudaResult> cuMemcpyDtoDAsync_v2;
    public readonly delegate* unmanaged<ulong, byte, nuint, nint, CudaResult> cuMemsetD8Async;

    // Streams.
    public readonly delegate* unmanaged<nint*, uint, CudaResult> cuStreamCreate;
    public readonly delegate* unmanaged<nint, CudaResult> cuStreamDestroy_v2;
    public readonly delegate* unmanaged<nint, CudaResult> cuStreamSynchronize;
    public readonly delegate* unmanaged<nint, int, CudaResult> cuStreamBeginCapture_v2;
    public readonly delegate* unmanaged<nint, nint*, CudaResult> cuStreamEndCapture;

    // Events.
    public readonly delegate* unmanaged<nint*, uint, CudaResult> cuEventCreate;
    public readonly delegate* unmanaged<nint, CudaResult> cuEventDestroy_v2;
    public readonly delegate* unmanaged<nint, nint, CudaResult> cuEventRecord;
    public readonly delegate* unmanaged<nint, CudaResult> cuEventSynchronize;
    public readonly delegate* unmanaged<float*, nint, nint, CudaResult> cuEventElapsedTime;

    // Execution.
    public readonly delegate* unmanaged<int*, FunctionAttribute, nint, CudaResult> cuFuncGetAttribute;
    public readonly delegate* unmanaged<nint, FunctionAttribute, int, CudaResult> cuFuncSetAttribute;
    public readonly delegate* unmanaged<int*, nint, int, nuint, CudaResult> cuOccupancyMaxActiveBlocksPerMultiprocessor;
    public readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaResult> cuLaunchKernel;

    // Graphs.
    public readonly delegate* unmanaged<nint*, nint, ulong, CudaResult> cuGraphInstantiateWithFlags;
    public readonly delegate* unmanaged<nint, nint, CudaResult> cuGraphLaunch;
    public readonly delegate* unmanaged<nint, CudaResult> cuGraphExecDestroy;
    public readonly delegate* unmanaged<nint, CudaResult> cuGraphDestroy;

    /// <summary>Fills the table and initialises the driver.</summary>
    /// <param name="function">Address of the function of a name, or 0.</param>
    /// <param name="origin">Where the functions come from, for messages: a library's path.</param>
    /// <exception cref="CudaException">The driver is too old, or will not start.</exception>
    public CudaDriver(Func<string, nint> function, string origin)
    {
        Origin = origin;
        cuDriverGetVersion = (delegate* unmanaged<int*, CudaResult>)Find(nameof(cuDriverGetVersion));
        cuGetErrorName = (delegate* unmanaged<CudaResult, byte**, CudaResult>)Find(nameof(cuGetErrorName));
        cuGetErrorString = (delegate* unmanaged<CudaResult, byte**, CudaResult>)Find(nameof(cuGetErrorString));
        Version = ReadVersion();

        cuInit = (delegate* unmanaged<uint, CudaResult>)Find(nameof(cuInit));
        cuDeviceGetCount = (delegate* unmanaged<int*, CudaResult>)Find(nameof(cuDeviceGetCount));
        cuDeviceGet = (delegate* unmanaged<int*, int, CudaResult>)Find(nameof(cuDeviceGet));
        cuDeviceGetName = (delegate* unmanaged<byte*, int, int, CudaResult>)Find(nameof(cuDeviceGetName));
        cuDeviceGetAttribute = (delegate* unmanaged<int*, DeviceAttribute, int, CudaResult>)Find(nameof(cuDeviceGetAttribute));
        cuDeviceTotalMem_v2 = (delegate* unmanaged<nuint*, int, CudaResult>)Find(nameof(cuDeviceTotalMem_v2));
        cuDevicePrimaryCtxRetain = (delegate* unmanaged<nint*, int, CudaResult>)Find(nameof(cuDevicePrimaryCtxRetain));
        cuDevicePrimaryCtxRelease_v2 = (delegate* unmanaged<int, CudaResult>)Find(nameof(cuDevicePrimaryCtxRelease_v2));
        cuCtxSetCurrent = (delegate* unmanaged<nint, CudaResult>)Find(nameof(cuCtxSetCurrent));
        cuModuleLoadDataEx = (delegate* unmanaged<nint*, void*, uint, JitOption*, void**, CudaResult>)Find(nameof(cuModuleLoadDataEx));
        cuModuleUnload = (delegate* unmanaged<nint, CudaResult>)Find(nameof(cuModuleUnload));
        cuModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, CudaResult>)Find(nameof(cuModuleGetFunction));
        cuMemGetInfo_v2 = (delegate* unmanaged<nuint*, nuint*, CudaResult>)Find(nameof(cuMemGetInfo_v2));
        cuMemAlloc_v2 = (delegate* unmanaged<ulong*, nuint, CudaResult>)Find(nameof(cuMemAlloc_v2));
        cuMemFree_v2 = (delegate* unmanaged<ulong, CudaResult>)Find(nameof(cuMemFree_v2));
        cuMemHostAlloc = (delegate* unmanaged<void**, nuint, uint, CudaResult>)Find(nameof(cuMemHostAlloc));
        cuMemFreeHost = (delegate* unmanaged<void*, CudaResult>)Find(nameof(cuMemFreeHost));
        cuMemcpyHtoDAsync_v2 = (delegate* unmanaged<ulong, void*, nuint, nint, CudaResult>)Find(nameof(cuMemcpyHtoDAsync_v2));
        cuMemcpyDtoHAsync_v2 = (delegate* unmanaged<void*, ulong, nuint, nint, CudaResult>)Find(nameof(cuMemcpyDtoHAsync_v2));
        cuMemcpyDtoDAsync_v2 = (delegate* unmanaged<ulong, ulong, nuint, nint, CudaResult>)Find(nameof(cuMemcpyDtoDAsync_v2));
        cuMemsetD8Async = (delegate* unmanaged<ulong, byte, nuint, nint, CudaResult>)Find(nameof(cuMemsetD8Async));
        cuStreamCreate = (delegate* unmanaged<nint*, uint, CudaResult>)Find(nameof(cuStreamCreate));
        cuStreamDestroy_v2 = (delegate* unmanaged<nint, CudaResult>)Find(nameof(cuStreamDestroy_v2));
        cuStreamSynchronize = (delegate* unmanaged<nint, CudaResult>)Find(nameof(cuStreamSynchronize));
        cuStreamBeginCapture_v2 = (delegate* unmanaged<nint, int, CudaResult>)Find(nameof(cuStreamBeginCapture_v2));
        cuStreamEndCapture = (delegate* unmanaged<nint, nint*, CudaResult>)Find(nameof(cuStreamEndCapture));
        cuEventCreate = (delegate* unmanaged<nint*, uint, CudaResult>)Find(nameof(cuEventCreate));
        cuEventDestroy_v2 = (delegate* unmanaged<nint, CudaResult>)Find(nameof(cuEventDestroy_v2));
        cuEventRecord = (delegate* unmanaged<nint, nint, CudaResult>)Find(nameof(cuEventRecord));
        cuEventSynchronize = (delegate* unmanaged<nint, CudaResult>)Find(nameof(cuEventSynchronize));
        cuEventElapsedTime = (delegate* unmanaged<float*, nint, nint, CudaResult>)Find(nameof(cuEventElapsedTime));
        cuFuncGetAttribute = (delegate* unmanaged<int*, FunctionAttribute, nint, CudaResult>)Find(nameof(cuFuncGetAttribute));
        cuFuncSetAttribute = (delegate* unmanaged<nint, FunctionAttribute, int, CudaResult>)Find(nameof(cuFuncSetAttribute));
        cuOccupancyMaxActiveBlocksPerMultiprocessor =
            (delegate* unmanaged<int*, nint, int, nuint, CudaResult>)Find(nameof(cuOccupancyMaxActiveBlocksPerMultiprocessor));
        cuLaunchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaResult>)Find(nameof(cuLaunchKernel));
        cuGraphInstantiateWithFlags = (delegate* unmanaged<nint*, nint, ulong, CudaResult>)Find(nameof(cuGraphInstantiateWithFlags));
        cuGraphLaunch = (delegate* unmanaged<nint, nint, CudaResult>)Find(nameof(cuGraphLaunch));
        cuGraphExecDestroy = (delegate* unmanaged<nint, CudaResult>)Find(nameof(cuGraphExecDestroy));
        cuGraphDestroy = (delegate* unmanaged<nint, CudaResult>)Find(nameof(cuGraphDestroy));

        Check(cuInit(0));

        nint Find(string name) => function(name) is var address and not 0
            ? address
            : throw new CudaException($"the CUDA driver in {origin} has no {name}; it is too old or damaged: install a driver for CUDA 12 or later");
    }

#pragma warning restore IDE1006

    /// <summary>Where the functions come from.</summary>
    public string Origin { get; }

    /// <summary>The newest CUDA that the driver can run, as 1000 · major + 10 · minor.</summary>
    public int Version { get; }

    /// <summary>Throws when a call failed; the message is built only then.</summary>
    public void Check(CudaResult result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != CudaResult.Success)
        {
            throw new CudaException($"{NameOfCall(call)}: {Describe(result)}", call, result);
        }
    }

    /// <summary>The driver's own name and sentence for a code: <c>CUDA_ERROR_OUT_OF_MEMORY (2), out of memory</c>.</summary>
    public string Describe(CudaResult result)
    {
        byte* name = null;
        byte* text = null;
        cuGetErrorName(result, &name);
        cuGetErrorString(result, &text);
        return $"{Marshal.PtrToStringUTF8((nint)name) ?? "unknown error"} ({(int)result}), {Marshal.PtrToStringUTF8((nint)text) ?? "which the driver does not describe"}";
    }

    /// <summary>"12.4" of 12040.</summary>
    public static string VersionText(int version) => $"{version / 1000}.{version % 1000 / 10}";

    /// <summary>"cuMemFree_v2" of "driver.cuMemFree_v2(address)".</summary>
    internal static string NameOfCall(string call)
    {
        int end = call.IndexOf('(');
        string name = end < 0 ? call : call[..end];
        return name[(name.LastIndexOf('.') + 1)..];
    }

    private int ReadVersion()
    {
        int version = 0;
        Check(cuDriverGetVersion(&version));
        return version >= OldestVersion
            ? version
            : throw new CudaException(
                $"the CUDA driver in {Origin} is for CUDA {VersionText(version)}; {VersionText(OldestVersion)} or later is needed: install a newer NVIDIA driver");
    }
}

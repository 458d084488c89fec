using System.Runtime.InteropServices;
using Jukebox.Cuda.Driver;
using Jukebox.PtxMachine.Driver;

namespace Jukebox.Tests.Failures;

/// <summary>
/// The PTX machine's driver with books of what was made and not destroyed, which can refuse the n-th call that makes something, or that
/// puts work into a queue, on the thread that asked for it.
/// </summary>
internal static unsafe class AccountedDriver
{
    private static readonly Dictionary<string, nint> Replaced = new()
    {
        ["cuMemAlloc_v2"] = (nint)(delegate* unmanaged<ulong*, nuint, CudaResult>)&Allocate,
        ["cuMemFree_v2"] = (nint)(delegate* unmanaged<ulong, CudaResult>)&Free,
        ["cuMemHostAlloc"] = (nint)(delegate* unmanaged<void**, nuint, uint, CudaResult>)&AllocateHost,
        ["cuMemFreeHost"] = (nint)(delegate* unmanaged<void*, CudaResult>)&FreeHost,
        ["cuEventCreate"] = (nint)(delegate* unmanaged<nint*, uint, CudaResult>)&CreateEvent,
        ["cuEventDestroy_v2"] = (nint)(delegate* unmanaged<nint, CudaResult>)&DestroyEvent,
        ["cuStreamCreate"] = (nint)(delegate* unmanaged<nint*, uint, CudaResult>)&CreateStream,
        ["cuStreamDestroy_v2"] = (nint)(delegate* unmanaged<nint, CudaResult>)&DestroyStream,
        ["cuStreamEndCapture"] = (nint)(delegate* unmanaged<nint, nint*, CudaResult>)&EndCapture,
        ["cuGraphDestroy"] = (nint)(delegate* unmanaged<nint, CudaResult>)&DestroyGraph,
        ["cuGraphInstantiateWithFlags"] = (nint)(delegate* unmanaged<nint*, nint, ulong, CudaResult>)&Instantiate,
        ["cuGraphExecDestroy"] = (nint)(delegate* unmanaged<nint, CudaResult>)&DestroyExecutable,
        ["cuMemcpyHtoDAsync_v2"] = (nint)(delegate* unmanaged<ulong, void*, nuint, nint, CudaResult>)&CopyToDevice,
        ["cuMemsetD8Async"] = (nint)(delegate* unmanaged<ulong, byte, nuint, nint, CudaResult>)&Fill,
        ["cuLaunchKernel"] = (nint)(delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaResult>)&LaunchKernel,
    };

    [ThreadStatic]
    private static int _calls;

    [ThreadStatic]
    private static int _failingCall;

    private static int _live;

    /// <summary>The driver.</summary>
    public static CudaDriver Driver { get; } = new(name => Replaced.TryGetValue(name, out nint function) ? function : PtxDriver.Function(name), "the PTX machine, accounted");

    /// <summary>What was made and is not destroyed: memory, events, queues, recordings.</summary>
    public static int Live => Volatile.Read(ref _live);

    /// <summary>Whether the call that was to fail has come.</summary>
    public static bool HasFailed => _failingCall > 0 && _calls >= _failingCall;

    /// <summary>From now on the n-th such call of this thread fails, from 1 on; none for 0.</summary>
    public static void FailAt(int call) => (_calls, _failingCall) = (0, call);

    private static bool Refuses() => ++_calls == _failingCall;

    private static CudaResult Made(CudaResult result)
    {
        Interlocked.Add(ref _live, result == CudaResult.Success ? 1 : 0);
        return result;
    }

    private static CudaResult Gone(CudaResult result)
    {
        Interlocked.Add(ref _live, result == CudaResult.Success ? -1 : 0);
        return result;
    }

    [UnmanagedCallersOnly]
    private static CudaResult Allocate(ulong* address, nuint lengthBytes) =>
        Refuses() ? CudaResult.OutOfMemory : Made(TestBackends.Driver.cuMemAlloc_v2(address, lengthBytes));

    [UnmanagedCallersOnly]
    private static CudaResult Free(ulong address) => Gone(TestBackends.Driver.cuMemFree_v2(address));

    [UnmanagedCallersOnly]
    private static CudaResult AllocateHost(void** address, nuint lengthBytes, uint flags) =>
        Refuses() ? CudaResult.OutOfMemory : Made(TestBackends.Driver.cuMemHostAlloc(address, lengthBytes, flags));

    [UnmanagedCallersOnly]
    private static CudaResult FreeHost(void* address) => Gone(TestBackends.Driver.cuMemFreeHost(address));

    [UnmanagedCallersOnly]
    private static CudaResult CreateEvent(nint* mark, uint flags) => Refuses() ? CudaResult.OutOfMemory : Made(TestBackends.Driver.cuEventCreate(mark, flags));

    [UnmanagedCallersOnly]
    private static CudaResult DestroyEvent(nint mark) => Gone(TestBackends.Driver.cuEventDestroy_v2(mark));

    [UnmanagedCallersOnly]
    private static CudaResult CreateStream(nint* stream, uint flags) => Refuses() ? CudaResult.OutOfMemory : Made(TestBackends.Driver.cuStreamCreate(stream, flags));

    [UnmanagedCallersOnly]
    private static CudaResult DestroyStream(nint stream) => Gone(TestBackends.Driver.cuStreamDestroy_v2(stream));

    [UnmanagedCallersOnly]
    private static CudaResult EndCapture(nint stream, nint* graph)
    {
        CudaResult result = TestBackends.Driver.cuStreamEndCapture(stream, graph);
        return *graph == 0 ? result : Made(result);
    }

    [UnmanagedCallersOnly]
    private static CudaResult DestroyGraph(nint graph) => Gone(TestBackends.Driver.cuGraphDestroy(graph));

    [UnmanagedCallersOnly]
    private static CudaResult Instantiate(nint* executable, nint graph, ulong flags) =>
        Refuses() ? CudaResult.OutOfMemory : Made(TestBackends.Driver.cuGraphInstantiateWithFlags(executable, graph, flags));

    [UnmanagedCallersOnly]
    private static CudaResult DestroyExecutable(nint executable) => Gone(TestBackends.Driver.cuGraphExecDestroy(executable));

    [UnmanagedCallersOnly]
    private static CudaResult CopyToDevice(ulong target, void* source, nuint lengthBytes, nint stream) =>
        Refuses() ? CudaResult.OutOfMemory : TestBackends.Driver.cuMemcpyHtoDAsync_v2(target, source, lengthBytes, stream);

    [UnmanagedCallersOnly]
    private static CudaResult Fill(ulong target, byte value, nuint lengthBytes, nint stream) =>
        Refuses() ? CudaResult.OutOfMemory : TestBackends.Driver.cuMemsetD8Async(target, value, lengthBytes, stream);

    [UnmanagedCallersOnly]
    private static CudaResult LaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, nint stream, void** args, void** extra) =>
        Refuses()
            ? CudaResult.OutOfMemory
            : TestBackends.Driver.cuLaunchKernel(function, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream, args, extra);
}

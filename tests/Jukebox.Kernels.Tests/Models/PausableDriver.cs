using System.Runtime.InteropServices;
using Jukebox.Cuda.Driver;
using Jukebox.PtxMachine.Driver;

namespace Jukebox.Tests.Models;

/// <summary>
/// The PTX machine's driver with a queue that can be stopped: on a thread that paused it, calls which put work into the queue, or wait for
/// it, return at once. What is left of a step is what the host does for it.
/// </summary>
internal static unsafe class PausableDriver
{
    private static readonly Dictionary<string, nint> Replaced = new()
    {
        ["cuLaunchKernel"] = (nint)(delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaResult>)&LaunchKernel,
        ["cuGraphLaunch"] = (nint)(delegate* unmanaged<nint, nint, CudaResult>)&LaunchGraph,
        ["cuMemcpyHtoDAsync_v2"] = (nint)(delegate* unmanaged<ulong, void*, nuint, nint, CudaResult>)&CopyToDevice,
        ["cuMemcpyDtoHAsync_v2"] = (nint)(delegate* unmanaged<void*, ulong, nuint, nint, CudaResult>)&CopyToHost,
        ["cuMemcpyDtoDAsync_v2"] = (nint)(delegate* unmanaged<ulong, ulong, nuint, nint, CudaResult>)&CopyOnDevice,
        ["cuMemsetD8Async"] = (nint)(delegate* unmanaged<ulong, byte, nuint, nint, CudaResult>)&Fill,
        ["cuEventRecord"] = (nint)(delegate* unmanaged<nint, nint, CudaResult>)&RecordEvent,
        ["cuEventSynchronize"] = (nint)(delegate* unmanaged<nint, CudaResult>)&WaitForEvent,
        ["cuStreamSynchronize"] = (nint)(delegate* unmanaged<nint, CudaResult>)&Synchronize,
    };

    [ThreadStatic]
    private static bool _isPaused;

    [ThreadStatic]
    private static int _calls;

    public static CudaDriver Driver { get; } = new(name => Replaced.TryGetValue(name, out nint function) ? function : PtxDriver.Function(name), "the PTX machine, pausable");

    /// <summary>Bytes that the action allocates on this thread while the queue is paused, and the calls on the queue that it makes.</summary>
    public static (long AllocatedBytes, int Calls) Measure(Action action)
    {
        (_isPaused, _calls) = (true, 0);
        try
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            return (GC.GetAllocatedBytesForCurrentThread() - before, _calls);
        }
        finally
        {
            _isPaused = false;
        }
    }

    private static bool Skips()
    {
        _calls += _isPaused ? 1 : 0;
        return _isPaused;
    }

    [UnmanagedCallersOnly]
    private static CudaResult LaunchKernel(nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, nint stream, void** args, void** extra) =>
        Skips() ? CudaResult.Success : TestBackends.Driver.cuLaunchKernel(function, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream, args, extra);

    [UnmanagedCallersOnly]
    private static CudaResult LaunchGraph(nint graph, nint stream) => Skips() ? CudaResult.Success : TestBackends.Driver.cuGraphLaunch(graph, stream);

    [UnmanagedCallersOnly]
    private static CudaResult CopyToDevice(ulong target, void* source, nuint lengthBytes, nint stream) =>
        Skips() ? CudaResult.Success : TestBackends.Driver.cuMemcpyHtoDAsync_v2(target, source, lengthBytes, stream);

    [UnmanagedCallersOnly]
    private static CudaResult CopyToHost(void* target, ulong source, nuint lengthBytes, nint stream) =>
        Skips() ? CudaResult.Success : TestBackends.Driver.cuMemcpyDtoHAsync_v2(target, source, lengthBytes, stream);

    [UnmanagedCallersOnly]
    private static CudaResult CopyOnDevice(ulong target, ulong source, nuint lengthBytes, nint stream) =>
        Skips() ? CudaResult.Success : TestBackends.Driver.cuMemcpyDtoDAsync_v2(target, source, lengthBytes, stream);

    [UnmanagedCallersOnly]
    private static CudaResult Fill(ulong target, byte value, nuint lengthBytes, nint stream) =>
        Skips() ? CudaResult.Success : TestBackends.Driver.cuMemsetD8Async(target, value, lengthBytes, stream);

    [UnmanagedCallersOnly]
    private static CudaResult RecordEvent(nint mark, nint stream) => Skips() ? CudaResult.Success : TestBackends.Driver.cuEventRecord(mark, stream);

    [UnmanagedCallersOnly]
    private static CudaResult WaitForEvent(nint mark) => Skips() ? CudaResult.Success : TestBackends.Driver.cuEventSynchronize(mark);

    [UnmanagedCallersOnly]
    private static CudaResult Synchronize(nint stream) => Skips() ? CudaResult.Success : TestBackends.Driver.cuStreamSynchronize(stream);
}

using System.Runtime.CompilerServices;
using Jukebox.Cuda.Driver;

namespace Jukebox.Cuda.Compiler;

/// <summary>
/// The device's one in-order queue. It remembers the last launch, since a kernel that faults is only heard of at some
/// later call.
/// </summary>
internal sealed unsafe class CudaStream : IDisposable
{
    private const int RelaxedCapture = 2;

    private readonly StreamHandle _handle;
    private readonly bool _synchronizeLaunches;
    private CudaKernel? _lastKernel;
    private KernelGrid _lastGrid;
    private int _lastSharedBytes;

    public CudaStream(ContextHandle context, bool synchronizeLaunches)
    {
        Context = context;
        _synchronizeLaunches = synchronizeLaunches;
        _handle = new StreamHandle(context);
    }

    public ContextHandle Context { get; }

    public CudaDriver Driver => Context.Driver;

    /// <summary>The native handle, for calls that go into this queue.</summary>
    public nint Value => _handle.Value;

    /// <summary>Whether operations are being recorded instead of run.</summary>
    public bool IsCapturing { get; private set; }

    /// <summary>Waits until everything issued is done.</summary>
    public void Synchronize()
    {
        Context.MakeCurrent();
        Check(Driver.cuStreamSynchronize(Value));
    }

    /// <summary>Marks the present end of the queue.</summary>
    public void Record(EventHandle mark)
    {
        Context.MakeCurrent();
        Check(Driver.cuEventRecord(mark.Value, Value));
    }

    /// <summary>Waits until a mark has been passed.</summary>
    public void WaitFor(EventHandle mark)
    {
        Context.MakeCurrent();
        Check(Driver.cuEventSynchronize(mark.Value));
    }

    /// <summary>Milliseconds between two timed marks, both passed.</summary>
    public double ElapsedMilliseconds(EventHandle start, EventHandle end)
    {
        float milliseconds;
        Check(Driver.cuEventElapsedTime(&milliseconds, start.Value, end.Value));
        return milliseconds;
    }

    /// <summary>Records what the action issues, without running it.</summary>
    public GraphHandle Capture(Action operations)
    {
        Context.MakeCurrent();
        Check(Driver.cuStreamBeginCapture_v2(Value, RelaxedCapture));
        IsCapturing = true;
        try
        {
            operations();
        }
        catch
        {
            _ = EndCapture(out nint abandoned);
            if (abandoned != 0)
            {
                _ = Driver.cuGraphDestroy(abandoned);
            }

            throw;
        }

        Check(EndCapture(out nint recording), "cuStreamEndCapture(Value, &recording)");
        return new GraphHandle(Context, recording);
    }

    /// <summary>Issues a recording.</summary>
    public void Launch(GraphHandle graph)
    {
        Context.MakeCurrent();
        Check(Driver.cuGraphLaunch(graph.Value, Value));
        if (_synchronizeLaunches)
        {
            Synchronize();
        }
    }

    /// <summary>Issues a kernel; called by <see cref="CudaKernel"/>, which has checked the launch.</summary>
    public void Launch(CudaKernel kernel, KernelGrid grid, int sharedBytes, void* args)
    {
        Context.MakeCurrent();
        (_lastKernel, _lastGrid, _lastSharedBytes) = (kernel, grid, sharedBytes);
        CudaResult result = Driver.cuLaunchKernel(
            kernel.Function, (uint)grid.X, (uint)grid.Y, (uint)grid.Z, (uint)kernel.Entry.BlockThreads, 1, 1, (uint)sharedBytes, Value, &args, null);
        if (result == CudaResult.Success && _synchronizeLaunches && !IsCapturing)
        {
            result = Driver.cuStreamSynchronize(Value);
        }

        if (result != CudaResult.Success)
        {
            throw Fault(result, "cuLaunchKernel");
        }
    }

    /// <summary>Throws when a call on the queue failed. A failure of an earlier launch is told as such.</summary>
    public void Check(CudaResult result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != CudaResult.Success)
        {
            throw Fault(result, call);
        }
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>Ends a capture: the queue runs again, whatever became of the recording.</summary>
    private CudaResult EndCapture(out nint recording)
    {
        nint graph = 0;
        IsCapturing = false;
        CudaResult result = Driver.cuStreamEndCapture(Value, &graph);
        recording = graph;
        return result;
    }

    private CudaException Fault(CudaResult result, string call)
    {
        var error = new CudaException($"{CudaDriver.NameOfCall(call)}: {Driver.Describe(result)}", call, result);
        if (_lastKernel is not { } kernel || !(error.IsDeviceLost || call == "cuLaunchKernel"))
        {
            return error;
        }

        string launch = $"{kernel.Entry.Name} of {kernel.Unit.Name}, grid {_lastGrid}, block ({kernel.Entry.BlockThreads}, 1, 1), {_lastSharedBytes} bytes of dynamic shared memory";
        string message = _synchronizeLaunches || !error.IsDeviceLost
            ? $"the kernel {launch}, failed: {Driver.Describe(result)}"
            : $"a kernel failed, or the device was lost: {Driver.Describe(result)}; launched last was {launch}. "
                + $"Launches fail late: {CudaOptions.SynchronizeVariable}=1 makes each wait, so that the right one is named";
        return new CudaException(message, call, result);
    }
}

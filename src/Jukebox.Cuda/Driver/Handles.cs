using System.Runtime.InteropServices;

namespace Jukebox.Cuda.Driver;

/// <summary>The primary context of a device, retained; made current on whichever thread needs it.</summary>
public sealed unsafe class ContextHandle : SafeHandle
{
    [ThreadStatic]
    private static ContextHandle? _current;

    private readonly int _device;

    internal ContextHandle(CudaDriver driver, int device)
        : base(0, ownsHandle: true)
    {
        Driver = driver;
        _device = device;
        nint context;
        driver.Check(driver.cuDevicePrimaryCtxRetain(&context, device));
        SetHandle(context);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    internal CudaDriver Driver { get; }

    /// <summary>Makes this the calling thread's context; costs a comparison when it is already.</summary>
    internal void MakeCurrent()
    {
        if (_current != this)
        {
            Driver.Check(Driver.cuCtxSetCurrent(handle));
            _current = this;
        }
    }

    /// <summary>The same without an exception, for release: a lost device refuses it.</summary>
    internal bool TryMakeCurrent()
    {
        if (_current != this && Driver.cuCtxSetCurrent(handle) == CudaResult.Success)
        {
            _current = this;
        }

        return _current == this;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _current = null;
        return Driver.cuDevicePrimaryCtxRelease_v2(_device) == CudaResult.Success;
    }
}

/// <summary>
/// Something that a context owns. It keeps the context alive, and is destroyed in it from whichever thread lets go of it.
/// </summary>
public abstract class ContextObjectHandle : SafeHandle
{
    private protected ContextObjectHandle(ContextHandle context)
        : base(0, ownsHandle: true)
    {
        Context = context;
        context.MakeCurrent();
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The native handle; the object must be kept alive while it is used.</summary>
    internal nint Value => IsClosed ? throw new ObjectDisposedException(GetType().Name) : handle;

    private protected ContextHandle Context { get; }

    private protected CudaDriver Driver => Context.Driver;

    private protected void Own(nint value)
    {
        bool added = false;
        Context.DangerousAddRef(ref added);
        SetHandle(value);
    }

    /// <inheritdoc/>
    protected sealed override bool ReleaseHandle()
    {
        // A lost device refuses both calls; nothing is left to free then, and nobody to tell.
        bool released = Context.TryMakeCurrent() && Destroy() == CudaResult.Success;
        Context.DangerousRelease();
        return released;
    }

    private protected abstract CudaResult Destroy();
}

/// <summary>Device memory; its handle is the address.</summary>
public sealed unsafe class DeviceMemoryHandle : ContextObjectHandle
{
    internal DeviceMemoryHandle(ContextHandle context, long lengthBytes)
        : base(context)
    {
        ulong address;
        Driver.Check(Driver.cuMemAlloc_v2(&address, (nuint)lengthBytes));
        Own((nint)address);
    }

    private protected override CudaResult Destroy() => Driver.cuMemFree_v2((ulong)handle);
}

/// <summary>Page-locked host memory, which copies without staging and without waiting.</summary>
public sealed unsafe class PinnedMemoryHandle : ContextObjectHandle
{
    internal PinnedMemoryHandle(ContextHandle context, long lengthBytes)
        : base(context)
    {
        void* address;
        Driver.Check(Driver.cuMemHostAlloc(&address, (nuint)lengthBytes, 0));
        Own((nint)address);
    }

    private protected override CudaResult Destroy() => Driver.cuMemFreeHost((void*)handle);
}

/// <summary>An in-order queue of the device.</summary>
public sealed unsafe class StreamHandle : ContextObjectHandle
{
    private const uint NonBlocking = 1;

    internal StreamHandle(ContextHandle context)
        : base(context)
    {
        nint stream;
        Driver.Check(Driver.cuStreamCreate(&stream, NonBlocking));
        Own(stream);
    }

    private protected override CudaResult Destroy() => Driver.cuStreamDestroy_v2(handle);
}

/// <summary>A mark in a queue, with or without the time at which it was passed.</summary>
public sealed unsafe class EventHandle : ContextObjectHandle
{
    private const uint DisableTiming = 2;

    internal EventHandle(ContextHandle context, bool timed)
        : base(context)
    {
        nint mark;
        Driver.Check(Driver.cuEventCreate(&mark, timed ? 0 : DisableTiming));
        Own(mark);
    }

    private protected override CudaResult Destroy() => Driver.cuEventDestroy_v2(handle);
}

/// <summary>Compiled code, loaded.</summary>
public sealed unsafe class LoadedModuleHandle : ContextObjectHandle
{
    private LoadedModuleHandle(ContextHandle context)
        : base(context)
    {
    }

    /// <summary>Loads machine code, or PTX that ends with a zero byte. A refusal is returned, with the driver's log.</summary>
    internal static CudaResult TryLoad(ContextHandle context, ReadOnlySpan<byte> image, out LoadedModuleHandle? module, out string log)
    {
        const int logBytes = 16 * 1024;
        var handle = new LoadedModuleHandle(context);
        byte* text = stackalloc byte[logBytes];
        text[0] = 0;
        JitOption* options = stackalloc JitOption[] { JitOption.ErrorLogBuffer, JitOption.ErrorLogBufferBytes };
        void** values = stackalloc void*[] { text, (void*)logBytes };
        nint native;
        CudaResult result;
        fixed (byte* start = image)
        {
            result = context.Driver.cuModuleLoadDataEx(&native, start, 2, options, values);
        }

        module = null;
        log = Marshal.PtrToStringUTF8((nint)text) ?? "";
        if (result == CudaResult.Success)
        {
            handle.Own(native);
            module = handle;
        }

        return result;
    }

    private protected override CudaResult Destroy() => Driver.cuModuleUnload(handle);
}

/// <summary>A recorded sequence of operations, ready to be replayed.</summary>
public sealed unsafe class GraphHandle : ContextObjectHandle
{
    /// <summary>Makes a recording executable; the recording itself is destroyed either way.</summary>
    internal GraphHandle(ContextHandle context, nint recording)
        : base(context)
    {
        nint graph;
        CudaResult result = Driver.cuGraphInstantiateWithFlags(&graph, recording, 0);
        _ = Driver.cuGraphDestroy(recording);
        Driver.Check(result, "cuGraphInstantiateWithFlags(&graph, recording, 0)");
        Own(graph);
    }

    private protected override CudaResult Destroy() => Driver.cuGraphExecDestroy(handle);
}

namespace Jukebox.PtxMachine.Driver;

/// <summary>
/// A context: its streams, and the fault that ends it. As on hardware a fault is heard of at the next call, and from then on
/// at every call.
/// </summary>
internal sealed class MachineContext
{
    [ThreadStatic]
    private static Stack<MachineContext>? _stack;

    private readonly List<MachineStream> _streams = [];
    private CuResult _fault;

    public MachineContext(MachineDevice device)
    {
        Device = device;
        Handle = HandleTable.Add(this);
        DefaultStream = AddStream(isBlocking: true);
    }

    public MachineDevice Device { get; }

    public nint Handle { get; }

    /// <summary>Guards the context's queues; work runs under it.</summary>
    public Lock Lock { get; } = new();

    public MachineStream DefaultStream { get; }

    /// <summary>Captures under way, which forbid some calls.</summary>
    public List<GraphCapture> Captures { get; } = [];

    /// <summary>The calling thread's context.</summary>
    public static MachineContext? Current
    {
        get => _stack is { Count: > 0 } stack ? stack.Peek() : null;
        set
        {
            if (_stack is { Count: > 0 })
            {
                _stack.Pop();
            }

            if (value is not null)
            {
                Push(value);
            }
        }
    }

    public static void Push(MachineContext context) => (_stack ??= new()).Push(context);

    public static MachineContext Pop() => _stack is { Count: > 0 } stack
        ? stack.Pop()
        : throw new DriverException(CuResult.InvalidContext, "the thread has no context");

    /// <summary>The calling thread's context, in working order.</summary>
    public static MachineContext Enter()
    {
        MachineContext context = Current ?? throw new DriverException(CuResult.InvalidContext, "the thread has no context");
        context.RequireHealth();
        return context;
    }

    /// <summary>Throws when a kernel faulted or the device is lost.</summary>
    public void RequireHealth()
    {
        if (Device.IsRemoved)
        {
            throw new DriverException(CuResult.InvalidContext, "the device was removed");
        }

        if (Device.IsLost)
        {
            throw new DriverException(CuResult.DeviceUnavailable, "the device is lost");
        }

        if (_fault != CuResult.Success)
        {
            throw new DriverException(_fault, "an earlier kernel faulted");
        }
    }

    public bool HasFault => _fault != CuResult.Success || Device.IsLost;

    public MachineStream AddStream(bool isBlocking)
    {
        var stream = new MachineStream(this, isBlocking);
        lock (Lock)
        {
            _streams.Add(stream);
        }

        return stream;
    }

    public void Remove(MachineStream stream)
    {
        lock (Lock)
        {
            stream.Finish();
            _streams.Remove(stream);
        }
    }

    /// <summary>The stream behind a handle: 0 and the two special ones are the default stream.</summary>
    public MachineStream Stream(nint handle) => handle is 0 or 1 or 2 ? DefaultStream : HandleTable.Get<MachineStream>(handle);

    /// <summary>Does all that was issued.</summary>
    public void Finish()
    {
        lock (Lock)
        {
            foreach (MachineStream stream in _streams)
            {
                stream.Finish();
            }
        }

        RequireHealth();
    }

    /// <summary>What the default stream waits for: everything issued to blocking streams.</summary>
    public void FinishBlocking()
    {
        lock (Lock)
        {
            foreach (MachineStream stream in _streams.Where(stream => stream.IsBlocking))
            {
                stream.Finish();
            }
        }
    }

    /// <summary>Refuses calls that a capture forbids, and spoils the capture, as the driver does.</summary>
    public void RequireNoCapture()
    {
        lock (Lock)
        {
            if (Captures.Find(capture => capture.Forbids(Environment.CurrentManagedThreadId)) is { } capture)
            {
                capture.IsSpoilt = true;
                throw new DriverException(CuResult.StreamCaptureUnsupported, "not while a stream is captured");
            }
        }
    }

    /// <summary>Ends the context: some kernel faulted.</summary>
    public void Fault(CuResult result, string text)
    {
        _fault = result;
        Device.Log.Add(new DriverLogEntry(DriverAction.Fail, ResultText.NameOf(result), Text: text));
        if (Device.Options.ReportsFaults)
        {
            Console.Error.WriteLine($"PTX machine: {text}");
        }
    }

    public void Destroy()
    {
        lock (Lock)
        {
            _streams.ForEach(stream => stream.Finish());
        }

        HandleTable.Remove<MachineContext>(Handle);
    }
}

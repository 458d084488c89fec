namespace Jukebox.PtxMachine.Driver;

/// <summary>
/// An in-order queue. Work is done when it is issued, or, on a lazy device, when somebody waits for it: both are orders that
/// the interface allows.
/// </summary>
internal sealed class MachineStream(MachineContext context, bool isBlocking)
{
    private readonly Queue<Action> _queue = new();
    private long _issued;
    private long _done;

    public MachineContext Context { get; } = context;

    /// <summary>Whether it and the default stream wait for each other.</summary>
    public bool IsBlocking { get; } = isBlocking;

    /// <summary>The recording that takes what is issued, instead of its being done.</summary>
    public GraphCapture? Capture { get; set; }

    /// <summary>Whether everything issued is done.</summary>
    public bool IsIdle => _done == _issued;

    /// <summary>Does the work now, later, or at every replay of a recording.</summary>
    public void Issue(Action work)
    {
        lock (Context.Lock)
        {
            if (Capture is { } capture)
            {
                capture.Graph.Nodes.Add(work);
            }
            else if (!Context.Device.Options.IsLazy)
            {
                Run(work);
            }
            else
            {
                WaitForDefault();
                _queue.Enqueue(work);
                _issued++;
            }
        }
    }

    /// <summary>Does everything issued so far.</summary>
    public void Finish() => FinishThrough(_issued);

    /// <summary>A mark behind what was issued so far, for <see cref="FinishThrough"/>.</summary>
    public long Mark => _issued;

    /// <summary>Does what was issued before a mark.</summary>
    public void FinishThrough(long mark)
    {
        lock (Context.Lock)
        {
            while (_done < mark)
            {
                _done++;
                Run(_queue.Dequeue());
            }
        }
    }

    /// <summary>After a fault nothing more is done.</summary>
    private void Run(Action work)
    {
        if (!Context.HasFault)
        {
            work();
        }
    }

    private void WaitForDefault()
    {
        if (this == Context.DefaultStream)
        {
            Context.FinishBlocking();
        }
        else if (IsBlocking)
        {
            Context.DefaultStream.Finish();
        }
    }
}

namespace Jukebox.PtxMachine.Driver;

/// <summary>A recorded sequence of work, in the order of issue.</summary>
internal sealed class MachineGraph
{
    public List<Action> Nodes { get; init; } = [];
}

/// <summary>A graph ready to be replayed: the nodes as they were when it was made.</summary>
internal sealed class ExecutableGraph(MachineContext context, Action[] nodes)
{
    public MachineContext Context { get; } = context;

    public Action[] Nodes { get; } = nodes;
}

/// <summary>A recording under way, begun on one stream; others join it through events.</summary>
internal sealed class GraphCapture(MachineStream origin, int mode, int threadId)
{
    private const int Global = 0;
    private const int ThreadLocal = 1;

    public MachineStream Origin { get; } = origin;

    public MachineGraph Graph { get; } = new();

    /// <summary>Streams that joined, the first one included.</summary>
    public HashSet<MachineStream> Streams { get; } = [origin];

    /// <summary>Whether a call came that a capture does not allow.</summary>
    public bool IsSpoilt { get; set; }

    /// <summary>Whether calls that might depend on the captured work are refused to a thread.</summary>
    public bool Forbids(int callingThreadId) => mode == Global || (mode == ThreadLocal && callingThreadId == threadId);
}

/// <summary>A mark in a stream.</summary>
internal sealed class MachineEvent(MachineContext context, bool isTimed)
{
    public MachineContext Context { get; } = context;

    public bool IsTimed { get; } = isTimed;

    /// <summary>Where it was recorded last: in this stream, behind this mark.</summary>
    public MachineStream? Stream { get; set; }

    public long Mark { get; set; }

    /// <summary>The recording that it was recorded in, if it was.</summary>
    public GraphCapture? Capture { get; set; }

    /// <summary>When it was passed; none before.</summary>
    public long? Timestamp { get; set; }
}

using System.Runtime.InteropServices;

namespace Jukebox.PtxMachine.Driver;

/// <summary>Launches, recordings and graphs.</summary>
internal static unsafe partial class DriverExports
{
    [UnmanagedCallersOnly(EntryPoint = "cuLaunchKernel")]
    public static CuResult cuLaunchKernel(
        nint function,
        uint gridX,
        uint gridY,
        uint gridZ,
        uint blockX,
        uint blockY,
        uint blockZ,
        uint sharedBytes,
        nint stream,
        void** parameters,
        void** extra) => Call(() =>
            Launcher.Launch(
                MachineContext.Enter().Stream(stream),
                HandleTable.Get<MachineFunction>(function),
                new Dim3(checked((int)gridX), checked((int)gridY), checked((int)gridZ)),
                new Dim3(checked((int)blockX), checked((int)blockY), checked((int)blockZ)),
                checked((int)sharedBytes),
                parameters,
                extra));

    [UnmanagedCallersOnly(EntryPoint = "cuStreamBeginCapture_v2")]
    public static CuResult cuStreamBeginCapture_v2(nint stream, int mode) => Call(() =>
    {
        MachineStream captured = MachineContext.Enter().Stream(stream);
        if (captured == captured.Context.DefaultStream)
        {
            throw new DriverException(CuResult.StreamCaptureUnsupported, "the default stream cannot be captured");
        }

        if (captured.Capture is not null)
        {
            throw new DriverException(CuResult.IllegalState, "the stream is captured already");
        }

        captured.Capture = new GraphCapture(captured, mode, Environment.CurrentManagedThreadId);
        captured.Context.Captures.Add(captured.Capture);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuStreamIsCapturing")]
    public static CuResult cuStreamIsCapturing(nint stream, int* status) => Call(status, () =>
    {
        const int none = 0, active = 1, invalidated = 2;
        GraphCapture? capture = MachineContext.Enter().Stream(stream).Capture;
        *status = capture is null ? none : capture.IsSpoilt ? invalidated : active;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuStreamEndCapture")]
    public static CuResult cuStreamEndCapture(nint stream, nint* graph) => Call(graph, () =>
    {
        *graph = 0;
        MachineStream captured = MachineContext.Enter().Stream(stream);
        GraphCapture capture = captured.Capture ?? throw new DriverException(CuResult.IllegalState, "the stream is not captured");
        if (capture.Origin != captured)
        {
            throw new DriverException(CuResult.StreamCaptureUnmatched, "the capture was begun on another stream");
        }

        foreach (MachineStream joined in capture.Streams)
        {
            joined.Capture = null;
        }

        captured.Context.Captures.Remove(capture);
        if (capture.IsSpoilt)
        {
            throw new DriverException(CuResult.StreamCaptureInvalidated, "a call came that a capture does not allow");
        }

        *graph = HandleTable.Add(capture.Graph);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuGraphInstantiateWithFlags")]
    public static CuResult cuGraphInstantiateWithFlags(nint* executable, nint graph, ulong flags) => Call(executable, () =>
        *executable = HandleTable.Add(new ExecutableGraph(MachineContext.Enter(), [.. HandleTable.Get<MachineGraph>(graph).Nodes])));

    [UnmanagedCallersOnly(EntryPoint = "cuGraphInstantiate_v2")]
    public static CuResult cuGraphInstantiate_v2(nint* executable, nint graph, nint* errorNode, byte* log, nuint logBytes) => Call(executable, () =>
        *executable = HandleTable.Add(new ExecutableGraph(MachineContext.Enter(), [.. HandleTable.Get<MachineGraph>(graph).Nodes])));

    [UnmanagedCallersOnly(EntryPoint = "cuGraphGetNodes")]
    public static CuResult cuGraphGetNodes(nint graph, nint* nodes, nuint* count) => Call(count, () =>
    {
        if (nodes != null)
        {
            throw new DriverException(CuResult.NotSupported, "nodes can be counted, not had");
        }

        *count = (nuint)HandleTable.Get<MachineGraph>(graph).Nodes.Count;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuGraphLaunch")]
    public static CuResult cuGraphLaunch(nint executable, nint stream) => Call(() =>
    {
        MachineStream target = MachineContext.Enter().Stream(stream);
        ExecutableGraph graph = HandleTable.Get<ExecutableGraph>(executable);
        target.Issue(() =>
        {
            target.Context.Device.Log.Add(new DriverLogEntry(DriverAction.LaunchGraph, nameof(cuGraphLaunch)));
            foreach (Action node in graph.Nodes)
            {
                if (!target.Context.HasFault)
                {
                    node();
                }
            }
        });
    });

    [UnmanagedCallersOnly(EntryPoint = "cuGraphExecDestroy")]
    public static CuResult cuGraphExecDestroy(nint executable) => Call(() => HandleTable.Remove<ExecutableGraph>(executable));

    [UnmanagedCallersOnly(EntryPoint = "cuGraphDestroy")]
    public static CuResult cuGraphDestroy(nint graph) => Call(() => HandleTable.Remove<MachineGraph>(graph));
}

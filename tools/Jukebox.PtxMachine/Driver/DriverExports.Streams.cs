using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Jukebox.PtxMachine.Driver;

/// <summary>Streams and events.</summary>
internal static unsafe partial class DriverExports
{
    private const uint NonBlocking = 1;
    private const uint DisableTiming = 2;

    [UnmanagedCallersOnly(EntryPoint = "cuStreamCreate")]
    public static CuResult cuStreamCreate(nint* stream, uint flags) => Call(stream, () =>
        *stream = HandleTable.Add(MachineContext.Enter().AddStream(isBlocking: (flags & NonBlocking) == 0)));

    [UnmanagedCallersOnly(EntryPoint = "cuStreamCreateWithPriority")]
    public static CuResult cuStreamCreateWithPriority(nint* stream, uint flags, int priority) => Call(stream, () =>
        *stream = HandleTable.Add(MachineContext.Enter().AddStream(isBlocking: (flags & NonBlocking) == 0)));

    [UnmanagedCallersOnly(EntryPoint = "cuStreamDestroy_v2")]
    public static CuResult cuStreamDestroy_v2(nint stream) => Call(() =>
    {
        MachineStream destroyed = HandleTable.Remove<MachineStream>(stream);
        destroyed.Context.Remove(destroyed);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuStreamSynchronize")]
    public static CuResult cuStreamSynchronize(nint stream) => Call(() =>
        Launcher.Wait(MachineContext.Enter().Stream(stream), nameof(cuStreamSynchronize)));

    [UnmanagedCallersOnly(EntryPoint = "cuStreamQuery")]
    public static CuResult cuStreamQuery(nint stream) => Call(() =>
    {
        // Whoever asks often enough must see it end.
        MachineStream asked = MachineContext.Enter().Stream(stream);
        bool wasIdle = asked.IsIdle;
        asked.Finish();
        asked.Context.RequireHealth();
        if (!wasIdle)
        {
            throw new DriverException(CuResult.NotReady, "work is queued");
        }
    });

    [UnmanagedCallersOnly(EntryPoint = "cuStreamWaitEvent")]
    public static CuResult cuStreamWaitEvent(nint stream, nint mark, uint flags) => Call(() =>
    {
        MachineStream waiting = MachineContext.Enter().Stream(stream);
        MachineEvent awaited = HandleTable.Get<MachineEvent>(mark);
        if (awaited.Capture is { } capture)
        {
            // The waiting stream joins the recording, whose order of issue keeps the wait.
            capture.Streams.Add(waiting);
            waiting.Capture = capture;
        }
        else if (awaited.Stream is { } source)
        {
            long until = awaited.Mark;
            waiting.Issue(() => source.FinishThrough(until));
        }
    });

    [UnmanagedCallersOnly(EntryPoint = "cuEventCreate")]
    public static CuResult cuEventCreate(nint* mark, uint flags) => Call(mark, () =>
        *mark = HandleTable.Add(new MachineEvent(MachineContext.Enter(), isTimed: (flags & DisableTiming) == 0)));

    [UnmanagedCallersOnly(EntryPoint = "cuEventDestroy_v2")]
    public static CuResult cuEventDestroy_v2(nint mark) => Call(() => HandleTable.Remove<MachineEvent>(mark));

    [UnmanagedCallersOnly(EntryPoint = "cuEventRecord")]
    public static CuResult cuEventRecord(nint mark, nint stream) => Call(() =>
    {
        MachineStream recorded = MachineContext.Enter().Stream(stream);
        MachineEvent target = HandleTable.Get<MachineEvent>(mark);
        target.Capture = recorded.Capture;
        if (recorded.Capture is null)
        {
            target.Timestamp = null;
            recorded.Issue(() => target.Timestamp = Stopwatch.GetTimestamp());
            (target.Stream, target.Mark) = (recorded, recorded.Mark);
        }
    });

    [UnmanagedCallersOnly(EntryPoint = "cuEventSynchronize")]
    public static CuResult cuEventSynchronize(nint mark) => Call(() =>
    {
        MachineContext context = MachineContext.Enter();
        MachineEvent awaited = HandleTable.Get<MachineEvent>(mark);
        if (awaited.Capture is { } capture)
        {
            capture.IsSpoilt = true;
            throw new DriverException(CuResult.StreamCaptureUnsupported, "the event is part of a recording");
        }

        context.Device.Log.Add(new DriverLogEntry(DriverAction.Wait, nameof(cuEventSynchronize)));
        awaited.Stream?.FinishThrough(awaited.Mark);
        context.RequireHealth();
    });

    [UnmanagedCallersOnly(EntryPoint = "cuEventQuery")]
    public static CuResult cuEventQuery(nint mark) => Call(() =>
    {
        MachineContext context = MachineContext.Enter();
        MachineEvent asked = HandleTable.Get<MachineEvent>(mark);
        if (asked.Stream is { } stream && asked.Timestamp is null)
        {
            stream.FinishThrough(asked.Mark);
            context.RequireHealth();
            throw new DriverException(CuResult.NotReady, "the event is not passed");
        }
    });

    [UnmanagedCallersOnly(EntryPoint = "cuEventElapsedTime")]
    public static CuResult cuEventElapsedTime(float* milliseconds, nint start, nint end) => Elapsed(milliseconds, start, end);

    [UnmanagedCallersOnly(EntryPoint = "cuEventElapsedTime_v2")]
    public static CuResult cuEventElapsedTime_v2(float* milliseconds, nint start, nint end) => Elapsed(milliseconds, start, end);

    private static CuResult Elapsed(float* milliseconds, nint start, nint end) => Call(milliseconds, () =>
    {
        MachineContext.Enter();
        MachineEvent first = HandleTable.Get<MachineEvent>(start), second = HandleTable.Get<MachineEvent>(end);
        if (!first.IsTimed || !second.IsTimed || first.Stream is null || second.Stream is null)
        {
            throw new DriverException(CuResult.InvalidHandle, "both events must be timed and recorded");
        }

        if (first.Timestamp is not { } from || second.Timestamp is not { } to)
        {
            throw new DriverException(CuResult.NotReady, "the events are not passed");
        }

        *milliseconds = (float)Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;
    });
}

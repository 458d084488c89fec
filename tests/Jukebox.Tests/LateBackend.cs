using System.Reflection;
using System.Runtime.ExceptionServices;
using Jukebox.Core.Contract;

namespace Jukebox.Tests;

/// <summary>
/// A backend whose attention takes a second each, on a clock of its own, and is done only when somebody waits for the queue: what
/// is timed without waiting took no time. The results are those of the backend that it wraps.
/// </summary>
public class LateBackend : DispatchProxy
{
    private IBackend? _inner;
    private int _pendingSeconds;

    /// <summary>Calls of <see cref="IBackend.Attend"/> so far.</summary>
    public int AttendCalls { get; private set; }

    /// <summary>Stands still but for what the queue does.</summary>
    public QueueClock Clock { get; } = new();

    /// <summary>Wraps a backend, which the wrapper then disposes.</summary>
    public static IBackend Wrap(IBackend inner, out LateBackend late)
    {
        IBackend proxy = Create<IBackend, LateBackend>();
        late = (LateBackend)proxy;
        late._inner = inner;
        return proxy;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case nameof(IBackend.Attend):
                AttendCalls++;
                _pendingSeconds++;
                break;
            case nameof(IBackend.Synchronize):
                Clock.Seconds += _pendingSeconds;
                _pendingSeconds = 0;
                break;
        }

        try
        {
            return targetMethod.Invoke(_inner, args);
        }
        catch (TargetInvocationException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
    }

    /// <summary>A clock in whole seconds.</summary>
    public sealed class QueueClock : TimeProvider
    {
        /// <summary>What it shows.</summary>
        public long Seconds { get; set; }

        /// <inheritdoc/>
        public override long TimestampFrequency => 1;

        /// <inheritdoc/>
        public override long GetTimestamp() => Seconds;
    }
}

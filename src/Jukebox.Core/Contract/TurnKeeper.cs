using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Jukebox.Core.Contract;

/// <summary>
/// Keeps two threads out of one backend: who enters while another is inside is refused, and both are named. Threads may take turns, and
/// an operation may be made of others. A turn costs one interlocked exchange and one store.
/// </summary>
/// <param name="backend">Whose operations are guarded.</param>
public sealed class TurnKeeper(IBackend backend)
{
    private Thread? _inside;

    /// <summary>Begins an operation of the calling thread; it ends when the turn is disposed.</summary>
    /// <exception cref="InvalidOperationException">Another thread is inside.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Turn Enter()
    {
        Thread caller = Thread.CurrentThread;
        Thread? inside = Interlocked.CompareExchange(ref _inside, caller, null);
        if (inside is null)
        {
            return new Turn(this);
        }

        if (inside != caller)
        {
            Refuse(inside, caller);
        }

        return default;
    }

    [DoesNotReturn]
    private void Refuse(Thread inside, Thread caller) => throw new InvalidOperationException(
        $"{backend.Name} serves one thread at a time: {Describe(caller)} came while {Describe(inside)} was computing; take turns, or open another backend for concurrent work");

    private static string Describe(Thread thread) =>
        string.IsNullOrEmpty(thread.Name) ? $"thread {thread.ManagedThreadId}" : $"thread {thread.ManagedThreadId} ('{thread.Name}')";

    /// <summary>One thread inside; nothing for an operation within an operation.</summary>
    public readonly ref struct Turn
    {
        private readonly TurnKeeper? _keeper;

        internal Turn(TurnKeeper keeper) => _keeper = keeper;

        /// <summary>Leaves.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            if (_keeper is not null)
            {
                Volatile.Write(ref _keeper._inside, null);
            }
        }
    }
}

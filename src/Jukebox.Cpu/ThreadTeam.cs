global using unsafe Kernel = delegate*<void*, int, int, void>;

using System.Runtime.ExceptionServices;

namespace Jukebox.Cpu;

/// <summary>
/// A fixed team of threads that run the parts of one kernel at a time. The caller is one of them, so a team of one
/// has no thread of its own. Parts are taken from a common counter: a thread that the system has suspended holds up
/// one part, not a share. A part writes outputs that no other part touches, so neither their order nor the number of
/// threads can change a result. A run allocates nothing.
/// </summary>
internal sealed unsafe class ThreadTeam : IDisposable
{
    /// <summary>About 20 µs: longer than the gaps between the operations of a step, far shorter than a time slice.</summary>
    private const int SpinsBeforeSleep = 500;

    private const int StopPart = -1;

    private readonly Thread[] _workers;
    private readonly object _sleep = new();

    // The run in progress; written before the ticket that publishes it.
    private Kernel _kernel;
    private void* _job;
    private int _partCount;

    // Generation of the run in the upper half, parts not yet taken in the lower.
    private long _ticket;
    private int _unfinished;
    private int _sleepers;
    private int _busy;
    private volatile bool _stopping;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Starts the threads.</summary>
    /// <param name="threadCount">Threads including the caller's.</param>
    public ThreadTeam(int threadCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threadCount);
        _workers = new Thread[threadCount - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            int worker = i + 1;
            _workers[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"kernel thread {worker}" };
            _workers[i].Start();
        }
    }

    /// <summary>Threads including the caller's.</summary>
    public int Count => _workers.Length + 1;

    /// <summary>
    /// Runs <paramref name="kernel"/>(job, part, worker) for each part, 0 ≤ worker &lt; <see cref="Count"/>, and
    /// returns when all are done. The first exception of a part is thrown here, after the others have finished.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another thread is using the team.</exception>
    public void Run(Kernel kernel, void* job, int partCount)
    {
        if (partCount <= 1 || _workers.Length == 0)
        {
            for (int part = 0; part < partCount; part++)
            {
                kernel(job, part, 0);
            }

            return;
        }

        if (Interlocked.Exchange(ref _busy, 1) != 0)
        {
            throw new InvalidOperationException("a CPU backend serves one thread at a time; open another for concurrent work");
        }

        Publish(kernel, job, partCount);
        while (TryTake(out int part))
        {
            RunPart(part, 0);
        }

        var spin = default(SpinWait);
        while (Volatile.Read(ref _unfinished) != 0)
        {
            // Yields after a few rounds, so that a worker which lost its processor can finish.
            spin.SpinOnce(sleep1Threshold: -1);
        }

        ExceptionDispatchInfo? failure = _failure;
        _failure = null;
        Volatile.Write(ref _busy, 0);
        failure?.Throw();
    }

    /// <summary>Ends the threads; no run may be in progress.</summary>
    public void Dispose()
    {
        _stopping = true;
        Wake();
        foreach (Thread worker in _workers)
        {
            worker.Join();
        }
    }

    private void Publish(Kernel kernel, void* job, int partCount)
    {
        _kernel = kernel;
        _job = job;
        _partCount = partCount;
        Volatile.Write(ref _unfinished, partCount);
        long generation = (_ticket >> 32) + 1;
        Interlocked.Exchange(ref _ticket, (generation << 32) | (uint)partCount);
        if (Volatile.Read(ref _sleepers) > 0)
        {
            Wake();
        }
    }

    private void Wake()
    {
        lock (_sleep)
        {
            Monitor.PulseAll(_sleep);
        }
    }

    /// <summary>Takes a part of the current run; the run cannot end before that part is done.</summary>
    private bool TryTake(out int part)
    {
        long ticket = Volatile.Read(ref _ticket);
        while ((uint)ticket != 0)
        {
            long seen = Interlocked.CompareExchange(ref _ticket, ticket - 1, ticket);
            if (seen == ticket)
            {
                part = _partCount - (int)(uint)ticket;
                return true;
            }

            ticket = seen;
        }

        part = StopPart;
        return false;
    }

    private void RunPart(int part, int worker)
    {
        try
        {
            _kernel(_job, part, worker);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
        }

        Interlocked.Decrement(ref _unfinished);
    }

    private void Work(int worker)
    {
        while (!_stopping)
        {
            if (TryTake(out int part))
            {
                RunPart(part, worker);
            }
            else
            {
                WaitForParts();
            }
        }
    }

    private void WaitForParts()
    {
        for (int i = 0; i < SpinsBeforeSleep; i++)
        {
            if ((uint)Volatile.Read(ref _ticket) != 0 || _stopping)
            {
                return;
            }

            Thread.SpinWait(4);
        }

        lock (_sleep)
        {
            // A publisher either sees this count and pulses, or has published before the check below.
            Interlocked.Increment(ref _sleepers);
            while ((uint)Volatile.Read(ref _ticket) == 0 && !_stopping)
            {
                Monitor.Wait(_sleep);
            }

            Interlocked.Decrement(ref _sleepers);
        }
    }
}

global using unsafe Kernel = delegate*<void*, int, int, void>;
using System.Runtime.ExceptionServices;

namespace Jukebox.Cpu.Threads;

/// <summary>
/// A fixed team of threads that run the parts of one kernel at a time. The caller is one of them, so a team of one
/// has no thread of its own. Every thread begins with the same share of the parts in every run, so that what one
/// operation left in a core's cache is there for the next; when it has done its own it takes from the end of the
/// others' shares: a thread that the system has suspended holds up one part. A part writes outputs that no other part
/// touches, so neither their order nor the number of threads can change a result. A run allocates nothing.
/// </summary>
internal sealed unsafe class ThreadTeam : IDisposable
{
    /// <summary>About 20 µs: longer than the gaps between the operations of a step, far shorter than a time slice.</summary>
    private const int SpinsBeforeSleep = 500;

    /// <summary>Numbers from one share to the next: each has a pair of cache lines to itself.</summary>
    private const int ShareStride = 16;

    private readonly Thread[] _workers;
    private readonly object _sleep = new();

    // Parts [first, end) of each thread that nobody has taken: first in the upper half, end in the lower.
    private readonly long[] _shares;

    // The run in progress; written before the shares that publish it.
    private Kernel _kernel;
    private void* _job;

    private int _generation;
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
        _shares = new long[(threadCount + 1) * ShareStride];
        _workers = new Thread[threadCount - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            int worker = i + 1;
            var thread = new Thread(() => Work(worker)) { IsBackground = true, Name = $"kernel thread {worker}" };
            try
            {
                thread.Start();
            }
            catch
            {
                // The system gives no more: those that run must not wait for ever.
                Array.Resize(ref _workers, i);
                Dispose();
                throw;
            }

            _workers[i] = thread;
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
        RunParts(0);

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
        Volatile.Write(ref _unfinished, partCount);
        for (int worker = 0; worker < Count; worker++)
        {
            long first = (long)partCount * worker / Count, end = (long)partCount * (worker + 1) / Count;
            Volatile.Write(ref ShareOf(worker), (first << 32) | end);
        }

        Interlocked.Increment(ref _generation);
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

    private ref long ShareOf(int worker) => ref _shares[(worker + 1) * ShareStride];

    /// <summary>Runs what is left of the thread's own share, from its start, then of the others', from their ends.</summary>
    private void RunParts(int worker)
    {
        for (int i = 0; i < Count; i++)
        {
            int owner = (worker + i) % Count;
            while (TryTake(owner, fromEnd: i > 0, out int part))
            {
                RunPart(part, worker);
            }
        }
    }

    /// <summary>Takes a part of the current run; the run cannot end before that part is done.</summary>
    private bool TryTake(int owner, bool fromEnd, out int part)
    {
        ref long share = ref ShareOf(owner);
        long left = Volatile.Read(ref share);
        while (true)
        {
            int first = (int)(left >> 32), end = (int)left;
            part = fromEnd ? end - 1 : first;
            if (first >= end)
            {
                return false;
            }

            // The value says all about the share, so it does not matter if it is an equal one of another run by now.
            long seen = Interlocked.CompareExchange(ref share, fromEnd ? left - 1 : left + (1L << 32), left);
            if (seen == left)
            {
                return true;
            }

            left = seen;
        }
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
            int generation = Volatile.Read(ref _generation);
            RunParts(worker);
            WaitForRun(generation);
        }
    }

    /// <summary>Returns when there has been another run, or is to be none.</summary>
    private void WaitForRun(int generation)
    {
        for (int i = 0; i < SpinsBeforeSleep; i++)
        {
            if (Volatile.Read(ref _generation) != generation || _stopping)
            {
                return;
            }

            Thread.SpinWait(4);
        }

        lock (_sleep)
        {
            // A publisher either sees this count and pulses, or has published before the check below.
            Interlocked.Increment(ref _sleepers);
            while (Volatile.Read(ref _generation) == generation && !_stopping)
            {
                Monitor.Wait(_sleep);
            }

            Interlocked.Decrement(ref _sleepers);
        }
    }
}

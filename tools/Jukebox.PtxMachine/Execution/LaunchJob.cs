using System.Diagnostics;
using Jukebox.PtxMachine.Program;

namespace Jukebox.PtxMachine.Execution;

/// <summary>
/// One launch in fast mode. The thread that launches takes blocks at once; workers of the pool join if they arrive before the blocks are
/// gone, so a launch never waits for a worker that has not begun.
/// </summary>
internal sealed class LaunchJob(KernelProgram program, LaunchGeometry geometry, byte[] parameters, DeviceMemory memory, MachineOptions options) : IThreadPoolWorkItem
{
    /// <summary>Below this, waking another worker costs more than it saves.</summary>
    private const double WorthSharingNanoseconds = 40_000;

    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _idle = new(true, 0);
    private readonly long _blocks = geometry.Grid.Count;
    private long _next;
    private int _workers;
    private bool _isClosed;
    private (FaultSignal Signal, long Block)? _fault;

    /// <summary>Runs all blocks.</summary>
    /// <exception cref="PtxFaultException">One of them faulted.</exception>
    public void Run()
    {
        long start = Stopwatch.GetTimestamp();
        int helpers = (int)Math.Min(options.WorkerCount - 1, _blocks - 1);
        bool isShort = program.BlockNanoseconds > 0 && program.BlockNanoseconds * _blocks < WorthSharingNanoseconds;
        for (int helper = 0; helper < helpers && !isShort; helper++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, false);
        }

        TakeBlocks();
        lock (_lock)
        {
            _isClosed = true;
        }

        _idle.Wait();
        if (_fault is (FaultSignal signal, long block))
        {
            throw Describe(program, geometry, signal, block);
        }

        double perBlock = Stopwatch.GetElapsedTime(start).TotalNanoseconds / _blocks;
        program.BlockNanoseconds = program.BlockNanoseconds == 0 ? perBlock : (0.75 * program.BlockNanoseconds) + (0.25 * perBlock);
    }

    /// <summary>A worker of the pool comes in, unless all is over.</summary>
    public void Execute()
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }

            _workers++;
            _idle.Reset();
        }

        TakeBlocks();
        lock (_lock)
        {
            if (--_workers == 0)
            {
                _idle.Set();
            }
        }
    }

    internal static PtxFaultException Describe(KernelProgram program, in LaunchGeometry geometry, FaultSignal signal, long block)
    {
        int thread = Math.Min((signal.Warp * Lanes.Count) + signal.Lane, geometry.Threads - 1);
        Finding finding = FaultReport.Describe(program, geometry, geometry.Grid.At(block), signal.Kind, signal.Instruction, thread, signal.Address, signal.Message);
        return new PtxFaultException(program.Kernel, geometry.Grid, geometry.Block, finding);
    }

    private void TakeBlocks()
    {
        long block = Interlocked.Increment(ref _next) - 1;
        if (block >= _blocks)
        {
            return;
        }

        BlockState state = program.Rent(geometry.Warps, geometry.SharedBytes);
        try
        {
            state.Enter(geometry, parameters, memory.BaseAddress, (ulong)memory.ArenaBytes);
            for (; block < _blocks; block = Interlocked.Increment(ref _next) - 1)
            {
                state.Begin(geometry.Grid.At(block), options.MaxLoopsPerWarp);
                BlockRunner.Run<Unobserved>(program, state, geometry);
            }
        }
        catch (FaultSignal signal)
        {
            lock (_lock)
            {
                _fault ??= (signal, block);
            }

            Interlocked.Exchange(ref _next, _blocks);
        }
        finally
        {
            program.Return(state);
        }
    }
}

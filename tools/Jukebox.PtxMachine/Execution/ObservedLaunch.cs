using Jukebox.PtxMachine.Checking;
using Jukebox.PtxMachine.Counting;
using Jukebox.PtxMachine.Program;

namespace Jukebox.PtxMachine.Execution;

/// <summary>Launches under an observer: block after block on the thread that launches. Holds what one launch hands to the next.</summary>
internal sealed unsafe class ObservedLaunch(DeviceMemory memory, MachineOptions options) : IDisposable
{
    private SectorMap? _loads;
    private SectorMap? _stores;
    private Shadows? _shadows;

    public LaunchCounts Count(KernelProgram program, in LaunchGeometry geometry, ReadOnlySpan<byte> parameters)
    {
        _loads ??= new SectorMap(memory.BaseAddress, memory.ArenaBytes);
        _stores ??= new SectorMap(memory.BaseAddress, memory.ArenaBytes);
        var observer = new CountObserver(program, _loads, _stores);
        if (Run(program, geometry, parameters, observer) is (FaultSignal signal, long block))
        {
            throw LaunchJob.Describe(program, geometry, signal, block);
        }

        return observer.Result();
    }

    public IReadOnlyList<Finding> Check(KernelProgram program, in LaunchGeometry geometry, ReadOnlySpan<byte> parameters)
    {
        _shadows ??= new Shadows(memory);
        _shadows.Global.BeginLaunch();
        var log = new FindingLog(program, geometry, options.MaxFindings);
        var observer = new CheckObserver(program, geometry, memory, _shadows, log);
        (FaultSignal Signal, long Block)? fault = Run(program, geometry, parameters, observer);
        observer.Finish();
        if (fault is (FaultSignal signal, _))
        {
            log.Add(signal.Kind, signal.Instruction, (signal.Warp * Lanes.Count) + signal.Lane, signal.Address, signal.Message);
        }

        return log.Findings;
    }

    public void Dispose()
    {
        _loads?.Dispose();
        _stores?.Dispose();
        _shadows?.Dispose();
    }

    /// <summary>What ended the launch early, and in which block.</summary>
    private (FaultSignal Signal, long Block)? Run(KernelProgram program, in LaunchGeometry geometry, ReadOnlySpan<byte> parameters, Observer observer)
    {
        BlockState state = program.Rent(geometry.Warps, geometry.SharedBytes);
        long blocks = geometry.Grid.Count, block = 0;
        Observer.Current = observer;
        try
        {
            state.Enter(geometry, parameters, memory.BaseAddress, (ulong)memory.ArenaBytes);
            for (; block < blocks; block++)
            {
                state.Begin(geometry.Grid.At(block), options.MaxLoopsPerWarp);
                observer.OnBlock(block, state.Shared, geometry.SharedBytes, geometry.Warps);
                BlockRunner.Run<Observed>(program, state, geometry);
            }

            return null;
        }
        catch (FaultSignal signal)
        {
            return (signal, block);
        }
        finally
        {
            Observer.Current = null!;
            program.Return(state);
        }
    }
}

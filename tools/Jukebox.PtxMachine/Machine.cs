using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Program;

namespace Jukebox.PtxMachine;

/// <summary>Executes kernels. Launches may come from several threads at once; in the modes that observe, they run one after another.</summary>
public sealed class Machine : IDisposable
{
    private const int MaxThreadsPerBlock = 1024;

    private readonly Lock _observing = new();
    private readonly ObservedLaunch _observed;

    public Machine(MachineOptions options, DeviceMemory memory)
    {
        Options = options;
        Memory = memory;
        _observed = new ObservedLaunch(memory, options);
        if (options.Mode == MachineMode.Check)
        {
            memory.Track();
        }
    }

    public MachineOptions Options { get; }

    public DeviceMemory Memory { get; }

    /// <summary>Runs a kernel to its end.</summary>
    /// <param name="parameters">The kernel's parameters as they lie in memory, <see cref="PtxKernel.ParameterBytes"/> long.</param>
    /// <exception cref="ArgumentException">The launch itself is malformed: extents, threads, or the parameters' length.</exception>
    /// <exception cref="PtxFaultException">The kernel faulted; what it wrote until then stays.</exception>
    public LaunchReport Launch(LoadedModule module, PtxKernel kernel, Dim3 grid, Dim3 block, int dynamicSharedBytes, ReadOnlySpan<byte> parameters)
    {
        Validate(module, kernel, grid, block, dynamicSharedBytes, parameters.Length);
        KernelProgram program = module.ProgramOf(kernel, Options.Mode != MachineMode.Fast);
        var geometry = new LaunchGeometry(grid, block, kernel.StaticSharedBytes, dynamicSharedBytes, Options.MultiprocessorCount);
        var report = new LaunchReport(kernel.Name, grid, block, dynamicSharedBytes);
        if (Options.Mode == MachineMode.Check)
        {
            lock (_observing)
            {
                return report with { Findings = _observed.Check(program, geometry, parameters) };
            }
        }

        report = Options.Mode == MachineMode.Count ? report with { Counts = Count(program, geometry, parameters) } : report;
        if (Options.Mode == MachineMode.Fast)
        {
            new LaunchJob(program, geometry, parameters.ToArray(), Memory, Options).Run();
        }

        if (Memory.IsTracked)
        {
            Memory.MarkAllWritten();
        }

        return report;
    }

    /// <summary>Frees the books that the observing modes keep. Launches must be over.</summary>
    public void Dispose() => _observed.Dispose();

    private LaunchCounts Count(KernelProgram program, in LaunchGeometry geometry, ReadOnlySpan<byte> parameters)
    {
        lock (_observing)
        {
            return _observed.Count(program, geometry, parameters);
        }
    }

    private void Validate(LoadedModule module, PtxKernel kernel, Dim3 grid, Dim3 block, int dynamicSharedBytes, int parameterBytes)
    {
        if (module.Memory != Memory)
        {
            throw new ArgumentException("the module is loaded into another device's memory", nameof(module));
        }

        if (grid.X < 1 || grid.Y < 1 || grid.Z < 1 || grid.Y > 65535 || grid.Z > 65535)
        {
            throw new ArgumentException($"a grid of {grid}", nameof(grid));
        }

        if (block.X < 1 || block.Y < 1 || block.Z < 1 || block.Count > MaxThreadsPerBlock || block.Z > 64)
        {
            throw new ArgumentException($"a block of {block}: {MaxThreadsPerBlock} threads at most", nameof(block));
        }

        if (kernel.MaxThreads is Dim3 limit && block.Count > limit.Count)
        {
            throw new ArgumentException($"a block of {block}, where {kernel.Name} is compiled for {limit.Count} threads at most", nameof(block));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(dynamicSharedBytes);
        if (parameterBytes != kernel.ParameterBytes)
        {
            throw new ArgumentException($"{parameterBytes} bytes of parameters, where {kernel.Name} takes {kernel.ParameterBytes}", nameof(parameterBytes));
        }
    }
}

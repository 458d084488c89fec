namespace Jukebox.PtxMachine;

/// <summary>Executes kernels. Launches may come from several threads at once; in the modes that observe, they run one after another.</summary>
public sealed class Machine
{
    public Machine(MachineOptions options, DeviceMemory memory)
    {
        Options = options;
        Memory = memory;
        if (options.Mode == MachineMode.Check)
        {
            memory.Track();
        }
    }

    public MachineOptions Options { get; }

    public DeviceMemory Memory { get; }

    /// <summary>Runs a kernel to its end.</summary>
    /// <param name="parameters">The kernel's parameters as they lie in memory, <see cref="PtxKernel.ParameterBytes"/> long.</param>
    /// <exception cref="PtxFaultException">The kernel faulted; what it wrote until then stays.</exception>
    public LaunchReport Launch(LoadedModule module, PtxKernel kernel, Dim3 grid, Dim3 block, int dynamicSharedBytes, ReadOnlySpan<byte> parameters) =>
        throw new NotSupportedException("modules are read and placed; nothing executes them yet");
}

using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Shadow;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Backend;
using Jukebox.Cuda.Backend;
using Jukebox.Cuda.Driver;

namespace Jukebox.Studio.Devices;

/// <summary>What is to compute.</summary>
public enum DeviceKind
{
    /// <summary>A CUDA device if there is one, else the processor.</summary>
    Auto,

    /// <summary>A CUDA device.</summary>
    Cuda,

    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>Both, every operation compared.</summary>
    Shadow,
}

/// <summary>A choice of device, and the only place that makes backends of one.</summary>
public sealed record DeviceChoice
{
    /// <summary>What is to compute.</summary>
    public DeviceKind Kind { get; init; }

    /// <summary>Which CUDA device.</summary>
    public int Ordinal { get; init; }

    /// <summary>How a CUDA device stores matrices; none for f16 where the file has f32, and the file's own otherwise.</summary>
    public ElementType? Storage { get; init; }

    /// <summary>Threads of the processor.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Name of a <see cref="CpuInstructionSet"/> in any case, or none for the widest that the processor has.</summary>
    public string? InstructionSet { get; init; }

    /// <summary>
    /// Opens it. An explicit choice never falls back; the automatic one tells <paramref name="note"/> in a line why it computes on the
    /// processor. The caller disposes the backend.
    /// </summary>
    /// <exception cref="DeviceException">There is no such device, or it cannot be used.</exception>
    /// <exception cref="StudioException">The processor lacks the instruction set.</exception>
    public IBackend Open(Action<string> note)
    {
        switch (Kind)
        {
            case DeviceKind.Cpu:
                return OpenProcessor();
            case DeviceKind.Cuda:
                return OpenCuda();
            case DeviceKind.Shadow:
                CudaBackend device = OpenCuda();
                try
                {
                    return new ShadowBackend(device, OpenProcessor(), ShadowTolerance(device.PackedType(ElementType.F32)));
                }
                catch
                {
                    device.Dispose();
                    throw;
                }

            default:
                try
                {
                    return OpenCuda();
                }
                catch (DeviceException error)
                {
                    note($"Computing on the processor: {error.Message.Split(';')[0]}."); // without what would mend it
                    return OpenProcessor();
                }
        }
    }

    /// <summary>Opens the processor as a device that can train.</summary>
    /// <exception cref="StudioException">It lacks the instruction set.</exception>
    public ITrainingBackend OpenForTraining() => OpenProcessor();

    /// <summary>Weights and inputs of a product are rounded once: a few units of that, in parts of the largest result.</summary>
    private static double ShadowTolerance(ElementType storage) => storage switch
    {
        ElementType.F32 => 1e-4,
        ElementType.BF16 => 0.06,
        _ => 0.01,
    };

    private CudaBackend OpenCuda() => new(new CudaOptions { Ordinal = Ordinal, MatrixType = Storage });

    private CpuBackend OpenProcessor()
    {
        CpuInstructionSet? chosen = InstructionSet is null ? null : Enum.Parse<CpuInstructionSet>(InstructionSet, ignoreCase: true);
        return chosen is null || CpuOptions.Supported.Contains(chosen.Value)
            ? new CpuBackend(new CpuOptions(chosen, Threads))
            : throw new StudioException($"This machine has no {chosen}: it can do {string.Join(", ", CpuOptions.Supported)}.");
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Convolution;
using Jukebox.Cpu.Linear;
using Jukebox.Cpu.Simd;
using Jukebox.Cpu.Threads;
using Jukebox.Cpu.Tokens;

namespace Jukebox.Cpu.Backend;

/// <summary>
/// The contract on the host's processor. An operation is done when its call returns. Kernels are compiled for each
/// instruction set and one set is bound when the backend is opened; threads split outputs, never sums. One backend
/// serves one thread at a time; a second one is refused.
/// </summary>
public sealed unsafe partial class CpuBackend : ITrainingBackend
{
    private readonly ThreadTeam _team;
    private readonly TurnKeeper _turns;
    private readonly Scratch _scratch = new();

    /// <summary>Uses the best instruction set and every processor.</summary>
    public CpuBackend()
        : this(new CpuOptions())
    {
    }

    /// <summary>Uses what the options ask for.</summary>
    /// <exception cref="PlatformNotSupportedException">The machine lacks the instruction set.</exception>
    public CpuBackend(CpuOptions options)
    {
        InstructionSet = options.InstructionSet ?? CpuOptions.Supported[0];
        if (!CpuOptions.Supported.Contains(InstructionSet))
        {
            throw new PlatformNotSupportedException($"this machine, or the run time's switches, offer no {NameOf(InstructionSet)}");
        }

        _turns = new TurnKeeper(this);
        _team = new ThreadTeam(options.ThreadCount ?? Environment.ProcessorCount);
        switch (InstructionSet)
        {
            case CpuInstructionSet.Avx512:
                Bind<Avx512Simd, Vector512<float>>();
                break;
            case CpuInstructionSet.Avx2:
                Bind<Avx2Simd, Vector256<float>>();
                break;
            default:
                Bind<PortableSimd, Vector128<float>>();
                break;
        }
    }

    /// <summary>What the kernels are compiled for.</summary>
    public CpuInstructionSet InstructionSet { get; }

    /// <summary>Threads including the caller's.</summary>
    public int ThreadCount => _team.Count;

    /// <inheritdoc/>
    public string Name => $"{Arithmetic}, {ThreadCount} {(ThreadCount == 1 ? "thread" : "threads")}";

    /// <inheritdoc/>
    public string Arithmetic => $"CPU, {NameOf(InstructionSet)}";

    /// <inheritdoc/>
    public MemoryFacts? Memory => null;

    /// <inheritdoc/>
    public ITrainingBackend? Training => this;

    /// <inheritdoc/>
    public MachineLimits? MeasureLimits()
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        return MachineProbe.Measure(this);
    }

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long lengthBytes) => new CpuBuffer(lengthBytes);

    /// <inheritdoc/>
    public Tensor Load(StoredTensor source) => new(new CpuBuffer(source), source.Type, source.Shape);

    /// <inheritdoc/>
    public PackedMatrix Pack(in LinearWeights weights)
    {
        OperationShapes.Pack(weights);
        return new CpuMatrix(weights);
    }

    /// <inheritdoc/>
    public ElementType PackedType(ElementType stored) => stored;

    /// <inheritdoc/>
    public long PackedBytes(ElementType stored, int inputs, int outputs) => (long)inputs * outputs * stored.LengthBytes();

    /// <inheritdoc/>
    public ElementType CacheType(ElementType packed) => ElementType.F32;

    /// <inheritdoc/>
    public Recording Record(Action operations) => new CpuRecording(_turns, operations);

    /// <inheritdoc/>
    public void Synchronize()
    {
        using TurnKeeper.Turn turn = _turns.Enter();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        _team.Dispose();
        _scratch.Dispose();
    }

    /// <summary>Runs a kernel on the backend's threads, for the probes.</summary>
    internal void RunKernel(Kernel kernel, void* job, int partCount) => _team.Run(kernel, job, partCount);

    /// <summary>Issues the operations anew: there is nothing to gain here.</summary>
    private sealed class CpuRecording(TurnKeeper turns, Action operations) : Recording
    {
        public override void Replay()
        {
            using TurnKeeper.Turn turn = turns.Enter();
            operations();
        }

        public override void Dispose()
        {
        }
    }

    private static string NameOf(CpuInstructionSet instructionSet) => instructionSet switch
    {
        CpuInstructionSet.Avx512 => "AVX-512",
        CpuInstructionSet.Avx2 => "AVX2",
        _ => "portable vectors",
    };

    /// <summary>Takes the addresses of every operation's kernels for one instruction set.</summary>
    private void Bind<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        BindRows<TSimd, TVector>();
        BindLinear<TSimd, TVector>();
        BindAttention<TSimd, TVector>();
        BindLinearGradient<TSimd, TVector>();
        BindRowGradients<TSimd, TVector>();
        BindAttentionGradient<TSimd, TVector>();
        _convolution = &ConvKernels<TSimd, TVector>.Run;
        _convolutionScratch = &ConvKernels<TSimd, TVector>.ScratchFloats;
        _packCodebook = &NearestCodeKernels<TSimd, TVector>.Pack;
        _nearestCode = &NearestCodeKernels<TSimd, TVector>.Search;
        BindConvolutionGradients<TSimd, TVector>();
        BindSpectra<TSimd, TVector>();
        _panelCodes = &NearestCodeKernels<TSimd, TVector>.PanelCodes;
        _nearestCodeScratch = &NearestCodeKernels<TSimd, TVector>.ScratchFloats;
    }

    private static float At(Tensor tensor, long index) => tensor.Type switch
    {
        ElementType.F32 => ((float*)Bytes(tensor))[index],
        ElementType.F16 => (float)((Half*)Bytes(tensor))[index],
        ElementType.BF16 => BitConverter.UInt32BitsToSingle((uint)((ushort*)Bytes(tensor))[index] << 16),
        _ => throw new ArgumentException($"cannot compute with {tensor.Type}"),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Bytes(Tensor tensor) => ((CpuBuffer)tensor.Buffer).Pointer + tensor.OffsetBytes;

    private static float* Floats(Tensor tensor) => tensor.Type == ElementType.F32
        ? (float*)Bytes(tensor)
        : throw new ArgumentException($"expected F32, got {tensor}");

    private static int* Ints(Tensor tensor) => tensor.Type == ElementType.I32
        ? (int*)Bytes(tensor)
        : throw new ArgumentException($"expected I32, got {tensor}");
}

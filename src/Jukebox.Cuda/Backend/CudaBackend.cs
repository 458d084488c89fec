using System.Runtime.CompilerServices;
using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Compiler;
using Jukebox.Cuda.Driver;
using Jukebox.Cuda.Kernels;

namespace Jukebox.Cuda.Backend;

/// <summary>
/// The contract on an NVIDIA device. An operation checks its shapes, chooses a grid and issues a launch; nothing waits but
/// <see cref="Synchronize"/> and downloads. Kernels are compiled when they are first wanted, then cached. One backend
/// serves one thread at a time; a second one is refused.
/// </summary>
public sealed unsafe partial class CudaBackend : IBackend
{
    private readonly CudaOptions _options;
    private readonly CudaDriver _driver;
    private readonly ContextHandle _context;
    private readonly CudaStream _stream;
    private readonly UploadRing _uploads;
    private readonly KernelLibrary _kernels;
    private readonly TurnKeeper _turns;
    private readonly DeviceScratch _scratch;

    /// <summary>Opens the first device of the system's driver.</summary>
    public CudaBackend()
        : this(new CudaOptions())
    {
    }

    /// <summary>Opens the device that the options name.</summary>
    /// <exception cref="CudaException">No driver, no such device, or one that is too old.</exception>
    public CudaBackend(CudaOptions options)
    {
        _options = options;
        _turns = new TurnKeeper(this);
        _scratch = new DeviceScratch(lengthBytes => AllocateBuffer(lengthBytes));
        _driver = options.Driver ?? CudaLibrary.OpenDriver();
        Device = CudaDevice.Open(_driver, options.Ordinal);
        _context = new ContextHandle(_driver, Device.Handle(_driver));
        try
        {
            _stream = new CudaStream(_context, options.SynchronizeLaunches);
            _uploads = new UploadRing(_stream);
            _kernels = new KernelLibrary(_context, Device, options);
        }
        catch
        {
            _uploads?.Dispose();
            _stream?.Dispose();
            _context.Dispose();
            throw;
        }
    }

    /// <summary>What it runs on.</summary>
    public CudaDevice Device { get; }

    /// <inheritdoc/>
    public string Name => $"CUDA {CudaDriver.VersionText(_driver.Version)}, {Device.Name}, compute capability {Device.CapabilityText}";

    /// <inheritdoc/>
    public string Arithmetic => $"CUDA, compute capability {Device.CapabilityText}{(_options.MatrixType is { } type ? $", {type} matrices" : "")}";

    /// <inheritdoc/>
    public MemoryFacts? Memory => OwnMemory;

    /// <inheritdoc/>
    public ITrainingBackend? Training => null;

    /// <summary>The same, as there always is some.</summary>
    internal MemoryFacts OwnMemory
    {
        get
        {
            _context.MakeCurrent();
            nuint freeBytes, totalBytes;
            _driver.Check(_driver.cuMemGetInfo_v2(&freeBytes, &totalBytes));
            return new MemoryFacts(checked((long)totalBytes), checked((long)freeBytes));
        }
    }

    /// <summary>Whether kernels may use tensor cores for 16-bit storage.</summary>
    internal bool HasTensorCores => Device.Capability >= 80;

    /// <summary>Kernels that this backend has compiled itself, rather than found in the cache.</summary>
    internal IReadOnlyList<string> CompiledUnits => _kernels.Compiled;

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lengthBytes);
        return AllocateBuffer(lengthBytes);
    }

    /// <inheritdoc/>
    public Tensor Load(StoredTensor source)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        CudaBuffer buffer = AllocateBuffer(Math.Max(source.LengthBytes, 1));
        try
        {
            for (long offset = 0; offset < source.LengthBytes; offset += int.MaxValue)
            {
                int count = (int)Math.Min(source.LengthBytes - offset, int.MaxValue);
                Upload(buffer.Address + (ulong)offset, new ReadOnlySpan<byte>(source.Pointer + offset, count));
            }

            return new Tensor(buffer, source.Type, source.Shape);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Synchronize()
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        _stream.Synchronize();
    }

    /// <inheritdoc/>
    public MachineLimits? MeasureLimits()
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        return CudaProbe.Measure(this);
    }

    /// <inheritdoc/>
    public ElementType PackedType(ElementType stored) => _options.MatrixType ?? (stored == ElementType.F32 ? ElementType.F16 : stored);

    /// <inheritdoc/>
    public ElementType CacheType(ElementType packed) => packed;

    /// <inheritdoc/>
    public void Copy(Tensor x, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Copy(x, y);
        _context.MakeCurrent();
        if (x.LengthBytes > 0)
        {
            _stream.Check(_driver.cuMemcpyDtoDAsync_v2(Address(y), Address(x), (nuint)x.LengthBytes, _stream.Value));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        _scratch.Dispose();
        _kernels.Dispose();
        _uploads.Dispose();
        _stream.Dispose();
        _context.Dispose();
    }

    /// <summary>Copies to the device, in queue order.</summary>
    internal void Upload(ulong address, ReadOnlySpan<byte> source)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        RequireRunning("uploaded");
        _context.MakeCurrent();
        _uploads.Upload(address, source);
    }

    /// <summary>Waits for the queue and copies from the device.</summary>
    internal void Download(ulong address, Span<byte> destination)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        RequireRunning("downloaded");
        _context.MakeCurrent();
        fixed (byte* start = destination)
        {
            if (destination.Length > 0)
            {
                _stream.Check(_driver.cuMemcpyDtoHAsync_v2(start, address, (nuint)destination.Length, _stream.Value));
            }

            _stream.Synchronize();
        }
    }

    /// <summary>Sets bytes of the device, in queue order.</summary>
    internal void Fill(ulong address, byte value, long lengthBytes)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        _context.MakeCurrent();
        _stream.Check(_driver.cuMemsetD8Async(address, value, (nuint)lengthBytes, _stream.Value));
    }

    /// <summary>Address of a tensor's first element, which must be in this backend's memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Address(Tensor tensor) => tensor.Buffer is CudaBuffer buffer && buffer.Owner == this
        ? buffer.Address + (ulong)tensor.OffsetBytes
        : throw new ArgumentException($"the tensor {tensor} is not in the memory of {Name}");

    /// <summary>The same for an optional tensor: 0 when there is none.</summary>
    private ulong Address(Tensor? tensor) => tensor is { } some ? Address(some) : 0;

    /// <summary>Address of a tensor of one type.</summary>
    private ulong Address(Tensor tensor, ElementType type) => tensor.Type == type
        ? Address(tensor)
        : throw new ArgumentException($"expected {type}, got {tensor}");

    private void Launch<TArgs>(KernelEntry entry, KernelVariant variant, KernelGrid grid, in TArgs args)
        where TArgs : unmanaged => Launch(entry, variant, grid, 0, args);

    private void Launch<TArgs>(KernelEntry entry, KernelVariant variant, KernelGrid grid, int sharedBytes, in TArgs args)
        where TArgs : unmanaged => _kernels.Get(entry, variant).Launch(_stream, grid, sharedBytes, args);

    private CudaBuffer AllocateBuffer(long lengthBytes)
    {
        try
        {
            return new CudaBuffer(this, new DeviceMemoryHandle(_context, lengthBytes), lengthBytes);
        }
        catch (CudaException error) when (error.Code == CudaResult.OutOfMemory)
        {
            nuint freeBytes = 0, totalBytes = 0;
            _ = _driver.cuMemGetInfo_v2(&freeBytes, &totalBytes);
            throw new CudaException(
                $"out of device memory: {Mebibytes(lengthBytes)} wanted, {Mebibytes((long)freeBytes)} of {Mebibytes((long)totalBytes)} free on {Device.Name}",
                error.Call,
                error.Code);
        }
    }

    private static string Mebibytes(long lengthBytes) => FormattableString.Invariant($"{lengthBytes / (1024.0 * 1024):N1} MiB");

    private void RequireRunning(string verb)
    {
        if (_stream.IsCapturing)
        {
            throw new InvalidOperationException($"nothing can be {verb} while operations are recorded: it would happen once, not at every replay");
        }
    }
}

using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Backend;
using Jukebox.Cuda.Driver;
using Jukebox.PtxMachine.Driver;
using Xunit;

namespace Jukebox.Tests;

/// <summary>
/// The CUDA backend over the PTX machine: a row for each PTX target and storage of matrices. With <see cref="CardVariable"/> set,
/// over the machine's own card instead: a row for each storage.
/// </summary>
public static class TestBackends
{
    /// <summary>Set to anything, the contract's tests run on the machine's card; what a test says about a device of the PTX machine stays there.</summary>
    public const string CardVariable = "JUKEBOX_TEST_CARD";

    private const string CardPrefix = "card-";

    private static readonly ElementType[] Storages = [ElementType.F32, ElementType.F16, ElementType.BF16];

    /// <summary>Every row there can be; the card's stand for compute capability 8.0 where a test wants a device of the PTX machine.</summary>
    private static readonly Dictionary<string, (int Capability, ElementType Storage)> Cudas = (
        from target in new[] { ("cuda-70-", 70), ("cuda-80-", 80), (CardPrefix, 80) }
        from storage in Storages
        select (Prefix: target.Item1, Capability: target.Item2, Storage: storage))
        .ToDictionary(row => $"{row.Prefix}{row.Storage}".ToLowerInvariant(), row => (row.Capability, row.Storage));

    private static readonly bool UsesCard = Environment.GetEnvironmentVariable(CardVariable) is { Length: > 0 };

    /// <summary>The PTX machine's driver, bound as any other.</summary>
    public static CudaDriver Driver { get; } = new(PtxDriver.Function, "the PTX machine");

    /// <summary>What there is: <c>cuda-70-f32</c>, … (compute capability, storage), or <c>card-f32</c>, ….</summary>
    public static IReadOnlyList<string> AllNames { get; } = [.. Cudas.Keys.Where(name => IsCard(name) == UsesCard)];

    /// <summary>Those that compute in single precision throughout.</summary>
    public static IReadOnlyList<string> SingleNames { get; } = [.. AllNames.Where(name => Storage(name) == ElementType.F32)];

    /// <summary>A theory's rows.</summary>
    public static TheoryData<string> Names => [.. AllNames];

    /// <summary>Compute capability of the backend of that name, times ten.</summary>
    public static int Capability(string name) => Cudas[name].Capability;

    /// <summary>Storage of its matrices.</summary>
    public static ElementType Storage(string name) => Cudas[name].Storage;

    /// <summary>Opens the backend that tests of whole models run on: single-precision storage, as the original's codes need.</summary>
    public static IBackend OpenForModels() => Open(UsesCard ? "card-f32" : "cuda-80-f32");

    /// <summary>Opens the backend of that name, on a device of its own that goes with it, or on the card.</summary>
    public static IBackend Open(string name) =>
        IsCard(name) ? new CudaBackend(new CudaOptions { MatrixType = Storage(name) }) : Open(name, new DeviceOptions());

    /// <summary>The same on a device of the PTX machine with options: a mode, a log, less memory.</summary>
    public static CudaBackend Open(string name, DeviceOptions options) => Open(name, AddDevice(name, options));

    /// <summary>Opens the backend of that name on a device that <see cref="AddDevice"/> made for it.</summary>
    public static CudaBackend Open(string name, MachineDevice device) => Open(device, new CudaOptions { MatrixType = Storage(name) });

    /// <summary>Adds a device for the backend of that name, whose log and findings the caller can look at; it goes with the backend.</summary>
    public static MachineDevice AddDevice(string name, DeviceOptions options) =>
        PtxDriver.AddDevice(options with { ComputeCapability = Capability(name), IsRemovedWithContext = true });

    /// <summary>Opens a backend on a device that the caller added.</summary>
    public static CudaBackend Open(MachineDevice device, CudaOptions options) => new(options with { Driver = Driver, Ordinal = device.Ordinal });

    private static bool IsCard(string name) => name.StartsWith(CardPrefix, StringComparison.Ordinal);
}

using Jukebox.Core.Tensors;

namespace Jukebox.Cuda.Kernels;

/// <summary>A macro handed to the compiler.</summary>
public readonly record struct KernelDefine(string Name, string Value)
{
    /// <summary>As the compiler's option: <c>-DSTORAGE=f16</c>.</summary>
    public string Option => $"-D{Name}={Value}";
}

/// <summary>
/// What one kernel file is compiled for: the storage type of its parameters (<c>STORAGE</c>), where it has one, and
/// whether it may use tensor cores (<c>TENSOR_CORES</c>), which want compute capability 8.0.
/// </summary>
public readonly record struct KernelVariant(ElementType? Storage = null, bool TensorCores = false)
{
    /// <summary>For files that have no variants.</summary>
    public static IReadOnlyList<KernelVariant> One { get; } = [default];

    /// <summary>One for each floating-point storage type.</summary>
    public static IReadOnlyList<KernelVariant> Storages { get; } = [new(ElementType.F32), new(ElementType.F16), new(ElementType.BF16)];

    /// <summary>One for each storage type without tensor cores, and one for each 16-bit type with them.</summary>
    public static IReadOnlyList<KernelVariant> StoragesAndTensorCores { get; } = [.. Storages, new(ElementType.F16, true), new(ElementType.BF16, true)];

    /// <summary>The least compute capability, times ten.</summary>
    public int LeastCapability => TensorCores ? 80 : 70;

    /// <summary>What tells its files apart: ".f16.tensor_cores", or nothing.</summary>
    public string Suffix => (Storage is { } storage ? "." + storage.ToString().ToLowerInvariant() : "") + (TensorCores ? ".tensor_cores" : "");

    /// <summary>The macros.</summary>
    public IEnumerable<KernelDefine> Defines => Storage is { } storage
        ? [new("STORAGE", storage.ToString().ToLowerInvariant()), new("TENSOR_CORES", TensorCores ? "1" : "0")]
        : [];
}

using System.Text;
using Jukebox.Cuda.Driver;
using Jukebox.Cuda.Kernels;

namespace Jukebox.Cuda.Compiler;

/// <summary>
/// From a kernel's source to a loaded module, when it is first wanted: compiled to machine code for the exact device and
/// cached; as PTX where the driver takes no such machine code, or the compiler is older than the device; from the PTX
/// that ships where there is no compiler, or none that the driver understands.
/// </summary>
internal sealed class KernelLibrary(ContextHandle context, CudaDevice device, CudaOptions options) : IDisposable
{
    private readonly Dictionary<KernelUnit, LoadedModuleHandle> _modules = [];
    private readonly Dictionary<(KernelEntry Entry, KernelVariant Variant), CudaKernel> _kernels = [];
    private readonly KernelCache _cache = new(options.CacheFolder ?? KernelCache.UserFolder);
    private readonly Lazy<Nvrtc?> _compiler = new(() => options.UseCompiler ? options.Compiler ?? CudaLibrary.FindNvrtc() : null);
    private bool _machineCodeRefused;
    private bool _compiledPtxRefused;

    /// <summary>Targets that the PTX which ships is made for: compute capabilities times ten.</summary>
    public static IReadOnlyList<int> PtxTargets { get; } = [70, 80];

    /// <summary>Units that were compiled here, in order, rather than found in the cache: "linear.f16 for sm_80".</summary>
    public List<string> Compiled { get; } = [];

    /// <summary>The kernel of a row in a variant, which the device must be able to run.</summary>
    public CudaKernel Get(KernelEntry entry, KernelVariant variant)
    {
        if (!_kernels.TryGetValue((entry, variant), out CudaKernel? kernel))
        {
            var unit = new KernelUnit(entry.File, variant);
            context.MakeCurrent();
            kernel = new CudaKernel(context, Module(unit), unit, entry);
            _kernels.Add((entry, variant), kernel);
        }

        return kernel;
    }

    public void Dispose()
    {
        foreach (LoadedModuleHandle module in _modules.Values)
        {
            module.Dispose();
        }

        _modules.Clear();
        _kernels.Clear();
    }

    private LoadedModuleHandle Module(KernelUnit unit)
    {
        if (!_modules.TryGetValue(unit, out LoadedModuleHandle? module))
        {
            module = MachineCode(unit) ?? CompiledPtx(unit) ?? ShippedPtx(unit);
            _modules.Add(unit, module);
        }

        return module;
    }

    /// <summary>The module from machine code; none where that way is closed.</summary>
    private LoadedModuleHandle? MachineCode(KernelUnit unit)
    {
        if (_machineCodeRefused || _compiler.Value is not { } compiler || !compiler.Architectures.Contains(device.Capability))
        {
            return null;
        }

        string target = $"sm_{device.Capability}";
        byte[] image = Cached(unit, compiler, target, () => unit.Compile(compiler, target, MoreOptions).Image);
        CudaResult result = LoadedModuleHandle.TryLoad(context, image, out LoadedModuleHandle? module, out string log);

        // One answer counts for all: what the driver says of one kernel's machine code it says of every other's.
        _machineCodeRefused = result is CudaResult.NoBinaryForGpu or CudaResult.InvalidImage;
        return module is not null || _machineCodeRefused ? module : throw Refused(unit, $"machine code for {target}", result, log);
    }

    /// <summary>The module from PTX that is compiled here; none where that way is closed.</summary>
    private LoadedModuleHandle? CompiledPtx(KernelUnit unit)
    {
        int target = PtxTarget;
        if (_compiledPtxRefused || _compiler.Value is not { } compiler || !compiler.Architectures.Contains(target))
        {
            return null;
        }

        byte[] text = Cached(unit, compiler, $"compute_{target}", () => Encoding.UTF8.GetBytes(unit.CompilePtx(compiler, target, MoreOptions)));
        CudaResult result = LoadedModuleHandle.TryLoad(context, [.. text, 0], out LoadedModuleHandle? module, out string log);

        // A compiler newer than the driver writes PTX that the driver cannot read; what ships is older.
        _compiledPtxRefused = result == CudaResult.UnsupportedPtxVersion;
        return module is not null || _compiledPtxRefused ? module : throw Refused(unit, $"compiled PTX for compute_{target}", result, log);
    }

    private LoadedModuleHandle ShippedPtx(KernelUnit unit)
    {
        int target = PtxTarget;
        byte[] text = Encoding.UTF8.GetBytes(Shipped(unit, target));
        CudaResult result = LoadedModuleHandle.TryLoad(context, [.. text, 0], out LoadedModuleHandle? module, out string log);
        return module ?? throw Refused(unit, $"shipped PTX for compute_{target}", result, log);
    }

    private int PtxTarget => PtxTargets.Last(target => target <= device.Capability);

    private string[] MoreOptions => options.LineInfo ? ["-lineinfo"] : [];

    private byte[] Cached(KernelUnit unit, Nvrtc compiler, string target, Func<byte[]> compile)
    {
        string key = unit.Hash(target, [.. MoreOptions, "NVRTC " + compiler.Version]);
        if (_cache.Find(key) is { } cached)
        {
            return cached;
        }

        byte[] image = compile();
        Compiled.Add($"{unit.Name} for {target}");
        _cache.Store(key, image);
        return image;
    }

    private static string Shipped(KernelUnit unit, int target)
    {
        string path = unit.PtxPath(target);
        string text = KernelSource.TryRead(path)
            ?? throw new CudaException($"there is no NVRTC, and kernels/{path} does not ship; install the CUDA toolkit, or name NVRTC in {CudaLibrary.NvrtcVariable}");
        return text.StartsWith(unit.PtxHeader(target) + "\n", StringComparison.Ordinal)
            ? text
            : throw new CudaException($"kernels/{path} was made of another source than kernels/{unit.File}; kernels/README.md says how to renew it");
    }

    private CudaException Refused(KernelUnit unit, string what, CudaResult result, string log)
    {
        string advice = result == CudaResult.UnsupportedPtxVersion
            ? $"; the driver is for CUDA {CudaDriver.VersionText(context.Driver.Version)}: install a newer one"
            : "";
        return new CudaException(
            $"{device.Name} refuses {unit.Name} ({what}): {context.Driver.Describe(result)}{advice}{(log.Length > 0 ? ":\n" + log : "")}",
            "cuModuleLoadDataEx",
            result,
            log);
    }
}

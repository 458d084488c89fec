using System.Runtime.InteropServices;

namespace Jukebox.Cuda.Driver;

/// <summary>Where the driver and the compiler are looked for, in order.</summary>
public static class CudaLibrary
{
    /// <summary>Names the compiler, as a file or as the folder that holds it. Set, it is the only place looked at.</summary>
    public const string NvrtcVariable = "JUKEBOX_NVRTC_PATH";

    private static readonly Lazy<Nvrtc?> DefaultNvrtc = new(() => OpenNvrtc(Environment.GetEnvironmentVariable(NvrtcVariable)));

    /// <summary>Loads the driver.</summary>
    /// <exception cref="CudaException">There is none, or it is too old, or will not start.</exception>
    public static CudaDriver OpenDriver() => OpenDriver([.. DriverCandidates()]);

    /// <summary>Loads the first of several libraries that can be loaded.</summary>
    internal static CudaDriver OpenDriver(IReadOnlyList<string> candidates)
    {
        foreach (string candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out nint library))
            {
                return new CudaDriver(name => NativeLibrary.TryGetExport(library, name, out nint address) ? address : 0, candidate);
            }
        }

        throw new CudaException($"no CUDA driver: none of {string.Join(", ", candidates)} can be loaded; install NVIDIA's driver, or use the CPU");
    }

    /// <summary>The compiler of this process, looked for once; none where there is none.</summary>
    /// <exception cref="CudaException">The variable names something that is no usable compiler.</exception>
    public static Nvrtc? FindNvrtc() => DefaultNvrtc.Value;

    /// <summary>Loads the compiler from a file or a folder, or from wherever toolkits put it when none is given.</summary>
    /// <exception cref="CudaException">A path was given and holds no compiler.</exception>
    public static Nvrtc? OpenNvrtc(string? path)
    {
        bool given = !string.IsNullOrEmpty(path);
        foreach (string candidate in given ? WithinPath(path!) : NvrtcCandidates())
        {
            if (NativeLibrary.TryLoad(candidate, out nint library))
            {
                return new Nvrtc(library, candidate);
            }
        }

        return given
            ? throw new CudaException($"no NVRTC in {path}, which {NvrtcVariable} names: it must be the library's file or its folder")
            : null;
    }

    private static IEnumerable<string> DriverCandidates()
    {
        if (OperatingSystem.IsWindows())
        {
            yield return "nvcuda.dll";
            yield break;
        }

        // Through the loader's own search, which LD_LIBRARY_PATH leads.
        yield return "libcuda.so.1";

        // Linux under Windows keeps the driver outside the loader's path.
        yield return "/usr/lib/wsl/lib/libcuda.so.1";

        // NixOS likewise.
        yield return "/run/opengl-driver/lib/libcuda.so.1";
    }

    private static IEnumerable<string> NvrtcCandidates()
    {
        // Beside the program, as an application that redistributes it would have it.
        foreach (string name in NvrtcNames())
        {
            yield return Path.Combine(AppContext.BaseDirectory, name);
        }

        // Through the loader's own search.
        foreach (string name in NvrtcNames())
        {
            yield return name;
        }

        foreach (string file in ToolkitFolders().Where(Directory.Exists).SelectMany(WithinFolder))
        {
            yield return file;
        }
    }

    private static IEnumerable<string> ToolkitFolders()
    {
        // Set by the toolkit's installer on Windows, by module systems elsewhere.
        foreach (string variable in (string[])["CUDA_PATH", "CUDA_HOME"])
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } root)
            {
                yield return Path.Combine(root, "lib64");
                yield return Path.Combine(root, "bin");
                yield return Path.Combine(root, "bin", "x64");
            }
        }

        if (!OperatingSystem.IsWindows())
        {
            // The toolkit's installer on Linux, and Arch Linux's package.
            yield return "/usr/local/cuda/lib64";
            yield return "/opt/cuda/lib64";
        }

        // pip install nvidia-cuda-nvrtc, or nvidia-cuda-nvrtc-cu12, within a virtual environment.
        if (Environment.GetEnvironmentVariable("VIRTUAL_ENV") is { Length: > 0 } environment && Directory.Exists(Path.Combine(environment, "lib")))
        {
            foreach (string python in Directory.EnumerateDirectories(Path.Combine(environment, "lib"), "python3*"))
            {
                yield return Path.Combine(python, "site-packages", "nvidia", "cu13", "lib");
                yield return Path.Combine(python, "site-packages", "nvidia", "cuda_nvrtc", "lib");
            }
        }
    }

    /// <summary>Names by which the library goes, newest first.</summary>
    private static string[] NvrtcNames() => OperatingSystem.IsWindows()
        ? ["nvrtc64_130_0.dll", "nvrtc64_120_0.dll", "nvrtc64_112_0.dll"]
        : ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"];

    private static IEnumerable<string> WithinPath(string path) => Directory.Exists(path) ? WithinFolder(path) : [Path.GetFullPath(path)];

    private static IEnumerable<string> WithinFolder(string folder) =>
        NvrtcNames().Select(name => Path.Combine(Path.GetFullPath(folder), name)).Where(File.Exists);
}

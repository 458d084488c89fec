using Jukebox.Cuda.Compiler;
using Jukebox.Cuda.Driver;
using Xunit;

namespace Jukebox.Tests.Compilation;

/// <summary>The PTX that ships beside the sources, for machines without the compiler.</summary>
public sealed class ShippedPtxTests
{
    private static string Folder => Path.Combine(Repository.Root, "kernels", "ptx");

    private static IEnumerable<(KernelUnit Unit, int Target)> Files =>
        from target in KernelLibrary.PtxTargets
        from unit in KernelUnit.All
        where target >= unit.Variant.LeastCapability
        select (unit, target);

    [SkippableFact]
    public void EveryKernelShipsAsPtxOfItsPresentSource()
    {
        if (Repository.IsRenewing)
        {
            Renew();
            return;
        }

        string[] expected = [.. Files.Select(file => file.Unit.PtxPath(file.Target)).Order(StringComparer.Ordinal)];
        string[] there = [.. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Path.Combine(Repository.Root, "kernels"), path).Replace('\\', '/')).Order(StringComparer.Ordinal)];
        string[] different = [.. expected.Except(there).Select(file => file + " is missing"), .. there.Except(expected).Select(file => file + " is of no kernel")];
        Assert.True(different.Length == 0, $"{string.Join(", ", different)}; kernels/README.md says how to renew them");
        foreach ((KernelUnit unit, int target) in Files)
        {
            string first = File.ReadLines(Path.Combine(Repository.Root, "kernels", unit.PtxPath(target))).First();
            Assert.True(first == unit.PtxHeader(target), $"kernels/{unit.PtxPath(target)} is of another source; kernels/README.md says how to renew it");
        }
    }

    /// <summary>Another version of the compiler may write other text; the same one must write the same.</summary>
    [SkippableFact]
    public void TheShippedPtxIsWhatTheCompilerMakes()
    {
        AssemblyTests.RequireCompiler();
        Nvrtc compiler = CudaLibrary.FindNvrtc()!;
        foreach ((KernelUnit unit, int target) in Files)
        {
            string path = Path.Combine(Repository.Root, "kernels", unit.PtxPath(target));
            Skip.IfNot(File.Exists(path), $"{path} is missing, as another test says");
            string shipped = File.ReadAllText(path);
            string release = $"release {compiler.Version},";
            Skip.IfNot(shipped.Contains(release, StringComparison.Ordinal), $"the PTX that ships is not of this compiler's {release}");
            Assert.True(unit.CompilePtx(compiler, target) == shipped, $"kernels/{unit.PtxPath(target)} differs from what NVRTC {compiler.Version} makes");
        }
    }

    private static void Renew()
    {
        Nvrtc compiler = CudaLibrary.FindNvrtc() ?? throw new InvalidOperationException("renewing needs NVRTC");
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }

        foreach ((KernelUnit unit, int target) in Files)
        {
            string path = Path.Combine(Repository.Root, "kernels", unit.PtxPath(target));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, unit.CompilePtx(compiler, target));
        }
    }
}

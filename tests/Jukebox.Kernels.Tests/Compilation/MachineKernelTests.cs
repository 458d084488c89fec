using System.Text;
using System.Text.RegularExpressions;
using Jukebox.Cuda.Driver;
using Xunit;

namespace Jukebox.Tests.Compilation;

/// <summary>The PTX beside the kernels of the PTX machine's own tests, which have no compiler.</summary>
public sealed partial class MachineKernelTests
{
    private static string Folder => Path.Combine(Repository.Root, "tests", "Jukebox.PtxMachine.Tests", "Kernels");

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Folder, "*.ptx").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>Another version of the compiler may write other text; the same one must write the same.</summary>
    [SkippableTheory]
    [MemberData(nameof(Files))]
    public void ItIsWhatTheCompilerMakesOfTheSourceBesideIt(string file)
    {
        AssemblyTests.RequireCompiler();
        Nvrtc compiler = CudaLibrary.FindNvrtc()!;
        string path = Path.Combine(Folder, file);
        string made = Compile(compiler, file);
        if (Repository.IsRenewing)
        {
            File.WriteAllText(path, made);
            return;
        }

        string there = File.ReadAllText(path), release = $"release {compiler.Version},";
        Skip.IfNot(there.Contains(release, StringComparison.Ordinal), $"{file} is not of this compiler's {release}");
        Assert.True(there == made, $"{file} is of another source; kernels/README.md says how to renew it");
    }

    /// <summary><c>NAME.CAPABILITY.ptx</c> of <c>NAME.cu</c>, with line numbers that name the file without its folder.</summary>
    private static string Compile(Nvrtc compiler, string file)
    {
        string[] parts = file.Split('.');
        string source = parts[0] + ".cu";
        byte[] image = compiler.Compile(source, File.ReadAllText(Path.Combine(Folder, source)), [], $"compute_{parts[1]}", ["-lineinfo"]).Image;
        return FolderPattern().Replace(Encoding.UTF8.GetString(image).TrimEnd('\0'), "$1");
    }

    [GeneratedRegex("""(\.file\s+\d+ ")[^"]*/""")]
    private static partial Regex FolderPattern();
}

using System.Diagnostics;
using Xunit;
using Xunit.Abstractions;

namespace Jukebox.PtxMachine.Tests.Driver;

/// <summary>
/// The driver as a library on disk: published ahead of time, linked against by a C program that knows nothing of this
/// project. <c>JUKEBOX_LIBCUDA</c> names a library published before; without it the test publishes one.
/// </summary>
public sealed class PublishedLibraryTests(ITestOutputHelper output)
{
    private const string Variable = "JUKEBOX_LIBCUDA";
    private const string LibraryName = "libcuda.so.1";

    [SkippableFact]
    public void AProgramInCRunsOnTheLibrary()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the library is published for Linux");
        Skip.If(Find("cc") is null, "there is no C compiler (cc) on the PATH");
        string folder = Directory.CreateTempSubdirectory("ptx-machine-test-").FullName;
        try
        {
            string library = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : Publish(folder);
            library = Directory.Exists(library) ? Path.Combine(library, LibraryName) : library;
            string program = Path.Combine(folder, "program"), sources = Path.Combine(AppContext.BaseDirectory, "Driver", "Program");
            Run("cc", [], "-std=c11", "-Wall", "-Wextra", "-Werror", "-o", program, Path.Combine(sources, "program.c"), library, "-lm");
            (string, string) path = ("LD_LIBRARY_PATH", Path.GetDirectoryName(Path.GetFullPath(library))!);
            foreach ((string Name, string Value) variable in ((string, string)[])[("PTXMACHINE_MODE", "fast"), ("PTXMACHINE_MODE", "check"), ("PTXMACHINE_LAZY", "1")])
            {
                string said = Run(program, [path, variable], Path.Combine(sources, "kernels.ptx"));
                foreach (string line in (string[])["ok vector addition", "ok reduction", "ok tiled matrix product, recorded", "ok and at every call from then on", "done"])
                {
                    Assert.Contains(line + "\n", said);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string Publish(string folder)
    {
        string project = Path.Combine(Root(), "tools", "Jukebox.PtxMachine");

        // Intermediate files apart too, so that builds under way are left alone.
        string target = Path.Combine(folder, "library");
        Run("dotnet", [], "publish", project, "-c", "Release", "-o", target, "--artifacts-path", Path.Combine(folder, "artifacts"), "-v", "q", "-nologo");
        return target;
    }

    private string Run(string program, (string Name, string Value)[] environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        output.WriteLine($"{program} {string.Join(' ', arguments)}\n{said}{errors.Result}");
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}:\n{said}{errors.Result}");
        return said;
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Jukebox.Native.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException($"no Jukebox.Native.sln above {AppContext.BaseDirectory}");
    }
}

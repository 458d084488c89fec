using System.Diagnostics;
using System.Text.Json;
using Jukebox.Conversion;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;
using Jukebox.Tests.Compilation;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Sampling;

/// <summary>
/// The program as it ships, as a process of its own, on the PTX machine published as <c>libcuda.so.1</c>: it cannot know that
/// there is no card.
/// </summary>
public sealed class PublishedProgramTests : IDisposable
{
    private const string CaseName = "pipeline_1b_lyrics";
    private const string LibraryVariable = "JUKEBOX_LIBCUDA";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Begun, lost in the middle, resumed: the original's codes at every level.</summary>
    [SkippableFact]
    public void AWholeSongSurvivesTheLossOfTheDevice()
    {
        string library = RequireLibrary();
        string model = Convert();
        using var golden = new PipelineCase(CaseName, model, storedLabels: false);
        string request = _folder["request.json"], song = _folder["song"];
        File.WriteAllText(request, JsonSerializer.Serialize(golden.Request, RequestJson.Default.SampleRequest));
        const int launches = 20_000; // somewhere in the finest level or the one above it

        (int exitCode, string error) = Run(
            library, [("PTXMACHINE_LOST_AFTER_LAUNCHES", $"{launches}")],
            "sample", "--device", "cuda", "--storage", "f32", "--model", model, "--request", request, "--output", song);
        Assert.True(exitCode == 1, $"exit code {exitCode}: {error}");
        Assert.Contains("--resume", error, StringComparison.Ordinal);
        int drawn = Enumerable.Range(0, 3).Sum(level => SongFolder.ReadCodes(song, level).Sum(codes => codes.Length));
        Assert.True(drawn > 0, "nothing was kept");

        (exitCode, error) = Run(library, [], "sample", "--device", "cuda", "--storage", "f32", "--resume", song);
        Assert.True(exitCode == 0, $"exit code {exitCode}: {error}");
        for (int level = 0; level < 3; level++)
        {
            int[][] codes = SongFolder.ReadCodes(song, level);
            for (int item = 0; item < codes.Length; item++)
            {
                Assert.Equal(golden.Codes(level, item), codes[item]);
            }
        }
    }

    [SkippableFact]
    public void AModelLargerThanTheCardsMemoryIsRefusedWithBothNumbers()
    {
        string library = RequireLibrary();
        (int exitCode, string error) = Run(
            library, [("PTXMACHINE_MEMORY_BYTES", "100000000")],
            "sample", "--device", "cuda", "--model", GoldenModels.Folder(CaseName), "--allow-unknown", "--seconds", "0.5", "--output", _folder["song"]);
        Assert.True(exitCode == 1, $"exit code {exitCode}: {error}");
        Assert.Matches(@"Not enough memory: level \d needs [\d.]+ MB and [\d.]+ MB are available", error);
        Assert.False(Directory.Exists(_folder["song"]), "a refused song leaves nothing behind");
    }

    /// <summary>The compiler looks for a driver of its own accord, and finds the published one.</summary>
    [SkippableFact]
    public void KernelsAreCompiledBesideThePublishedMachine()
    {
        string library = RequireLibrary(), cache = _folder["cache"];
        AssemblyTests.RequireCompiler();
        (int exitCode, string error) = Run(
            library, [("XDG_CACHE_HOME", cache)],
            "sample", "--device", "cuda", "--model", NoiseModelFolder.Path, "--levels", "2", "--seconds", "0.4", "--output", _folder["song"]);
        Assert.True(exitCode == 0, $"exit code {exitCode}: {error}");
        Assert.NotEmpty(Directory.EnumerateFiles(cache, "*", SearchOption.AllDirectories));
    }

    private static string RequireLibrary()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the PTX machine is published for Linux");
        string? library = Environment.GetEnvironmentVariable(LibraryVariable);
        Skip.If(string.IsNullOrEmpty(library), $"{LibraryVariable} names no published PTX machine (dotnet publish tools/Jukebox.PtxMachine)");
        Assert.True(File.Exists(library), $"{LibraryVariable}: there is no {library}");
        return Path.GetDirectoryName(Path.GetFullPath(library!))!;
    }

    private string Convert()
    {
        string tables = GoldenDirectory.Require("ids"), model = _folder["model"];
        ModelConverter.Run(new ConversionRequest
        {
            Sources = GoldenModels.CheckpointsOf(GoldenDirectory.Require(CaseName)),
            Output = model,
            LabelFolder = tables,
        });
        return model;
    }

    private static (int ExitCode, string Error) Run(string libraryFolder, (string Name, string Value)[] environment, params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "jukebox-native.dll");
        var start = new ProcessStartInfo(Environment.ProcessPath!, [program, .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["LD_LIBRARY_PATH"] = libraryFolder;
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(Limit), "the program did not end");
        return (process.ExitCode, error + output.Result);
    }
}

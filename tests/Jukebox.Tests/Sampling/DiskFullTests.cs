using System.Diagnostics;
using Jukebox.Audio.Writing;
using Jukebox.Core.Files;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;
using Jukebox.Testing.Golden;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace Jukebox.Tests.Sampling;

/// <summary>Runs the real program under a limit on the size of files, which fails a write as a full disk does.</summary>
public sealed class DiskFullTests : IDisposable
{
    private const string CaseName = "pipeline_5b_lyrics_primed";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void ADeviceWithoutSpaceSaysWhatToDo()
    {
        Skip.IfNot(File.Exists("/dev/full"), "needs /dev/full");
        using SafeFileHandle handle = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        string message = Assert.Throws<StorageException>(() => DurableFile.Write(handle, "/dev/full", [1, 2, 3], 0)).Message;
        Assert.Contains("the disk is full: /dev/full", message);
        Assert.Contains("free some space, then go on", message);
    }

    [SkippableTheory]
    [InlineData(1, "level_2.codes")]
    [InlineData(9, "item_0.wav")]
    public void AFullDiskIsNamedAndTheSongResumesToTheSameBytes(int limitKibibytes, string file)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "limits the size of files with the shell's ulimit");
        string model = GoldenModels.Folder(CaseName);
        var request = new SampleRequest
        {
            Seconds = 0.33,
            TotalSeconds = 35,
            Seed = 3,
            SampleLevels = [2],
            Levels = [new LevelRequest { Level = 2, HopFraction = 0.25 }],
        };

        // At the coarsest level the journal has 18 bytes a token, the audio 256.
        string whole = _folder["whole"], song = _folder["song"];
        using (var golden = new PipelineCase(CaseName, model, storedLabels: true))
        {
            SongFolder.Create(whole, golden.Resolve(request), force: false).Dispose();
            SongFolder.Create(song, golden.Resolve(request), force: false).Dispose();
        }

        Assert.Equal(0, Run("sample", "--resume", whole).ExitCode);

        (int exitCode, string error) = RunLimited(limitKibibytes, "sample", "--resume", song);
        Assert.True(exitCode == 1, $"exit code {exitCode}: {error}");
        Assert.Contains("the disk is full", error);
        Assert.Contains(file, error);
        Assert.Contains("resume", error);
        Assert.Contains("more bytes", error);
        Assert.NotEmpty(SongFolder.ReadCodes(song, 2)[0]);
        Assert.Equal(0, Run("sample", "--resume", song).ExitCode);
        TemporaryFolder.AssertSame(whole, song, "after the disk was full");
    }

    [SkippableFact]
    public void AFullDiskEndsEncodeWithWhatEncodeCanDo()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "limits the size of files with the shell's ulimit");
        string model = NoiseModelFolder.Path, song = _folder["codes"], audio = _folder["tone.wav"];
        WaveFile.Write(audio, new float[8 * 44100], 44100);
        string[] encode = ["encode", audio, "--model", model, "--output", song, "--device", "cpu"];
        (int exitCode, string error) = RunLimited(8, encode);
        Assert.True(exitCode == 1, $"exit code {exitCode}: {error}");
        Assert.Contains($"The disk is full: '{song}' has only a part of the codes; make room, and 'jukebox-native encode' with --force makes them anew.", error);
        Assert.DoesNotContain("resume", error);
        Assert.Contains("is unfinished", Run("decode", song, "--model", model, "--output", _folder["decoded"], "--device", "cpu").Error);

        Assert.Equal(0, Run([.. encode, "--force"]).ExitCode);
        Assert.DoesNotContain("is unfinished", Run("decode", song, "--model", model, "--output", _folder["decoded"], "--device", "cpu", "--force").Error);
    }

    private static string Dotnet => Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";

    private static string Program => Path.Combine(AppContext.BaseDirectory, "jukebox-native.dll");

    private static (int ExitCode, string Error) Run(params string[] arguments) => Run(Dotnet, [Program, .. arguments]);

    /// <summary>The run-time would keep its code in a file that the limit counts; the signal must not end the process.</summary>
    private static (int ExitCode, string Error) RunLimited(int kibibytes, params string[] arguments) => Run(
        "/bin/bash",
        ["-c", $"trap '' XFSZ; ulimit -f {kibibytes}; export DOTNET_EnableWriteXorExecute=0; exec \"$0\" \"$@\"", Dotnet, Program, .. arguments]);

    private static (int ExitCode, string Error) Run(string executable, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(executable, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error + output.Result);
    }
}

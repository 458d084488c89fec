using System.Diagnostics;
using Jukebox.Core.Files;
using Xunit;

namespace Jukebox.Tests.Files;

public sealed class ProgramPathTests : IDisposable
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void TheFirstExecutableOnThePathIsFound()
    {
        Skip.If(OperatingSystem.IsWindows(), "marks files as executable");
        string[] folders = [Path.GetDirectoryName(_folder.Write("text/ffmpeg", ""))!, Path.GetDirectoryName(_folder.Write("one/ffmpeg", ""))!, Path.GetDirectoryName(_folder.Write("two/ffmpeg", ""))!];
        Assert.Null(ProgramPath.Find("ffmpeg", string.Join(':', folders), isWindows: false));
        SetExecutable(_folder["two", "ffmpeg"]);
        Assert.Equal(_folder["two", "ffmpeg"], ProgramPath.Find("ffmpeg", string.Join(':', folders), isWindows: false));
        SetExecutable(_folder["one", "ffmpeg"]);
        Assert.Equal(_folder["one", "ffmpeg"], ProgramPath.Find("ffmpeg", string.Join(':', folders), isWindows: false));
    }

    [Fact]
    public void OnWindowsOnlyAnExecutableFileCountsAndFoldersMayBeQuoted()
    {
        string folder = Path.GetDirectoryName(_folder.Write("with blanks/ffmpeg.bat", ""))!;
        Assert.Null(ProgramPath.Find("ffmpeg", $"\"{folder}\";", isWindows: true));
        string program = _folder.Write("with blanks/ffmpeg.exe", "");
        Assert.Equal(program, ProgramPath.Find("ffmpeg", $"no-such-folder;\"{folder}\"", isWindows: true));
    }

    [Fact]
    public void AFolderThatDependsOnWhereOneIsDoesNotCount()
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, Path.GetDirectoryName(_folder.Write("here/ffmpeg.exe", ""))!);
        Assert.True(File.Exists(Path.Combine(relative, "ffmpeg.exe")));
        Assert.Null(ProgramPath.Find("ffmpeg", $".;{relative}", isWindows: true));
    }

    [SkippableFact]
    public void AnFfmpegBesideTheRecordingIsNotRun()
    {
        Skip.If(OperatingSystem.IsWindows(), "the planted program is a shell script");
        _folder.Write("recording.mp3", "ID3");
        SetExecutable(_folder.Write("ffmpeg", "#!/bin/sh\ntouch was-run\nexit 1\n"));
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "jukebox-native.dll"), "encode", "recording.mp3", "--model", Path.Combine(Repository.Root, "weights", "tiny"), "--device", "cpu"])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(1, process.ExitCode);
        Assert.Contains("ffmpeg", error);
        Assert.False(File.Exists(_folder["was-run"]), error);
    }

    private static void SetExecutable(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, Executable);
        }
    }
}

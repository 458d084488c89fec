using System.Runtime.InteropServices;
using Jukebox.Cli;
using Jukebox.Cpu.Backend;
using Jukebox.Studio.Devices;
using Xunit;

namespace Jukebox.Tests.Cli;

/// <summary>Songs that are interrupted, and <c>sample --resume</c>.</summary>
public sealed partial class ResumeTests : IDisposable
{
    private const int InterruptSignal = 2, TerminateSignal = 15;

    private readonly NoiseSong _song = new();

    public void Dispose() => _song.Dispose();

    [SkippableFact]
    public void CtrlCEndsWithTheCommandThatResumesAndThatFinishesTheSong()
    {
        Skip.If(OperatingSystem.IsWindows(), "the signal is sent with kill(2)");
        _song.Sample("whole");
        string path = _song.In("my song");
        CliRun interrupted = InterruptedSample(path);
        Assert.Equal(130, interrupted.ExitCode);
        Assert.Empty(interrupted.Output);
        Assert.Contains("Stopping after this step; Ctrl-C again to stop at once.", interrupted.Error, StringComparison.Ordinal);
        Assert.EndsWith(
            $"Stopped; everything sampled so far is on disk. To go on:\n  jukebox-native sample --resume '{path}'\n", interrupted.Error.ReplaceLineEndings("\n"), StringComparison.Ordinal);

        CliRun resumed = CliRun.Of("sample", "--resume", path);
        Assert.Equal(0, resumed.ExitCode);
        Assert.DoesNotContain("was begun on", resumed.Error, StringComparison.Ordinal);
        TemporaryFolder.AssertSame(_song.In("whole"), path, "after Ctrl-C");
    }

    [SkippableFact]
    public void ResumingOnOtherArithmeticIsSaidInOneLineAndDone()
    {
        Skip.If(OperatingSystem.IsWindows(), "the signal is sent with kill(2)");
        Skip.If(CpuOptions.Supported[0] == CpuInstructionSet.Portable, "this process has one instruction set only");
        string path = _song.In("song");
        InterruptedSample(path);
        CliRun resumed = CliRun.Of("sample", "--resume", path, "--instruction-set", "portable");
        Assert.Equal(0, resumed.ExitCode);
        string name = CpuOptions.Supported[0] == CpuInstructionSet.Avx512 ? "AVX-512" : "AVX2";
        Assert.Single(
            resumed.Error.Split('\n'),
            line => line.TrimEnd() == $"{path} was begun on CPU, {name}; on CPU, portable vectors sums round differently, so what is still to be drawn may turn out otherwise.");
        Assert.Equal(3, resumed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData("--seconds", "4")]
    [InlineData("--seed", "4")]
    [InlineData("--batch-size", "1")]
    [InlineData("--output", "elsewhere")]
    [InlineData("--artist", "somebody")]
    public void WhatASongHasHadFromItsBeginningIsRefusedBesideResume(string option, string value)
    {
        CliRun run = CliRun.Of("sample", "--resume", _song.In("song"), option, value);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal($"{option} cannot change when a song goes on; leave it out, or begin another song.", run.Error.Trim());
        Assert.Equal("--repair mends the song that --resume names.", CliRun.Of("sample", "--repair").Error.Trim());
    }

    [Fact]
    public void ASongOfAnEarlierVersionSaysNothingOfItsDevice()
    {
        _song.Sample("song");
        string path = _song.In("song"), file = Path.Combine(path, "song.json");
        string[] lines = File.ReadAllLines(file);
        Assert.Single(lines, IsDevice);
        File.WriteAllLines(file, lines.Where(line => !IsDevice(line) && !line.Contains("\"digest\"", StringComparison.Ordinal)));
        CliRun resumed = CliRun.Of("sample", "--resume", path, "--instruction-set", "portable");
        Assert.Equal(0, resumed.ExitCode);
        Assert.DoesNotContain("was begun on", resumed.Error, StringComparison.Ordinal);

        static bool IsDevice(string line) => line.Contains("\"device\"", StringComparison.Ordinal);
    }

    [Fact]
    public void AFinishedSongResumesToWhatItIs()
    {
        CliRun first = _song.Sample("song");
        SortedDictionary<string, byte[]> files = TemporaryFolder.Files(_song.In("song"));
        CliRun resumed = CliRun.Of("sample", "--resume", _song.In("song"));
        Assert.Equal((0, first.Output), (resumed.ExitCode, resumed.Output));
        Assert.Equal(files, TemporaryFolder.Files(_song.In("song")));
    }

    /// <summary>Samples a song with Ctrl-C pressed just before the first token, which is waited for.</summary>
    private CliRun InterruptedSample(string path)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using TextWriter shared = TextWriter.Synchronized(error);
        var limits = new MachineResources(Interrupt, _ => long.MaxValue);
        int code = CommandLine.Run(
            ["sample", "--model", NoiseSong.Model, "--seconds", NoiseSong.Seconds, "--seed", "1", "--output", path], new Terminal(output, shared, isLive: false), limits, handleSignals: true);
        return new CliRun(code, output.ToString(), error.ToString());

        long Interrupt()
        {
            Assert.Equal(0, Kill(Environment.ProcessId, IsIgnored(InterruptSignal) ? TerminateSignal : InterruptSignal));
            Assert.True(SpinWait.SpinUntil(() => Written().Contains("Stopping", StringComparison.Ordinal), TimeSpan.FromSeconds(30)), "the signal was never handled");
            return long.MaxValue;
        }

        string Written()
        {
            lock (shared)
            {
                return error.ToString();
            }
        }
    }

    /// <summary>A shell starts its background jobs with Ctrl-C ignored, and the run time leaves that so; SIGTERM takes the same path.</summary>
    private static bool IsIgnored(int signal)
    {
        const string status = "/proc/self/status", field = "SigIgn:";
        string? line = File.Exists(status) ? File.ReadLines(status).FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal)) : null;
        return line is not null && (Convert.ToUInt64(line[field.Length..].Trim(), 16) >> (signal - 1) & 1) == 1;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}

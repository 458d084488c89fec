using System.ComponentModel;
using System.Diagnostics;
using Jukebox.Audio.Reading;
using Jukebox.Audio.Writing;
using Xunit;

namespace Jukebox.Tests.Audio;

/// <summary>Other formats through a program: a stand-in for its manners, the real one where it is installed.</summary>
public sealed class FfmpegDecoderTests
{
    private const int Rate = 44100;

    [Fact]
    public void WithoutFfmpegTheErrorNamesFileAndMend()
    {
        using var folder = new TemporaryFolder();
        AudioException e = Assert.Throws<AudioException>(
            () => new FfmpegDecoder(folder.Write("song.mp3", "ID3"), folder["no-such-program"]));
        Assert.Contains("song.mp3", e.Message, StringComparison.Ordinal);
        Assert.Contains("install ffmpeg", e.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void AFailureGivesFfmpegsLastWords()
    {
        using var folder = new TemporaryFolder();
        using var decoder = new FfmpegDecoder(
            folder.Write("song.mp3", "ID3"), Script(folder, "echo 'first trouble' >&2; echo 'Invalid data found' >&2; exit 1"));
        AudioException e = Assert.Throws<AudioException>(decoder.OpenOutput);
        Assert.Contains("song.mp3", e.Message, StringComparison.Ordinal);
        Assert.Contains("(Invalid data found)", e.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void NamesThatLookLikeOptionsOrCommandsArriveAsTheyAre()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("-i $(touch pwned); 'song'.mp3", "ID3");
        WaveFile.Write(folder["decoded.wav"], [0.5f, 0.25f], Rate);
        string script = Script(folder, $"for a; do echo \"$a\"; done > '{folder["arguments"]}'; cat '{folder["decoded.wav"]}'");
        using var decoder = new FfmpegDecoder(path, script);
        using WaveReader reader = decoder.OpenOutput();

        var samples = new float[4];
        Assert.Equal(2, reader.Read(samples));
        decoder.CheckExit();
        Assert.Contains("file:" + path, File.ReadAllLines(folder["arguments"]));
    }

    [SkippableFact]
    public void LeavingEarlyStopsTheProgram()
    {
        using var folder = new TemporaryFolder();
        WaveFile.Write(folder["decoded.wav"], new float[100], Rate);
        string script = Script(folder, $"cat '{folder["decoded.wav"]}'; echo $$ > '{folder["pid"]}'; exec sleep 60");
        var decoder = new FfmpegDecoder(folder.Write("song.mp3", "ID3"), script);
        decoder.OpenOutput();
        SpinWait.SpinUntil(() => File.Exists(folder["pid"]) && File.ReadAllText(folder["pid"]).EndsWith('\n'), TimeSpan.FromSeconds(10));
        using Process process = Process.GetProcessById(int.Parse(File.ReadAllText(folder["pid"])));
        decoder.Dispose();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(10)));
    }

    [SkippableTheory]
    [InlineData("ogg", 0.1)]
    [InlineData("mp3", 0.05)]
    public void TheRealProgramDecodesWhatItEncoded(string format, double limit)
    {
        Skip.IfNot(HasFfmpeg(), "ffmpeg is not on the PATH");
        using var folder = new TemporaryFolder();
        float[] tone = [.. Enumerable.Range(0, Rate).Select(i => 0.5f * MathF.Sin(i * 0.05f))];
        WaveFile.Write(folder["tone.wav"], tone, Rate);
        string path = folder["-tone." + format];
        using (Process encoder = Process.Start("ffmpeg", ["-v", "error", "-nostdin", "-i", folder["tone.wav"], "file:" + path]))
        {
            encoder.WaitForExit();
            Assert.Equal(0, encoder.ExitCode);
        }

        float[] decoded = AudioFile.Load(new AudioRange(path, 0.25, 0.5), Rate);
        Assert.Equal(Rate / 4, decoded.Length);
        double worst = decoded.Select((sample, i) => Math.Abs(sample - (double)tone[i + (Rate / 4)])).Max();
        Assert.True(worst < limit, $"{format}: off by {worst}");
    }

    private static bool HasFfmpeg()
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("ffmpeg", ["-version"]) { RedirectStandardOutput = true })!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static string Script(TemporaryFolder folder, string body)
    {
        Skip.If(OperatingSystem.IsWindows(), "the stand-in is a shell script");
        string path = folder.Write("stand-in.sh", "#!/bin/sh\n" + body + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }
}

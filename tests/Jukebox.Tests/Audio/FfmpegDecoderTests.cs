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
        AudioException e = Assert.Throws<FfmpegMissingException>(
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
    public void WhatFfmpegComplainsOfIsPassedOnWithoutAddresses()
    {
        using var folder = new TemporaryFolder();
        WaveFile.Write(folder["decoded.wav"], [0.5f, 0.25f], Rate);
        string script = Script(folder, $"echo '[mp3float @ 0x55d0c0ffee] Header missing' >&2; echo 'more' >&2; cat '{folder["decoded.wav"]}'");
        using (IFrameSource reader = FrameSources.Open(folder.Write("song.mp3", "ID3"), script))
        {
            Assert.Equal(2, reader.Read(new float[4]));
            Assert.Equal(0, reader.Read(new float[4]));
            Assert.Equal("ffmpeg says: [mp3float] Header missing (and 1 more)", reader.Complaint);
        }
    }

    [SkippableTheory]
    [InlineData("Stream map '0:a:0' matches no streams.", "song.mp3 has no sound")]
    [InlineData("[concat @ 0x5] Format not on whitelist 'mp3,wav'", "list of other files")]
    public void KnownFailuresAreSaidPlainly(string complaint, string expected)
    {
        using var folder = new TemporaryFolder();
        using var decoder = new FfmpegDecoder(folder.Write("song.mp3", "ID3"), Script(folder, $"echo \"{complaint}\" >&2; echo 'rest' >&2; exit 1"));
        Assert.Contains(expected, Assert.Throws<AudioException>(decoder.OpenOutput).Message, StringComparison.Ordinal);
    }

    /// <summary>A name may lie: what is in it decides, and a list of other files is none of the formats that are read.</summary>
    [SkippableTheory]
    [InlineData("ffconcat version 1.0\nfile secret.wav\n")]
    [InlineData("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.wav\n#EXT-X-ENDLIST\n")]
    public void AListOfOtherFilesIsNotFollowed(string list)
    {
        Skip.IfNot(HasFfmpeg(), "ffmpeg is not on the PATH");
        using var folder = new TemporaryFolder();
        WaveFile.Write(folder["secret.wav"], new float[Rate], Rate);
        Assert.Throws<AudioException>(() => AudioFile.Load(new AudioRange(folder.Write("song.mp3", list)), Rate));
    }

    [SkippableTheory]
    [InlineData("wav", "pcm_mulaw")]
    [InlineData("wav", "adpcm_ms")]
    [InlineData("w64", "pcm_s16le")]
    [InlineData("aiff", "pcm_f32be")]
    [InlineData("m4a", "aac")]
    [InlineData("mp4", "aac")]
    [InlineData("aac", "aac")]
    [InlineData("mka", "flac")]
    [InlineData("webm", "libopus")]
    [InlineData("ogg", "flac")]
    [InlineData("wma", "wmav2")]
    [InlineData("ac3", "ac3")]
    [InlineData("mp2", "mp2")]
    [InlineData("au", "pcm_s16be")]
    [InlineData("caf", "alac")]
    [InlineData("avi", "pcm_s16le")]
    [InlineData("mov", "pcm_s24le")]
    [InlineData("ts", "aac")]
    [InlineData("tta", "tta")]
    [InlineData("wv", "wavpack")]
    [InlineData("voc", "pcm_u8")]
    public void WhatPeopleHaveIsStillRead(string ending, string codec)
    {
        Skip.IfNot(HasFfmpeg(), "ffmpeg is not on the PATH");
        using var folder = new TemporaryFolder();
        WaveFile.Write(folder["a.wav"], [.. Enumerable.Range(0, 48_000).Select(i => 0.5f * MathF.Sin(i * 0.05f))], 48_000);
        string path = folder["b." + ending];
        using (Process encoder = Process.Start("ffmpeg", ["-v", "quiet", "-nostdin", "-i", folder["a.wav"], "-c:a", codec, "-strict", "-2", "file:" + path]))
        {
            encoder.WaitForExit();
            Skip.IfNot(encoder.ExitCode == 0, $"this ffmpeg does not write {codec}");
        }

        Assert.InRange(AudioFile.Load(new AudioRange(path), 48_000).Length, 47_000, 51_000);
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

    internal static bool HasFfmpeg()
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

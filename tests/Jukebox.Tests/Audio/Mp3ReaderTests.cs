using System.Diagnostics;
using Jukebox.Audio.Reading;
using Jukebox.Audio.Writing;
using Xunit;

namespace Jukebox.Tests.Audio;

/// <summary>MP3 without ffmpeg, and against it where it is installed.</summary>
public sealed class Mp3ReaderTests
{
    private const int Rate = 16_000;
    private const int FrameBytes = 180; // of the tone: 40 kbit/s

    [Fact]
    public void TheToneBeginsAndEndsWhereItDidBeforeItWasEncoded()
    {
        using IFrameSource reader = Open(Mp3Bytes.Tone);
        Assert.Equal((Rate, 1, (long)Mp3Bytes.ToneSamples), (reader.SampleRateHz, reader.Channels, reader.LengthFrames));
        float[] samples = ReadAll(reader);
        Assert.Equal(Mp3Bytes.ToneSamples, samples.Length);
        double worst = Enumerable.Range(500, Mp3Bytes.ToneSamples - 1000).Max(i => Math.Abs(samples[i] - (0.5 * Math.Sin(2 * Math.PI * 1000 * i / Rate))));
        Assert.True(worst < 0.05, $"off by {worst}");
        Assert.Null(reader.Complaint);
    }

    [Fact]
    public void ReadingOnFromAPlaceGivesWhatTheWholeHasThere()
    {
        using IFrameSource whole = Open(Mp3Bytes.Tone), part = Open(Mp3Bytes.Tone);
        part.Seek(1501);
        Assert.Equal(ReadAll(whole)[1501..], ReadAll(part));
    }

    [Fact]
    public void TagsBeforeAndAfterAreNoAudio()
    {
        byte[] before = [.. "ID3"u8, 4, 0, 0, 0, 0, 0, 20, .. new byte[20]], after = [.. "TAG"u8, .. new byte[125]];
        using IFrameSource plain = Open(Mp3Bytes.Tone), tagged = Open([.. before, .. Mp3Bytes.Tone, .. after]);
        Assert.Equal(ReadAll(plain), ReadAll(tagged));
        Assert.Null(tagged.Complaint);
    }

    [Fact]
    public void DamageIsPassedOverAndSaid()
    {
        byte[] damaged = [.. Mp3Bytes.Tone];
        damaged.AsSpan(3 * FrameBytes, FrameBytes).Clear();
        using IFrameSource reader = Open(damaged);
        Assert.InRange(ReadAll(reader).Length, Mp3Bytes.ToneSamples / 2, Mp3Bytes.ToneSamples);
        Assert.Contains("damaged", reader.Complaint!, StringComparison.Ordinal);
    }

    [Fact]
    public void ThousandsOfTagsAreNoTrouble()
    {
        byte[] tag = [.. "ID3"u8, 4, 0, 0, 0, 0, 0, 0];
        using IFrameSource reader = Open([.. Mp3Bytes.Tone, .. Enumerable.Repeat(tag, 20_000).SelectMany(bytes => bytes)]);
        Assert.Equal(Mp3Bytes.ToneSamples, ReadAll(reader).Length);
    }

    [Fact]
    public void WhatIsNoMp3NeedsFfmpegAndSaysSo()
    {
        AudioException e = Assert.ThrowsAny<AudioException>(() => Open([.. "<html>not found</html>"u8, .. new byte[5000]]));
        Assert.Contains("a.mp3", e.Message, StringComparison.Ordinal);
        Assert.Contains("install ffmpeg", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Noise in bursts makes an encoder use everything that the format has: short blocks, joint stereo, borrowed bits.</summary>
    [SkippableTheory]
    [InlineData(44100, 2, "128k")]
    [InlineData(48000, 2, "320k")]
    [InlineData(22050, 1, "32k")]
    public void EverySampleIsThatOfFfmpeg(int rate, int channels, string bitRate)
    {
        using var folder = new TemporaryFolder();
        var random = new TestRandom(9);
        using (WaveWriter writer = WaveWriter.Create(folder["a.wav"], rate, channels))
        {
            writer.Write([.. Enumerable.Range(0, 2 * rate * channels).Select(i => random.Signed() * MathF.Exp(-(i % (rate / 3)) / 1500f) * 0.5f)]);
        }

        Skip.IfNot(FfmpegDecoderTests.HasFfmpeg(), "ffmpeg is not on the PATH");
        using (Process encoder = Process.Start("ffmpeg", ["-v", "error", "-nostdin", "-i", folder["a.wav"], "-b:a", bitRate, folder["a.mp3"]]))
        {
            encoder.WaitForExit();
            Skip.IfNot(encoder.ExitCode == 0, "this ffmpeg does not write MP3");
        }

        using IFrameSource here = FrameSources.Open(folder["a.mp3"], ffmpeg: "no-such-program"), there = FrameSources.Open(folder["a.mp3"]);
        float[] mine = ReadAll(here), its = ReadAll(there);
        Assert.Equal(2 * rate * channels, its.Length);
        Assert.Equal(its.Length, mine.Length);
        Assert.Equal(mine.Length / channels, here.LengthFrames);
        Assert.True(mine.Zip(its, (a, b) => Math.Abs(a - b)).Max() < 1e-5);
    }

    private static IFrameSource Open(byte[] content)
    {
        using var folder = new TemporaryFolder();
        return FrameSources.Open(folder.Write("a.mp3", content), ffmpeg: "no-such-program");
    }

    private static float[] ReadAll(IFrameSource source)
    {
        var samples = new List<float>();
        var block = new float[1000 * source.Channels];
        for (int frames; (frames = source.Read(block)) > 0;)
        {
            samples.AddRange(block.AsSpan(0, frames * source.Channels));
        }

        return [.. samples];
    }
}

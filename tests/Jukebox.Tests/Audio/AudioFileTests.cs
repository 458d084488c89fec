using Jukebox.Audio.Reading;
using Jukebox.Audio.Writing;
using Jukebox.Core.Errors;
using Xunit;

namespace Jukebox.Tests.Audio;

public sealed class AudioFileTests
{
    private const int Rate = 44100;

    [Theory]
    [InlineData("song.wav", "song.wav", 0.0, null)]
    [InlineData("song.wav@12.5-24", "song.wav", 12.5, 24.0)]
    [InlineData("song.wav@12-", "song.wav", 12.0, null)]
    [InlineData("song.wav@-24", "song.wav", 0.0, 24.0)]
    [InlineData("song.wav@1:05-1:02:03.5", "song.wav", 65.0, 3723.5)]
    [InlineData("me@home.wav", "me@home.wav", 0.0, null)]
    [InlineData("me@home.wav@3-4", "me@home.wav", 3.0, 4.0)]
    [InlineData("a@1-b", "a@1-b", 0.0, null)]
    [InlineData("a@", "a@", 0.0, null)]
    [InlineData("a@-", "a@-", 0.0, null)]
    [InlineData("@1-2", "@1-2", 0.0, null)]
    [InlineData("a@1:75-", "a@1:75-", 0.0, null)]
    [InlineData("a@1:2:3:4-", "a@1:2:3:4-", 0.0, null)]
    public void RangesFollowTheLastAt(string text, string path, double start, double? end) =>
        Assert.Equal(new AudioRange(path, start, end), AudioRange.Parse(text));

    [Fact]
    public void ARangeThatEndsBeforeItsStartIsRefused() =>
        Assert.Contains("ends at 3 s", Assert.Throws<AudioException>(() => AudioRange.Parse("a.wav@5-3")).Message, StringComparison.Ordinal);

    [Fact]
    public void AnExistingFileWinsOverARange()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("take@1-2", "");
        Assert.Equal(new AudioRange(path), AudioRange.Parse(path));
    }

    [Theory]
    [InlineData(44100)]
    [InlineData(48000)]
    [InlineData(47999)]
    public void APartEqualsThatPartOfTheWhole(int sourceRate)
    {
        using var folder = new TemporaryFolder();
        WaveFile.Write(folder["a.wav"], new TestRandom(4).Floats(sourceRate * 2, 0.1f), sourceRate);
        float[] whole = AudioFile.Load(new AudioRange(folder["a.wav"]), Rate);
        Assert.Equal(2 * Rate, whole.Length);

        foreach ((double start, double? end) in ((double, double?)[])[(0, 0.5), (0.25, 1), (1.3337, null), (1.9, 70)])
        {
            float[] part = AudioFile.Load(new AudioRange(folder["a.wav"], start, end), Rate);
            int first = (int)Math.Round(start * Rate);
            int last = end is { } e ? Math.Min((int)Math.Round(e * Rate), whole.Length) : whole.Length;
            Assert.True(whole.AsSpan(first..last).SequenceEqual(part), $"from {start} to {end}");
        }
    }

    [Fact]
    public void ChannelsAreAveraged()
    {
        using var folder = new TemporaryFolder();
        using (WaveWriter writer = WaveWriter.Create(folder["a.wav"], Rate, channels: 2))
        {
            writer.Write([0.5f, -0.25f, 1f, 0f]);
        }

        Assert.Equal([0.125f, 32767 / 65536f], AudioFile.Load(new AudioRange(folder["a.wav"]), Rate));
    }

    [Fact]
    public void TheSideIsHalfTheDifferenceOfTwoChannels()
    {
        using var folder = new TemporaryFolder();
        using (WaveWriter writer = WaveWriter.Create(folder["a.wav"], Rate, channels: 2))
        {
            writer.Write([0.5f, -0.25f, 0f, 0.75f]);
        }

        using var side = AudioFile.Open(new AudioRange(folder["a.wav"]), Rate, AudioMix.Side);
        var samples = new float[3];
        Assert.Equal(2, side.Read(samples));
        Assert.Equal([0.375f, -0.375f], samples[..2]);

        WaveFile.Write(folder["b.wav"], [0.5f], Rate);
        AudioException none = Assert.Throws<AudioException>(() => AudioFile.Open(new AudioRange(folder["b.wav"]), Rate, AudioMix.Side));
        Assert.Contains("b.wav has no side: that takes two channels, and it has 1.", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LimitsCutAndMemoryDoesNotGrowWithTheFile()
    {
        using var folder = new TemporaryFolder();
        using (FileStream stream = File.Create(folder["long.wav"]))
        {
            stream.Write(WaveBytes.File(WaveBytes.Chunk("fmt ", WaveBytes.Format(1, 1, 48000, 16)), WaveBytes.Chunk("data", [], uint.MaxValue)));
            stream.SetLength(48000L * 2 * 3600);
        }

        Assert.Equal(100, AudioFile.Load(new AudioRange(folder["long.wav"]), Rate, limitSamples: 100).Length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using AudioFile file = AudioFile.Open(folder["long.wav"], Rate, startSeconds: 3590);
        Assert.InRange(file.LengthSamples, 9 * Rate, 10 * Rate);
        var block = new float[1000];
        long count = 0;
        for (int read; (read = file.Read(block)) > 0;)
        {
            count += read;
        }

        Assert.Equal(file.LengthSamples, count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void ALengthIsKnownWithoutReadingAndOtherwiseCounted()
    {
        using var folder = new TemporaryFolder();
        WaveFile.Write(folder["a.wav"], new TestRandom(4).Floats(48_000, 0.1f), 48_000);
        using var known = AudioFile.Open(folder["a.wav"], Rate, startSeconds: 0.25);
        Assert.Equal(Rate * 3 / 4, known.CountSamples());
        Assert.Equal(Rate * 3 / 4, known.Fill(new float[Rate]));

        byte[] flac = new FlacBytes(1, 16).Add([new long[4000]], FlacBytes.Coding.Constant, 0).ToArray(claimedLength: 300);
        using var unknown = AudioFile.Open(folder.Write("a.flac", flac), Rate, startSeconds: 0.05);
        Assert.Equal(-1, unknown.LengthSamples);
        Assert.Equal(4000 - (Rate / 20), unknown.CountSamples());
    }

    public static TheoryData<float, float, string> Findings => new()
    {
        { 0, 0, "it is silent" },
        { 0.5f, -0.5f, "cancel each other" },
        { 0.5f, 0.5f, "" },
        { 0.5f, -0.4f, "" },
    };

    [Theory]
    [MemberData(nameof(Findings))]
    public void SilenceAndChannelsThatCancelAreSaidOnce(float left, float right, string expected)
    {
        using var folder = new TemporaryFolder();
        using (WaveWriter writer = WaveWriter.Create(folder["a.wav"], Rate, channels: 2))
        {
            writer.Write([.. Enumerable.Range(0, 2000).Select(i => MathF.Sin(i / 2 * 0.1f) * (i % 2 == 0 ? left : right))]);
        }

        var notes = new List<string>();
        using (var file = AudioFile.Open(new AudioRange(folder["a.wav"]), Rate, note: notes.Add))
        {
            file.CountSamples();
            file.Fill(new float[1000]);
            Assert.Empty(notes);
        }

        Assert.Equal(expected.Length == 0 ? 0 : 1, notes.Count);
        Assert.All(notes, note => Assert.Contains(expected, note, StringComparison.Ordinal));
        Assert.All(notes, note => Assert.Contains("a.wav", note, StringComparison.Ordinal));
    }

    [Fact]
    public void SamplesInOtherUnitsAreSaid()
    {
        using var folder = new TemporaryFolder();
        byte[] samples = WaveBytes.Samples(3, 32, [.. Enumerable.Range(0, 1000).Select(i => 32768 * Math.Sin(i * 0.1))]);
        string path = folder.Write("a.wav", WaveBytes.File(WaveBytes.Chunk("fmt ", WaveBytes.Format(3, 1, Rate, 32)), WaveBytes.Chunk("data", samples)));
        using var file = AudioFile.Open(path, Rate);
        file.Fill(new float[1000]);
        Assert.Contains("where 1 is the loudest", Assert.Single(file.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void OtherProgramsOfNAudioReadTheSameSamples()
    {
        using var folder = new TemporaryFolder();
        WaveFile.Write(folder["a.wav"], new TestRandom(4).Floats(3000, 0.1f), 22050);
        using var file = AudioFile.Open(folder["a.wav"], Rate);
        var provider = new AudioSampleProvider(file);
        Assert.Equal((Rate, 1), (provider.WaveFormat.SampleRate, provider.WaveFormat.Channels));
        var samples = new float[7000];
        Assert.Equal(6000, provider.Read(samples));
        Assert.Equal(0, provider.Read(samples));
        Assert.Equal(AudioFile.Load(new AudioRange(folder["a.wav"]), Rate), samples[..6000]);
    }

    [Fact]
    public void AStartBeyondTheEndAndAMissingFileAreClearErrors()
    {
        using var folder = new TemporaryFolder();
        WaveFile.Write(folder["a.wav"], new float[Rate], Rate);
        AudioException late = Assert.Throws<AudioException>(() => AudioFile.Open(folder["a.wav"], Rate, startSeconds: 2.5));
        Assert.Contains("has 1.00 s of audio, none from 2.5 s on", late.Message, StringComparison.Ordinal);
        AudioException missing = Assert.Throws<AudioException>(() => AudioFile.Open(folder["b.wav"], Rate));
        Assert.Contains("b.wav does not exist", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ChangedFilesGiveAudioOrAClearError()
    {
        using var folder = new TemporaryFolder();
        WaveFile.Write(folder["sound.wav"], new TestRandom(6).Floats(300, 0.1f), 48000);
        byte[] sound = File.ReadAllBytes(folder["sound.wav"]);
        var random = new TestRandom(7);
        for (int i = 0; i < 300; i++)
        {
            // The kind at the start stays, or the file would be handed to ffmpeg.
            byte[] bytes = [.. sound];
            for (int change = 0; change <= i % 3; change++)
            {
                bytes[12 + random.Next(40)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(folder["a.wav"], bytes[..(bytes.Length - random.Next(i % 2 == 0 ? 1 : 400))]);
            Exception? e = Record.Exception(() => AudioFile.Load(new AudioRange(folder["a.wav"], 0.001, 1e300), Rate));
            Assert.True(e is null or DamagedFileException or AudioException, $"round {i}: {e}");
        }
    }
}

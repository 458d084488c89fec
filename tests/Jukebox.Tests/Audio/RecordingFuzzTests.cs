using Jukebox.Audio.Reading;
using Jukebox.Core.Errors;
using Xunit;

namespace Jukebox.Tests.Audio;

/// <summary>Recordings with changed, missing and repeated bytes: what comes out is audio of bounded length, or one of the project's own exceptions.</summary>
public sealed class RecordingFuzzTests
{
    private const int Rounds = 1500;
    private const long MostFrames = 1 << 22;

    public static TheoryData<string> Formats => ["wav", "flac", "aiff", "mp3"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void ChangedRecordingsGiveAudioOrTheProjectsOwnExceptions(string format)
    {
        byte[] sound = Sound(format);
        using var folder = new TemporaryFolder();
        var random = new TestRandom(41);
        int read = 0;
        for (int round = 0; round < Rounds; round++)
        {
            string path = folder.Write("a." + format, Changed(sound, random, round));
            Exception? e = Record.Exception(() => read += ReadAll(path) > 0 ? 1 : 0);
            Assert.True(e is null or DamagedFileException or AudioException, $"round {round}: {e}");
        }

        Assert.True(read > 0, "no change left anything to be read, so that nothing was tried");
    }

    private static byte[] Sound(string format)
    {
        long[] wave = [.. Enumerable.Range(0, 500).Select(i => (long)(9000 * Math.Sin(i * 0.07)))];
        return format switch
        {
            "wav" => WaveBytes.File(
                WaveBytes.Chunk("fmt ", WaveBytes.Extensible(1, 2, 44100, 16)),
                WaveBytes.Chunk("LIST", new byte[30]),
                WaveBytes.Chunk("data", WaveBytes.Samples(1, 16, [.. wave.Select(sample => sample / 32768.0)]))),
            "flac" => new FlacBytes(2, 16).Add([wave, wave], FlacBytes.Coding.Predicted, 1).Add([wave, wave], FlacBytes.Coding.Fixed3, 1).ToArray(),
            "aiff" => AiffBytes.File(2, 44100, 24, [.. wave.Select(sample => sample / 32768.0)]),
            _ => Mp3Bytes.Tone,
        };
    }

    private static byte[] Changed(byte[] sound, TestRandom random, int round)
    {
        byte[] bytes = [.. sound];
        for (int change = 0; change <= round % 5; change++)
        {
            // Headers are where lengths are: half of the changes go there.
            int at = random.Next(change % 2 == 0 ? Math.Min(bytes.Length, 100) : bytes.Length);
            bytes[at] = random.Next(4) switch { 0 => 0, 1 => 255, 2 => (byte)(bytes[at] ^ (1 << random.Next(8))), _ => (byte)random.Next(256) };
        }

        return (round % 7) switch
        {
            0 => bytes[..random.Next(bytes.Length)],
            1 => [.. bytes, .. bytes],
            2 => [.. bytes[..random.Next(bytes.Length)], .. bytes[random.Next(bytes.Length)..]],
            _ => bytes,
        };
    }

    private static long ReadAll(string path)
    {
        using IFrameSource source = FrameSources.Open(path, ffmpeg: "no-such-program");
        var block = new float[1024 * source.Channels];
        long frames = 0;
        for (int count; frames < MostFrames && (count = source.Read(block)) > 0;)
        {
            Assert.All(block[..Math.Min(4, count)], sample => Assert.True(float.IsFinite(sample)));
            frames += count;
        }

        Assert.True(frames < MostFrames, $"{frames} frames of {new FileInfo(path).Length} bytes");
        return frames;
    }
}

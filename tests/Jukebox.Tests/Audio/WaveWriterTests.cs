using Jukebox.Audio.Writing;
using Jukebox.Core.Errors;
using Xunit;

namespace Jukebox.Tests.Audio;

public sealed class WaveWriterTests
{
    [Theory]
    [InlineData(0f, 0)]
    [InlineData(1f, 32767)]
    [InlineData(2f, 32767)]
    [InlineData(-1f, -32768)]
    [InlineData(-7f, -32768)]
    [InlineData(0.5f, 16384)]
    [InlineData(0.99999f, 32767)]
    [InlineData(-0.99999f, -32768)]
    [InlineData(1e-9f, 0)]
    [InlineData(-1e-9f, -1)]
    [InlineData(1.5f / 32768, 1)]
    [InlineData(-1.5f / 32768, -2)]
    [InlineData(float.PositiveInfinity, 32767)]
    [InlineData(float.NaN, 0)]
    public void SamplesAreClampedAndRoundedDown(float sample, short expected) =>
        Assert.Equal(expected, WaveWriter.ToPcm16(sample));

    [Fact]
    public void TheHeaderIsThePlainOne()
    {
        using var folder = new TemporaryFolder();
        WaveFile.Write(folder["a.wav"], [0.5f, -0.5f], 44100);
        byte[] expected = WaveBytes.File(
            WaveBytes.Chunk("fmt ", WaveBytes.Format(1, 1, 44100, 16)), WaveBytes.Chunk("data", [0, 0x40, 0, 0xC0]));
        Assert.Equal(expected, File.ReadAllBytes(folder["a.wav"]));
    }

    [Fact]
    public void AGrowingFileCanBePlayedAfterEveryFlush()
    {
        using var folder = new TemporaryFolder();
        using WaveWriter writer = WaveWriter.Create(folder["a.wav"], 8000, channels: 2);
        for (int i = 1; i <= 3; i++)
        {
            writer.Write([0.25f, -0.25f]);
            writer.Flush();
            float[] samples = WaveFile.Read(folder["a.wav"], out int rate, out int channels);
            Assert.Equal((8000, 2, 2 * i), (rate, channels, samples.Length));
        }

        Assert.Equal(3, writer.LengthFrames);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(777)]
    [InlineData(1000)]
    public void AReopenedFileEndsAsIfNeverInterrupted(int keptFrames)
    {
        using var folder = new TemporaryFolder();
        float[] samples = new TestRandom(2).Floats(50_000);
        WaveFile.Write(folder["whole.wav"], samples, 44100);

        using (WaveWriter writer = WaveWriter.Create(folder["a.wav"], 44100))
        {
            writer.Write(samples.AsSpan(0, 1000));
        }

        // An interruption can leave samples that the header does not count yet, and half a sample at the end.
        using (FileStream stream = new(folder["a.wav"], FileMode.Append))
        {
            stream.Write([1, 2, 3]);
        }

        using (WaveWriter writer = WaveWriter.Append(folder["a.wav"], 44100, keptFrames))
        {
            writer.Write(samples.AsSpan(keptFrames));
        }

        Assert.Equal(File.ReadAllBytes(folder["whole.wav"]), File.ReadAllBytes(folder["a.wav"]));
    }

    [Fact]
    public void AppendingRefusesAnotherFormatOrTooShortAFile()
    {
        using var folder = new TemporaryFolder();
        WaveFile.Write(folder["a.wav"], new float[10], 44100);
        Assert.Contains("22050 Hz", Refusal(22050, 5), StringComparison.Ordinal);
        Assert.Contains("before frame 11", Refusal(44100, 11), StringComparison.Ordinal);
        File.WriteAllBytes(folder["a.wav"], new byte[20]);
        Assert.Contains("a.wav", Refusal(44100, 0), StringComparison.Ordinal);

        string Refusal(int rate, long kept) =>
            Assert.Throws<DamagedFileException>(() => WaveWriter.Append(folder["a.wav"], rate, kept)).Message;
    }
}

using Jukebox.Audio.Reading;
using Jukebox.Core.Errors;
using Xunit;

namespace Jukebox.Tests.Audio;

public sealed class AiffReaderTests
{
    private static readonly double[] Values = [0, 0.5, -0.5, -1, 0.25, 0.75, -0.25, -0.75];

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(32)]
    public void WholeSamplesAreReadExactly(int bits)
    {
        using IFrameSource reader = Open(AiffBytes.File(2, 44100, bits, Values));
        Assert.Equal((44100, 2, 4L), (reader.SampleRateHz, reader.Channels, reader.LengthFrames));
        var samples = new float[20];
        Assert.Equal(4, reader.Read(samples));
        Assert.Equal(Values.Select(value => (float)value), samples[..8]);
        Assert.Equal(0, reader.Read(samples));
        reader.Seek(3);
        Assert.Equal(1, reader.Read(samples));
        Assert.Equal([-0.25f, -0.75f], samples[..2]);
    }

    [Fact]
    public void TheByteThatFillsAChunkUpIsNoSample()
    {
        using IFrameSource reader = Open(AiffBytes.File(1, 8000, 8, 0.5, -0.5, 0.25));
        Assert.Equal(3, reader.LengthFrames);
        Assert.Equal(3, reader.Read(new float[10]));
    }

    public static TheoryData<byte[], string> BadFiles => new()
    {
        { AiffBytes.Form("AIFF", AiffBytes.Chunk("COMM", AiffBytes.Common(1, 8000, 12, 1)), AiffBytes.Chunk("SSND", new byte[10])), "12 bits" },
        { AiffBytes.Form("AIFC", AiffBytes.Chunk("COMM", [.. AiffBytes.Common(1, 8000, 32, 1), .. "fl32"u8]), AiffBytes.Chunk("SSND", new byte[12])), "coded" },
        { AiffBytes.Form("AIFF", AiffBytes.Chunk("COMM", AiffBytes.Common(0, 8000, 16, 1)), AiffBytes.Chunk("SSND", new byte[10])), "0 channels" },
        { AiffBytes.Form("AIFF", AiffBytes.Chunk("COMM", AiffBytes.Common(1, 8000, 16, 1)), AiffBytes.Chunk("SSND", new byte[10], 2_000_000_000)), "2000000000 bytes but" },
        { AiffBytes.Form("AIFF", AiffBytes.Chunk("COMM", new byte[4])), "4 bytes" },
        { AiffBytes.Form("AIFF", AiffBytes.Chunk("COMM", AiffBytes.Common(1, 8000, 16, 1))), "ends before" },
        { AiffBytes.Form("AIFF", AiffBytes.Chunk("SSND", [1])), "do not begin" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void ABadFileIsOneSentenceThatNamesItAndTheTrouble(byte[] content, string expected)
    {
        DamagedFileException e = Assert.Throws<DamagedFileException>(() => Open(content));
        Assert.Contains("a.aiff", e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    private static IFrameSource Open(byte[] content)
    {
        using var folder = new TemporaryFolder();
        return FrameSources.Open(folder.Write("a.aiff", content), ffmpeg: "no-such-program");
    }
}

using Jukebox.Audio.Reading;
using Jukebox.Core.Errors;
using Xunit;

namespace Jukebox.Tests.Audio;

public sealed class FlacReaderTests
{
    private const int Rate = 44100;

    public static TheoryData<int, int> Codings
    {
        get
        {
            var rows = new TheoryData<int, int>();
            foreach (FlacBytes.Coding coding in Enum.GetValues<FlacBytes.Coding>())
            {
                rows.Add((int)coding, 16);
                rows.Add((int)coding, 24);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public void EveryCodingIsDecodedExactly(int codingNumber, int bits)
    {
        var coding = (FlacBytes.Coding)codingNumber;
        foreach (int wasted in (ReadOnlySpan<int>)[0, 3])
        {
            var file = new FlacBytes(1, bits);
            var expected = new List<float>();
            foreach (int length in (ReadOnlySpan<int>)[16, 301, 4096, 5])
            {
                long[] samples = Samples(length, bits, wasted, coding == FlacBytes.Coding.Constant);
                file.Add([samples], coding, assignment: 0, wasted);
                expected.AddRange(samples.Select(sample => Scaled(sample, bits)));
            }

            Assert.Equal(expected, Load(file.ToArray()));
            Assert.Equal(expected, Load(file.ToArray(knownLength: false)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    public void StereoDifferencesAreUndone(int assignment)
    {
        long[] left = Samples(500, 16, 0, false), right = [.. left.Select((sample, i) => (sample / 3) - (i % 100))];
        long[] side = [.. left.Zip(right, (l, r) => l - r)];
        long[] middle = [.. left.Zip(right, (l, r) => (l + r) >> 1)];
        long[][] channels = assignment switch { 8 => [left, side], 9 => [side, right], 10 => [middle, side], _ => [left, right] };
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.flac"], new FlacBytes(2, 16).Add(channels, FlacBytes.Coding.Fixed2, assignment).ToArray());

        using FlacReader reader = FlacReader.Open("a.flac", File.OpenRead(folder["a.flac"]));
        Assert.Equal((Rate, 2, 500L), (reader.SampleRateHz, reader.Channels, reader.LengthFrames));
        reader.Seek(100);
        var samples = new float[2 * 500];
        Assert.Equal(400, reader.Read(samples));
        for (int i = 0; i < 400; i++)
        {
            Assert.Equal((Scaled(left[100 + i], 16), Scaled(right[100 + i], 16)), (samples[2 * i], samples[(2 * i) + 1]));
        }
    }

    [Fact]
    public void ADamagedFrameAndATruncatedFileAreNamedErrors()
    {
        byte[] sound = new FlacBytes(1, 16).Add([Samples(400, 16, 0, false)], FlacBytes.Coding.Fixed1, 0).ToArray();
        byte[] changed = [.. sound];
        changed[^9] ^= 1;
        Assert.Contains("checksum", Assert.Throws<DamagedFileException>(() => Load(changed)).Message, StringComparison.Ordinal);
        Assert.Contains("ends within a frame", Assert.Throws<DamagedFileException>(() => Load(sound[..^20])).Message, StringComparison.Ordinal);
        Assert.Contains("ends after 0 of 400", Assert.Throws<DamagedFileException>(() => Load(sound[..49])).Message, StringComparison.Ordinal);
        Assert.Contains("header", Assert.Throws<DamagedFileException>(() => Load(sound[..20])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(64)]
    [InlineData(200)]
    public void MoreFramesThanTheHeaderPromisesAreReadToo(int promised)
    {
        long[] first = Samples(64, 16, 0, false), second = Samples(400, 16, 0, false);
        byte[] file = new FlacBytes(1, 16).Add([first], FlacBytes.Coding.Fixed1, 0).Add([second], FlacBytes.Coding.Fixed2, 0).ToArray(claimedLength: promised);
        using var folder = new TemporaryFolder();
        using FlacReader reader = FlacReader.Open("a.flac", File.OpenRead(folder.Write("a.flac", file)));
        Assert.Equal(-1, reader.LengthFrames);
        Assert.Equal([.. first.Concat(second).Select(sample => Scaled(sample, 16))], Load(file));
    }

    [Fact]
    public void TheLastBlockTellsTheLengthThatTheHeaderLeavesOutAndWhatIsMissingBeforeItIsAnError()
    {
        byte[] Parts(int count) => Enumerable.Range(0, count).Aggregate(new FlacBytes(1, 16), (file, i) => file.Add([Samples(100 + i, 16, 0, false)], FlacBytes.Coding.Plain, 0))
            .ToArray(knownLength: false);
        byte[] whole = Parts(3);
        using var folder = new TemporaryFolder();
        using (IFrameSource reader = FrameSources.Open(folder.Write("a.flac", whole), ffmpeg: "none"))
        {
            Assert.Equal(100 + 101 + 102, reader.LengthFrames);
        }

        byte[] gap = [.. Parts(1), .. whole[Parts(2).Length..]];
        Assert.Contains("ends after 202 of 303", Assert.Throws<DamagedFileException>(() => Load(gap)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StreamsOfOneFormatFollowEachOtherAndOthersAreRefused()
    {
        long[] samples = Samples(300, 16, 0, false);
        float[] once = [.. samples.Select(sample => Scaled(sample, 16))];
        byte[] stream = new FlacBytes(1, 16).Add([samples], FlacBytes.Coding.Fixed1, 0).ToArray();
        byte[] slower = new FlacBytes(1, 16, 22050).Add([samples], FlacBytes.Coding.Fixed1, 0).ToArray();
        Assert.Equal([.. once, .. once], Load([.. stream, .. stream]));
        Assert.Contains(
            "another recording follows in the same file, of 1 channels of 16 bits at 22050 Hz",
            Assert.Throws<DamagedFileException>(() => Load([.. stream, .. slower])).Message,
            StringComparison.Ordinal);

        using var folder = new TemporaryFolder();
        using FlacReader reader = FlacReader.Open("a.flac", File.OpenRead(folder.Write("a.flac", [.. stream, .. stream])));
        Assert.Equal(-1, reader.LengthFrames);
    }

    [Fact]
    public void AFrameOfAnotherRateIsRefused()
    {
        const int CodeOf48000 = 10;
        byte[] file = new FlacBytes(1, 16).Add([Samples(64, 16, 0, false)], FlacBytes.Coding.Fixed1, 0)
            .Add([Samples(64, 16, 0, false)], FlacBytes.Coding.Fixed1, 0, rateCode: CodeOf48000).ToArray();
        Assert.Contains("of another format than the stream", Assert.Throws<DamagedFileException>(() => Load(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TagsAroundAStreamAreNoneOfIt()
    {
        byte[] stream = new FlacBytes(1, 16).Add([Samples(300, 16, 0, false)], FlacBytes.Coding.Fixed1, 0).ToArray();
        byte[] before = [.. "ID3"u8, 4, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4, 5], after = [.. "TAG"u8, .. new byte[125]];
        Assert.Equal(Load(stream), Load([.. before, .. stream, .. after]));
        using var folder = new TemporaryFolder();
        using IFrameSource reader = FrameSources.Open(folder.Write("a.flac", [.. before, .. stream, .. after]), ffmpeg: "none");
        Assert.Equal(300, reader.LengthFrames);
    }

    [Fact]
    public void AStreamThatIsNotDescribedFirstIsReadAllTheSame()
    {
        byte[] stream = new FlacBytes(1, 16).Add([Samples(300, 16, 0, false)], FlacBytes.Coding.Fixed1, 0).ToArray();
        byte[] other = [1, 0, 0, 3, 7, 7, 7];
        Assert.Equal(Load(stream), Load([.. stream[..4], .. other, .. stream[4..]]));
    }

    [Fact]
    public void ManyEmptyStreamsInAFileAreNoTrouble()
    {
        byte[] empty = [.. "fLaC"u8, 0x80, 0, 0, 34, .. new FlacBytes(1, 16).ToArray()[8..42]];
        using var folder = new TemporaryFolder();
        using IFrameSource reader = FrameSources.Open(folder.Write("a.flac", [.. Enumerable.Repeat(empty, 50_000).SelectMany(bytes => bytes)]), ffmpeg: "none");
        Assert.Equal(0, reader.Read(new float[16]));
    }

    [Fact]
    public void RandomChangesGiveAudioOrADamagedFileError()
    {
        byte[] sound = new FlacBytes(2, 16)
            .Add([Samples(64, 16, 0, false), Samples(64, 16, 0, false)], FlacBytes.Coding.Predicted, 1)
            .Add([Samples(40, 16, 0, false), Samples(40, 16, 0, false)], FlacBytes.Coding.Escaped, 1).ToArray();
        var random = new TestRandom(12);
        for (int i = 0; i < 500; i++)
        {
            byte[] bytes = [.. sound];
            for (int change = 0; change <= i % 4; change++)
            {
                bytes[4 + random.Next(bytes.Length - 4)] = (byte)random.Next(256);
            }

            Exception? e = Record.Exception(() => Load(bytes[..(bytes.Length - random.Next(i % 2 == 0 ? 1 : bytes.Length - 4))]));
            Assert.True(e is null or DamagedFileException or AudioException, $"round {i}: {e}");
        }
    }

    /// <summary>A tone with some noise, in the middle of the range so that predictions do not leave it; low bits clear on request.</summary>
    private static long[] Samples(int length, int bits, int wasted, bool constant)
    {
        var random = new TestRandom((ulong)length);
        double amplitude = Math.Pow(2, Math.Min(bits, 20) - 4);
        return [.. Enumerable.Range(0, length).Select(i => constant ? 40L : ((long)(amplitude * Math.Sin(i * 0.03)) + random.Next(64)) >> wasted << wasted)];
    }

    private static float Scaled(long sample, int bits) => sample / (float)(1L << (bits - 1));

    private static float[] Load(byte[] content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.flac"], content);
        return AudioFile.Load(new AudioRange(folder["a.flac"]), Rate);
    }
}

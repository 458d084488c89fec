using System.Buffers.Binary;
using Jukebox.Audio.Reading;
using Jukebox.Audio.Writing;
using Jukebox.Core.Errors;
using Xunit;

namespace Jukebox.Tests.Audio;

public sealed class WaveReaderTests
{
    private static readonly double[] Values = [0, 0.5, -0.5, -1, 0.25, 0.75, -0.25, -0.75];

    [Theory]
    [InlineData(1, 8)]
    [InlineData(1, 16)]
    [InlineData(1, 24)]
    [InlineData(1, 32)]
    [InlineData(3, 32)]
    [InlineData(3, 64)]
    public void EveryFormatIsReadExactlyPlainAndExtensible(int tag, int bits)
    {
        byte[] samples = WaveBytes.Samples(tag, bits, Values);
        foreach (byte[] format in (byte[][])[WaveBytes.Format(tag, 2, 48000, bits), WaveBytes.Extensible(tag, 2, 48000, bits)])
        {
            using WaveReader reader = Open(WaveBytes.File(WaveBytes.Chunk("fmt ", format), WaveBytes.Chunk("data", samples)));
            Assert.Equal((48000, 2, 4L), (reader.SampleRateHz, reader.Channels, reader.LengthFrames));
            Assert.Equal(Values.Select(value => (float)value), ReadAll(reader));
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(2, 2)]
    public void BitsAndChannelsCountWhereTheBlockIsWrong(int channels, byte blockBytes)
    {
        byte[] format = WaveBytes.Format(1, channels, 8000, 16);
        (format[12], format[13]) = (blockBytes, 0);
        using WaveReader reader = Open(WaveBytes.File(WaveBytes.Chunk("fmt ", format), WaveBytes.Chunk("data", WaveBytes.Samples(1, 16, Values))));
        Assert.Equal((channels, (long)Values.Length / channels), (reader.Channels, reader.LengthFrames));
        Assert.Equal(Values.Select(value => (float)value), ReadAll(reader));
    }

    [Fact]
    public void UnknownChunksOfOddLengthAreSkipped()
    {
        byte[] file = WaveBytes.File(
            WaveBytes.Chunk("junk", [1, 2, 3]),
            WaveBytes.Chunk("fmt ", [.. WaveBytes.Format(1, 1, 8000, 16), 0, 0]),
            WaveBytes.Chunk("LIST", [1, 2, 3, 4, 5]),
            WaveBytes.Chunk("data", WaveBytes.Samples(1, 16, Values)),
            WaveBytes.Chunk("tail", [9]));
        using WaveReader reader = Open(file);
        Assert.Equal(Values.Select(value => (float)value), ReadAll(reader));
    }

    [Fact]
    public void SamplesThatAreNotReadAreToldOf()
    {
        byte[] format = WaveBytes.Chunk("fmt ", WaveBytes.Format(1, 1, 8000, 16)), samples = WaveBytes.Samples(1, 16, Values);
        byte[] noise = WaveBytes.Samples(1, 16, [.. Enumerable.Range(0, 4000).Select(i => Math.Sin(i) / 2)]);
        Assert.Null(ComplaintOf(format, WaveBytes.Chunk("data", samples), WaveBytes.Chunk("LIST", [1, 2, 3])));
        Assert.Null(ComplaintOf(format, WaveBytes.Chunk("data", [1, 2, 3]), WaveBytes.Chunk("LIST", [1, 2, 3])));
        Assert.Null(ComplaintOf(format, WaveBytes.Chunk("data", samples), new byte[100]));
        string? second = ComplaintOf(format, WaveBytes.Chunk("data", samples), WaveBytes.Chunk("LIST", [1, 2, 3]), WaveBytes.Chunk("data", samples));
        Assert.Contains("it has samples in a second place, byte 72,", second, StringComparison.Ordinal);
        Assert.Contains("7900 bytes behind its samples are not read", ComplaintOf(format, WaveBytes.Chunk("data", noise, 100)), StringComparison.Ordinal);
        Assert.Contains("7900 bytes behind", ComplaintOfLong(100, format, noise), StringComparison.Ordinal);
    }

    private static string? ComplaintOf(params byte[][] chunks)
    {
        using WaveReader reader = Open(WaveBytes.File(chunks));
        ReadAll(reader);
        return reader.Complaint;
    }

    /// <summary>The same of a file whose length stands in 64 bits.</summary>
    private static string? ComplaintOfLong(byte claimedBytes, byte[] format, byte[] samples)
    {
        var sizes = new byte[28];
        sizes[8] = claimedBytes;
        using WaveReader reader = Open(WaveBytes.File("RF64", [WaveBytes.Chunk("ds64", sizes), format, WaveBytes.Chunk("data", samples, uint.MaxValue)]));
        return reader.Complaint;
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(uint.MaxValue)]
    [InlineData(1_000_000u)]
    public void ALengthThatTheFileDoesNotHaveMeansToTheEnd(uint claimed)
    {
        byte[] file = WaveBytes.File(
            WaveBytes.Chunk("fmt ", WaveBytes.Format(1, 1, 8000, 16)), WaveBytes.Chunk("data", WaveBytes.Samples(1, 16, Values), claimed));
        using WaveReader seeking = Open(file);
        Assert.Equal(Values.Length, seeking.LengthFrames);
        Assert.Equal(Values.Length, ReadAll(seeking).Length);

        using WaveReader streaming = WaveReader.Open("pipe", new ForwardStream(file));
        Assert.Equal(claimed == 1_000_000 ? 500_000 : -1, streaming.LengthFrames);
        Assert.Equal(Values.Length, ReadAll(streaming).Length);
    }

    [Fact]
    public void LongFilesKeepTheirLengthInTheirOwnChunk()
    {
        var sizes = new byte[28];
        BinaryPrimitives.WriteInt64LittleEndian(sizes.AsSpan(8), 8);
        byte[] file = WaveBytes.File("RF64", [
            WaveBytes.Chunk("ds64", sizes),
            WaveBytes.Chunk("fmt ", WaveBytes.Format(1, 1, 8000, 16)),
            WaveBytes.Chunk("data", WaveBytes.Samples(1, 16, Values), uint.MaxValue)]);
        using WaveReader reader = Open(file);
        Assert.Equal(4, reader.LengthFrames);
        Assert.Equal(4, ReadAll(reader).Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void BlocksAndSeeksGiveTheSameSamples(int blockFrames)
    {
        using var folder = new TemporaryFolder();
        float[] samples = new TestRandom(3).Floats(40_000);
        WaveFile.Write(folder["a.wav"], samples, 8000);
        float[] whole = WaveFile.Read(folder["a.wav"], out _, out _);

        using WaveReader reader = WaveReader.Open(folder["a.wav"]);
        foreach (long start in (ReadOnlySpan<long>)[12_345, 0, 39_999, 40_000, 50_000])
        {
            reader.Seek(start);
            var block = new float[blockFrames];
            int read = reader.Read(block);
            Assert.Equal(Math.Clamp(40_000 - start, 0, blockFrames), read);
            Assert.Equal(whole.Skip((int)start).Take(read), block[..read]);
        }
    }

    [Fact]
    public void AStreamThatCannotSeekIsSkippedForward()
    {
        byte[] file = WaveBytes.File(
            WaveBytes.Chunk("fmt ", WaveBytes.Format(1, 1, 8000, 16)), WaveBytes.Chunk("data", WaveBytes.Samples(1, 16, Values)));
        using WaveReader reader = WaveReader.Open("pipe", new ForwardStream(file));
        reader.Seek(5);
        Assert.Equal([0.75f, -0.25f, -0.75f], ReadAll(reader));
    }

    public static TheoryData<byte[], string> BadFiles => new()
    {
        { [], "ends before its samples" },
        { "<html><body>not found</body></html>"u8.ToArray(), "not a WAV file" },
        { WaveBytes.File(WaveBytes.Chunk("data", [1, 2])), "before its format" },
        { WaveBytes.File(WaveBytes.Chunk("fmt ", [1, 0, 1, 0])), "too few" },
        { WaveBytes.File(WaveBytes.Chunk("fmt ", WaveBytes.Format(1, 0, 8000, 16)), WaveBytes.Chunk("data", [])), "0 channels" },
        { WaveBytes.File(WaveBytes.Chunk("fmt ", WaveBytes.Format(1, 1, -5, 16)), WaveBytes.Chunk("data", [])), "Hz" },
        { WaveBytes.File(WaveBytes.Chunk("fmt ", WaveBytes.Format(85, 2, 8000, 16)), WaveBytes.Chunk("data", [])), "format 85" },
        { WaveBytes.File(WaveBytes.Chunk("junk", [1, 2], 4_000_000_000)), "4000000000 bytes but" },
        { WaveBytes.File(WaveBytes.Chunk("fmt ", WaveBytes.Format(1, 1, 8000, 16))), "ends before its samples" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void ABadFileIsOneSentenceThatNamesItAndTheTrouble(byte[] content, string expected)
    {
        DamagedFileException e = Assert.Throws<DamagedFileException>(() => Open(content));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.StartsWith("test.wav", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFloatThatIsNotANumberIsNamedByFrame()
    {
        byte[] samples = WaveBytes.Samples(3, 32, 0, 0, 0, double.NaN);
        using WaveReader reader = Open(WaveBytes.File(
            WaveBytes.Chunk("fmt ", WaveBytes.Format(3, 2, 8000, 32)), WaveBytes.Chunk("data", samples)));
        DamagedFileException e = Assert.Throws<DamagedFileException>(() => ReadAll(reader));
        Assert.Contains("sample 1 of frame 1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ChangedAndTruncatedFilesGiveAudioOrADamagedFileError()
    {
        byte[] sound = WaveBytes.File(
            WaveBytes.Chunk("LIST", [1, 2, 3]),
            WaveBytes.Chunk("fmt ", WaveBytes.Extensible(1, 2, 44100, 24)),
            WaveBytes.Chunk("data", WaveBytes.Samples(1, 24, Values)));
        var random = new TestRandom(5);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. sound];
            for (int change = 0; change <= i % 4; change++)
            {
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(3) == 0 ? 0xFF : random.Next(256));
            }

            bytes = bytes[..(bytes.Length - random.Next(i % 2 == 0 ? 1 : bytes.Length))];
            long before = GC.GetAllocatedBytesForCurrentThread();
            Exception? e = Record.Exception(() =>
            {
                using WaveReader reader = i % 3 == 0 ? WaveReader.Open("test.wav", new ForwardStream(bytes)) : Open(bytes);
                ReadAll(reader);
            });
            Assert.True(e is null or DamagedFileException, $"round {i}: {e}");
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 << 20);
        }
    }

    private static WaveReader Open(byte[] content) => WaveReader.Open("test.wav", new MemoryStream(content));

    private static float[] ReadAll(WaveReader reader)
    {
        var samples = new List<float>();
        var block = new float[5 * reader.Channels];
        for (int frames; (frames = reader.Read(block)) > 0;)
        {
            samples.AddRange(block.AsSpan(0, frames * reader.Channels));
        }

        return [.. samples];
    }

    /// <summary>A pipe: no seeking, no length, a few bytes at a time.</summary>
    private sealed class ForwardStream(byte[] content) : Stream
    {
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = Math.Min(Math.Min(count, 3), content.Length - _position);
            Array.Copy(content, _position, buffer, offset, read);
            _position += read;
            return read;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

using System.Buffers.Binary;
using Jukebox.Core.Errors;
using NAudio.Wave;

namespace Jukebox.Audio.Reading;

/// <summary>
/// Reads AIFF with whole samples through NAudio. Its header is checked before: NAudio believes lengths, and ends in exceptions of many
/// kinds where they are wrong.
/// </summary>
internal sealed class AiffReader : IFrameSource
{
    private const int BlockBytes = 64 << 10;
    private const int MostChannels = 256;
    private const int CommonBytes = 18;
    private const string Remedy = "install ffmpeg, which reads more kinds, or get it again as PCM";

    private readonly Stream _stream;
    private readonly AiffFileReader _reader;
    private readonly byte[] _block;
    private long _positionFrames;

    private AiffReader(string path, Stream stream)
    {
        _stream = stream;
        long begin = stream.Position;
        long sampleBytes = CheckHeader(path, stream);
        stream.Position = begin;
        try
        {
            _reader = new AiffFileReader(stream);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new DamagedFileException(path, -1, "its header is not sound", Remedy, e);
        }

        LengthFrames = sampleBytes / FrameBytes;
        _block = new byte[Math.Max(BlockBytes / FrameBytes, 1) * FrameBytes];
    }

    /// <inheritdoc/>
    public int SampleRateHz => _reader.WaveFormat.SampleRate;

    /// <inheritdoc/>
    public int Channels => _reader.WaveFormat.Channels;

    /// <inheritdoc/>
    /// <remarks>NAudio counts the byte that fills an odd chunk up as a sample.</remarks>
    public long LengthFrames { get; }

    private int FrameBytes => _reader.WaveFormat.BlockAlign;

    /// <summary>Reads from a stream that seeks, which then belongs to the reader.</summary>
    /// <param name="path">What to call it in messages.</param>
    /// <param name="stream">Content from its first byte.</param>
    /// <exception cref="DamagedFileException">It is not sound, or of a kind that is not read here.</exception>
    public static AiffReader Open(string path, Stream stream) => new(path, stream);

    /// <inheritdoc/>
    public int Read(Span<float> interleaved)
    {
        int done = 0;
        while (interleaved.Length - done >= Channels)
        {
            long frames = Math.Min((interleaved.Length - done) / Channels, Math.Min(_block.Length / FrameBytes, LengthFrames - _positionFrames));
            int bytes = _reader.Read(_block.AsSpan(0, (int)frames * FrameBytes)) / FrameBytes * FrameBytes;
            if (bytes == 0)
            {
                break;
            }

            _positionFrames += bytes / FrameBytes;

            int sampleBytes = FrameBytes / Channels;
            for (int at = 0; at < bytes; at += sampleBytes)
            {
                // NAudio has put the bytes the other way round, and signed bytes into those of WAV.
                interleaved[done++] = sampleBytes switch
                {
                    1 => (_block[at] - 128) / 128f,
                    2 => BinaryPrimitives.ReadInt16LittleEndian(_block.AsSpan(at)) / 32768f,
                    3 => ((_block[at] << 8) | (_block[at + 1] << 16) | (_block[at + 2] << 24)) / 2147483648f,
                    _ => BinaryPrimitives.ReadInt32LittleEndian(_block.AsSpan(at)) / 2147483648f,
                };
            }
        }

        return done / Channels;
    }

    /// <inheritdoc/>
    public void Seek(long frame)
    {
        _positionFrames = Math.Min(frame, LengthFrames);
        _reader.Position = _positionFrames * FrameBytes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
    }

    /// <summary>Walks the chunks as NAudio will, and gives the bytes of all samples.</summary>
    private static long CheckHeader(string path, Stream stream)
    {
        DamagedFileException Damaged(string problem) => new(path, stream.Position, problem, Remedy);
        Span<byte> start = stackalloc byte[12];
        Span<byte> head = stackalloc byte[8];
        Span<byte> content = stackalloc byte[CommonBytes + 4];
        bool hasFormat = false, hasSamples = false;
        stream.ReadExactly(start);
        bool mayBeCoded = start[8..].SequenceEqual("AIFC"u8);
        long sampleBytes = 0;
        while (!hasFormat || !hasSamples)
        {
            if (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
            {
                throw Damaged("the file ends before its format and its samples");
            }

            uint lengthBytes = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
            if (lengthBytes > stream.Length - stream.Position || lengthBytes > int.MaxValue - 8)
            {
                throw Damaged($"a chunk claims {lengthBytes} bytes but {stream.Length - stream.Position} are left");
            }

            long next = stream.Position + lengthBytes + (lengthBytes & 1);
            if (head.StartsWith("COMM"u8) && !hasFormat)
            {
                int taken = mayBeCoded ? content.Length : CommonBytes;
                if (lengthBytes < taken || lengthBytes > 1024)
                {
                    throw Damaged($"its format chunk has {lengthBytes} bytes");
                }

                stream.ReadExactly(content[..taken]);
                hasFormat = true;
                CheckFormat(content[..taken], Damaged);
            }
            else if (head.StartsWith("SSND"u8) && !hasSamples)
            {
                hasSamples = true;
                sampleBytes = lengthBytes - 8L;
                if (sampleBytes >= 0)
                {
                    stream.ReadExactly(content[..8]);
                }

                if (sampleBytes < 0 || BinaryPrimitives.ReadUInt64BigEndian(content) >> 32 != 0)
                {
                    throw Damaged("its samples do not begin with their chunk");
                }
            }
            else if (head.StartsWith("COMM"u8) || head.StartsWith("SSND"u8) || head[..4].IndexOfAnyExceptInRange((byte)' ', (byte)'~') >= 0)
            {
                throw Damaged("its chunks are not in order");
            }

            stream.Position = Math.Min(next, stream.Length);
        }

        return sampleBytes;
    }

    private static void CheckFormat(ReadOnlySpan<byte> common, Func<string, DamagedFileException> damaged)
    {
        int channels = BinaryPrimitives.ReadInt16BigEndian(common);
        int bits = BinaryPrimitives.ReadInt16BigEndian(common[6..]);
        int exponent = BinaryPrimitives.ReadUInt16BigEndian(common[8..]) - 16383;
        ulong mantissa = BinaryPrimitives.ReadUInt64BigEndian(common[10..]);
        double rate = exponent is >= 0 and < 24 ? mantissa * Math.Pow(2, exponent - 63) : -1;
        if (channels is < 1 or > MostChannels || !(rate is >= 1 and <= 10_000_000))
        {
            throw damaged($"its format has {channels} channels at {rate} Hz");
        }

        if (bits is not (8 or 16 or 24 or 32) || (common.Length > CommonBytes && !common[CommonBytes..].SequenceEqual("NONE"u8)))
        {
            throw damaged($"its samples ({bits} bits{(common.Length > CommonBytes ? ", coded" : "")}) are of a kind that is not read here");
        }
    }
}

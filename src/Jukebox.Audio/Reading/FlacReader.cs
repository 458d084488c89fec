using System.Buffers.Binary;
using Jukebox.Core.Errors;

namespace Jukebox.Audio.Reading;

/// <summary>
/// Reads a FLAC file (RFC 9639) frame by frame. Every frame's checksum is verified; memory is bounded by the largest
/// frame that the format allows, whatever the file claims.
/// </summary>
internal sealed class FlacReader : IFrameSource
{
    private const int StreamInfoBytes = 34;
    private const string Remedy = "get it again";

    private readonly string _path;
    private readonly FileStream _stream;
    private readonly FlacFrameDecoder _decoder;
    private readonly float _scale;
    private long _positionFrames;
    private int _blockPosition;

    private FlacReader(string path, FileStream stream)
    {
        (_path, _stream) = (path, stream);
        Span<byte> info = stackalloc byte[StreamInfoBytes];
        ReadMetadata(info);
        ulong packed = BinaryPrimitives.ReadUInt64BigEndian(info[10..]);
        SampleRateHz = (int)(packed >> 44);
        Channels = (int)((packed >> 41) & 7) + 1;
        int bits = (int)((packed >> 36) & 31) + 1;
        long length = (long)(packed & 0xFFFFFFFFF);
        LengthFrames = length == 0 ? -1 : length;
        if (SampleRateHz == 0 || bits < 4)
        {
            throw Damaged(8, $"its stream has {bits} bits at {SampleRateHz} Hz");
        }

        _scale = 1f / (1L << (bits - 1));
        _decoder = new FlacFrameDecoder(new FlacBitReader(path, stream), Channels, bits);
    }

    /// <inheritdoc/>
    public int SampleRateHz { get; }

    /// <inheritdoc/>
    public int Channels { get; }

    /// <inheritdoc/>
    public long LengthFrames { get; }

    /// <summary>Whether the file begins like a FLAC file.</summary>
    public static bool IsFlac(string path)
    {
        using FileStream stream = File.OpenRead(path);
        Span<byte> start = stackalloc byte[4];
        return stream.ReadAtLeast(start, 4, throwOnEndOfStream: false) == 4 && start.SequenceEqual("fLaC"u8);
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="DamagedFileException">Its header is not sound.</exception>
    public static FlacReader Open(string path)
    {
        FileStream stream = File.OpenRead(path);
        try
        {
            return new FlacReader(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="DamagedFileException">A frame is not sound, or the file ends too early.</exception>
    public int Read(Span<float> interleaved)
    {
        int wanted = interleaved.Length / Channels;
        int done = 0;
        while (done < wanted && Available() is int available and > 0)
        {
            int count = Math.Min(available, wanted - done);
            for (int channel = 0; channel < Channels; channel++)
            {
                ReadOnlySpan<long> samples = _decoder.Samples(channel).Slice(_blockPosition, count);
                for (int i = 0; i < count; i++)
                {
                    interleaved[((done + i) * Channels) + channel] = samples[i] * _scale;
                }
            }

            Advance(count);
            done += count;
        }

        return done;
    }

    /// <inheritdoc/>
    public void Seek(long frame)
    {
        while (_positionFrames < frame && Available() is int available and > 0)
        {
            Advance((int)Math.Min(available, frame - _positionFrames));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Advance(int frames)
    {
        _blockPosition += frames;
        _positionFrames += frames;
    }

    /// <summary>Frames decoded and not read yet; decodes the next block where there are none. 0 at the end.</summary>
    private int Available()
    {
        long left = LengthFrames < 0 ? long.MaxValue : LengthFrames - _positionFrames;
        if (_blockPosition == _decoder.BlockLength && left > 0)
        {
            _blockPosition = 0;
            if (!_decoder.Next() && LengthFrames >= 0)
            {
                throw Damaged(_stream.Length, $"it ends after {_positionFrames} of {LengthFrames} frames");
            }
        }

        return (int)Math.Min(left, _decoder.BlockLength - _blockPosition);
    }

    /// <summary>Skips every metadata block, keeping the first, which describes the stream.</summary>
    private void ReadMetadata(Span<byte> info)
    {
        Span<byte> header = stackalloc byte[4];
        Fill(header);
        if (!header.SequenceEqual("fLaC"u8))
        {
            throw Damaged(0, "it is not a FLAC file");
        }

        for (bool first = true, last = false; !last; first = false)
        {
            Fill(header);
            last = (header[0] & 0x80) != 0;
            int lengthBytes = (header[1] << 16) | (header[2] << 8) | header[3];
            if (lengthBytes > _stream.Length - _stream.Position || (first && ((header[0] & 0x7F) != 0 || lengthBytes != StreamInfoBytes)))
            {
                throw Damaged(_stream.Position - 4, "its header is not sound");
            }

            if (first)
            {
                Fill(info);
            }
            else
            {
                _stream.Position += lengthBytes;
            }
        }
    }

    private void Fill(Span<byte> bytes)
    {
        if (_stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw Damaged(_stream.Length, "the file ends within its header");
        }
    }

    private DamagedFileException Damaged(long offsetBytes, string problem) => new(_path, offsetBytes, problem, Remedy);
}

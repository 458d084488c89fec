using Jukebox.Core.Errors;

namespace Jukebox.Audio.Reading;

/// <summary>
/// Reads a FLAC file (RFC 9639) frame by frame. Every frame's checksums are verified; memory is bounded by the largest frame that the
/// format allows, whatever the file claims. What follows the frames that the header promises is read too, another stream of the same
/// format included.
/// </summary>
internal sealed class FlacReader : IFrameSource
{
    private const string Remedy = "get it again";
    private const int LowestSampleBits = 4;

    private readonly string _path;
    private readonly Stream _stream;
    private readonly FlacStreamInfo _info;
    private readonly FlacBitReader _bits;
    private readonly FlacFrameDecoder _decoder;
    private readonly float _scale;
    private long _promisedFrames; // end of the stream that is being read, or 0 where it does not say
    private long _decodedFrames;
    private long _positionFrames;
    private int _blockPosition;

    private FlacReader(string path, Stream stream)
    {
        (_path, _stream) = (path, stream);
        _bits = new FlacBitReader(path, stream);
        _info = ReadMetadata();
        if (_info.SampleRateHz == 0 || _info.SampleBits < LowestSampleBits)
        {
            throw Damaged(8, $"its stream has {_info.SampleBits} bits at {_info.SampleRateHz} Hz");
        }

        _scale = 1f / (1L << (_info.SampleBits - 1));
        _decoder = new FlacFrameDecoder(_bits, _info);
        stream.Position = _bits.PositionBytes;
        LengthFrames = FlacLength.Of(stream, _info);
        _promisedFrames = Math.Max(LengthFrames, _info.LengthFrames);
        _bits.Restart();
    }

    /// <inheritdoc/>
    public int SampleRateHz => _info.SampleRateHz;

    /// <inheritdoc/>
    public int Channels => _info.Channels;

    /// <inheritdoc/>
    public long LengthFrames { get; }

    /// <summary>Reads from a stream that seeks, from its place on; it then belongs to the reader.</summary>
    /// <param name="path">What to call it in messages.</param>
    /// <param name="stream">Content.</param>
    /// <exception cref="DamagedFileException">Its header is not sound.</exception>
    public static FlacReader Open(string path, Stream stream) => new(path, stream);

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
        while (_blockPosition == _decoder.BlockLength && FrameFollows())
        {
            _blockPosition = 0;
            _decoder.Next();
            _decodedFrames += _decoder.BlockLength;
        }

        return _decoder.BlockLength - _blockPosition;
    }

    /// <summary>Whether another frame comes next, in this stream or in one that follows it.</summary>
    private bool FrameFollows()
    {
        while (true)
        {
            ReadOnlySpan<byte> next = _bits.Peek(4);
            if (next is [0xFF, 0xF8 or 0xF9, ..])
            {
                return true;
            }

            if (_decodedFrames < _promisedFrames)
            {
                // Anything but the end is a frame that lost its beginning, as decoding it will say.
                return next.Length > 0 ? true : throw Damaged(_stream.Length, $"it ends after {_decodedFrames} of {_promisedFrames} frames");
            }

            if (!next.SequenceEqual("fLaC"u8))
            {
                // Where the stream says how long it is, what follows its end is none of it: tags, or filling.
                return next.Length == 0 || _promisedFrames > 0 || IsTag(next) ? false : throw _bits.Damaged("a frame does not begin where the last one ended");
            }

            FlacStreamInfo following = ReadMetadata();
            if (!following.Continues(_info))
            {
                throw _bits.Damaged(
                    $"another recording follows in the same file, of {following.Channels} channels of {following.SampleBits} bits at {following.SampleRateHz} Hz");
            }

            _promisedFrames = following.LengthFrames == 0 ? 0 : _decodedFrames + following.LengthFrames;
        }
    }

    private static bool IsTag(ReadOnlySpan<byte> bytes) => bytes.StartsWith("TAG"u8) || bytes.StartsWith("ID3"u8) || bytes.StartsWith("APET"u8);

    /// <summary>
    /// Passes over every metadata block, keeping the one that describes the stream: it should be the first. Where there is none, the first
    /// frame says as much.
    /// </summary>
    private FlacStreamInfo ReadMetadata()
    {
        Span<byte> header = stackalloc byte[4];
        Fill(header);
        if (!header.SequenceEqual("fLaC"u8))
        {
            throw Damaged(0, "it is not a FLAC file");
        }

        FlacStreamInfo? info = null;
        for (bool last = false; !last;)
        {
            Fill(header);
            last = (header[0] & 0x80) != 0;
            int lengthBytes = (header[1] << 16) | (header[2] << 8) | header[3];
            bool describes = (header[0] & 0x7F) == 0;
            if (lengthBytes > _stream.Length - _bits.PositionBytes || (describes && lengthBytes != FlacStreamInfo.LengthBytes))
            {
                throw Damaged(_bits.PositionBytes - 4, "its header is not sound");
            }

            if (describes && info is null)
            {
                info = ReadStreamInfo();
            }
            else
            {
                _bits.Skip(lengthBytes);
            }
        }

        return info ?? FlacLength.InfoOf(_bits.Peek(FlacFrameHeader.MostBytes)) ?? throw Damaged(_bits.PositionBytes, "its header is not sound");
    }

    private FlacStreamInfo ReadStreamInfo()
    {
        Span<byte> content = stackalloc byte[FlacStreamInfo.LengthBytes];
        Fill(content);
        return FlacStreamInfo.Read(content);
    }

    private void Fill(Span<byte> bytes)
    {
        if (_bits.Peek(bytes.Length).Length < bytes.Length)
        {
            throw Damaged(_stream.Length, "the file ends within its header");
        }

        _bits.Fill(bytes);
    }

    private DamagedFileException Damaged(long offsetBytes, string problem) => new(_path, offsetBytes, problem, Remedy);
}

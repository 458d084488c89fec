using System.Buffers.Binary;

namespace Jukebox.Audio.Reading;

/// <summary>Finds the frames of an MP3 one after the other, over tags and damage. Takes no more memory than a frame, whatever the file claims.</summary>
/// <param name="stream">The file; it seeks.</param>
internal sealed class MpegFrames(Stream stream)
{
    /// <summary>Bytes in which the first frame must begin, tags apart.</summary>
    private const int SearchBytes = 64 << 10;

    private const int ShortTagBytes = 128; // ID3v1

    private readonly long _end = stream.Length;
    private readonly byte[] _frame = new byte[MpegHeader.MostFrameBytes];
    private MpegHeader? _first;

    /// <summary>Header of the frame found last.</summary>
    public MpegHeader Header { get; private set; }

    /// <summary>The whole frame found last.</summary>
    public ReadOnlySpan<byte> Frame => _frame.AsSpan(0, Header.FrameBytes);

    /// <summary>Bytes between frames that were neither frames nor tags.</summary>
    public long LostBytes { get; private set; }

    /// <summary>Finds the first frame: one that another of its kind follows. False where there is none near the beginning.</summary>
    public bool First()
    {
        RecordingFormats.SkipTags(stream);
        for (long begin = stream.Position; stream.Position - begin < SearchBytes; Go(1))
        {
            if (HeaderHere() is { } header && IsFollowed(header))
            {
                _first = header;
                return Take(header);
            }

            if (stream.Position >= _end)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Finds the next frame; false at the end.</summary>
    public bool Next()
    {
        for (bool lost = false; stream.Position < _end;)
        {
            // In sound stretches frames follow each other; after damage, chance looks like a frame unless another follows.
            if (HeaderHere() is { } header && header.Continues(_first!.Value) && (!lost || IsFollowed(header)))
            {
                return Take(header);
            }

            if (!lost && SkipTag())
            {
                continue;
            }

            Go(1);
            LostBytes++;
            lost = true;
        }

        return false;
    }

    private bool SkipTag()
    {
        Span<byte> start = stackalloc byte[32];
        long position = stream.Position;
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        long tag = start[..read].StartsWith("TAG"u8) ? ShortTagBytes
            : read == start.Length && start.StartsWith("APETAGEX"u8) ? start.Length + (long)BinaryPrimitives.ReadUInt32LittleEndian(start[12..])
            : read >= 10 ? RecordingFormats.TagBytes(start) : 0;
        Go(Math.Min(tag, _end - position) - read);
        return tag > 0;
    }

    /// <summary>Moves within what the stream has read ahead, which setting its position would drop.</summary>
    private void Go(long bytes) => stream.Seek(bytes, SeekOrigin.Current);

    private MpegHeader? HeaderHere()
    {
        Span<byte> bytes = stackalloc byte[MpegHeader.LengthBytes];
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        Go(-read);
        var header = new MpegHeader(BinaryPrimitives.ReadUInt32BigEndian(bytes));
        return read == bytes.Length && header.IsValid ? header : null;
    }

    private bool IsFollowed(MpegHeader header)
    {
        Go(header.FrameBytes);
        bool followed = HeaderHere() is { } next && next.Continues(header);
        Go(-header.FrameBytes);
        return followed;
    }

    /// <summary>Takes the frame at this place; one that the end of the file cuts off is none.</summary>
    private bool Take(MpegHeader header)
    {
        Header = header;
        return stream.ReadAtLeast(_frame.AsSpan(0, header.FrameBytes), header.FrameBytes, throwOnEndOfStream: false) == header.FrameBytes;
    }
}

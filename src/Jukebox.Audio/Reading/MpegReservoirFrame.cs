using NLayer;

namespace Jukebox.Audio.Reading;

/// <summary>
/// A frame as NLayer is given it: complete by itself. Layer III lets the data of a frame begin in frames before it; here these bytes are
/// put together beforehand, as NLayer's own store of them loses a frame whenever it comes round to its first byte.
/// </summary>
internal sealed class MpegReservoirFrame : IMpegFrame
{
    private const int MostBackBytes = 511;
    private const int StoreBytes = 8192; // NLayer's
    private const int LookAheadBytes = 8;

    private readonly byte[] _bytes = new byte[MpegHeader.MostFrameBytes + MostBackBytes + LookAheadBytes + 1];
    private readonly byte[] _earlier = new byte[MostBackBytes];
    private MpegHeader _header;
    private int _length;
    private int _earlierLength;
    private long _positionBits;
    private int _stored;

    /// <inheritdoc/>
    public int SampleRate => _header.SampleRateHz;

    /// <inheritdoc/>
    public int SampleRateIndex => _header.RateIndex;

    /// <inheritdoc/>
    public int FrameLength => MpegHeader.LengthBytes + _length;

    /// <inheritdoc/>
    public int BitRate => _header.BitRate;

    /// <inheritdoc/>
    public MpegVersion Version => _header.Version;

    /// <inheritdoc/>
    public MpegLayer Layer => _header.Layer;

    /// <inheritdoc/>
    public MpegChannelMode ChannelMode => _header.Mode;

    /// <inheritdoc/>
    public int ChannelModeExtension => (int)((_header.Bits >> 4) & 3);

    /// <inheritdoc/>
    public int SampleCount => _header.Samples;

    /// <inheritdoc/>
    public int BitRateIndex => _header.BitRateIndex;

    /// <inheritdoc/>
    public bool IsCopyrighted => (_header.Bits & 8) != 0;

    /// <inheritdoc/>
    public bool HasCrc => false;

    /// <inheritdoc/>
    public bool IsCorrupted => false;

    /// <summary>Takes the next frame of a file; false where what it needs of earlier ones is not there.</summary>
    public bool Load(MpegHeader header, ReadOnlySpan<byte> frame)
    {
        _header = header;
        ReadOnlySpan<byte> content = frame[(MpegHeader.LengthBytes + header.ChecksumBytes)..];
        if (header.Layer != MpegLayer.LayerIII)
        {
            content.CopyTo(_bytes);
            _length = content.Length;
            return true;
        }

        ReadOnlySpan<byte> main = content[header.SideBytes..];
        Span<byte> side = _bytes.AsSpan(0, header.SideBytes);
        content[..header.SideBytes].CopyTo(side);
        bool isFirstVersion = header.Version == MpegVersion.Version1;
        int back = isFirstVersion ? (side[0] << 1) | (side[1] >> 7) : side[0];
        side[0] = 0;
        side[1] &= isFirstVersion ? (byte)0x7F : (byte)0xFF;
        bool complete = back <= _earlierLength;
        if (complete)
        {
            _earlier.AsSpan(_earlierLength - back, back).CopyTo(_bytes.AsSpan(header.SideBytes));
            main.CopyTo(_bytes.AsSpan(header.SideBytes + back));
            _length = header.SideBytes + back + main.Length;

            // NLayer looks further than a code is long, and takes the last ones for others where nothing follows them.
            _bytes.AsSpan(_length, LookAheadBytes).Clear();
            _length += LookAheadBytes;
            Store(back + main.Length + LookAheadBytes);
        }

        Keep(main);
        return complete;
    }

    /// <summary>Forgets earlier frames.</summary>
    public void Forget() => _earlierLength = 0;

    /// <summary>The decoder, and its store with it, begins anew.</summary>
    public void DecoderWasReset() => _stored = 0;

    /// <inheritdoc/>
    public void Reset() => _positionBits = 0;

    /// <inheritdoc/>
    public int ReadBits(int bitCount)
    {
        if (_positionBits + bitCount > _length * 8L)
        {
            return -1;
        }

        int value = 0;
        for (int i = 0; i < bitCount; i++, _positionBits++)
        {
            value = (value << 1) | ((_bytes[_positionBits >> 3] >> (7 - (int)(_positionBits & 7))) & 1);
        }

        return value;
    }

    /// <summary>Counts what NLayer stores. When the store would be full exactly, one more byte keeps it from taking its end for its beginning.</summary>
    private void Store(int bytes)
    {
        if ((_stored + bytes) % StoreBytes == 0)
        {
            _bytes[_length++] = 0;
            bytes++;
        }

        _stored = (_stored + bytes) % StoreBytes;
    }

    private void Keep(ReadOnlySpan<byte> main)
    {
        if (main.Length >= MostBackBytes)
        {
            main[^MostBackBytes..].CopyTo(_earlier);
            _earlierLength = MostBackBytes;
            return;
        }

        int kept = Math.Min(_earlierLength, MostBackBytes - main.Length);
        _earlier.AsSpan(_earlierLength - kept, kept).CopyTo(_earlier);
        main.CopyTo(_earlier.AsSpan(kept));
        _earlierLength = kept + main.Length;
    }
}

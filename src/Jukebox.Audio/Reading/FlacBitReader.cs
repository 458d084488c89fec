using Jukebox.Core.Errors;

namespace Jukebox.Audio.Reading;

/// <summary>
/// Bits of a FLAC stream, most significant first. Bytes are taken only when a bit of them is wanted, so that the
/// running checksum covers exactly what has been read.
/// </summary>
internal sealed class FlacBitReader(string path, Stream stream)
{
    private static readonly ushort[] Table = BuildTable();

    private readonly byte[] _block = new byte[64 << 10];
    private int _blockLength;
    private int _blockPosition;
    private long _blockStart = stream.Position;
    private ulong _cache;
    private int _cacheBits;

    /// <summary>CRC-16 (polynomial 0x8005) of the bytes taken since it was last set to 0.</summary>
    public ushort Checksum { get; set; }

    /// <summary>Bytes taken, counted from the start of the file.</summary>
    public long PositionBytes => _blockStart + _blockPosition;

    /// <summary>Whether nothing is left. Only between bytes.</summary>
    public bool AtEnd => _blockPosition == _blockLength && !Refill();

    /// <summary>An unsigned number of up to 33 bits.</summary>
    public long Read(int bits)
    {
        while (_cacheBits < bits)
        {
            _cache = (_cache << 8) | NextByte();
            _cacheBits += 8;
        }

        _cacheBits -= bits;
        return (long)((_cache >> _cacheBits) & ((1UL << bits) - 1));
    }

    /// <summary>A number in two's complement of up to 33 bits; 0 bits are 0.</summary>
    public long ReadSigned(int bits) => bits == 0 ? 0 : Read(bits) << (64 - bits) >> (64 - bits);

    /// <summary>Zeros up to the next one.</summary>
    public long ReadUnary()
    {
        long zeros = 0;
        while (Read(1) == 0)
        {
            zeros++;
        }

        return zeros;
    }

    /// <summary>Drops bits up to the next byte.</summary>
    public void Align() => _cacheBits = 0;

    /// <summary>The next whole byte. Only between bytes.</summary>
    public byte ReadByte() => NextByte();

    /// <summary>Fills bytes. Only between bytes.</summary>
    public void Fill(Span<byte> bytes)
    {
        foreach (ref byte value in bytes)
        {
            value = NextByte();
        }
    }

    /// <summary>Looks at the next bytes without taking them, fewer at the end. Only between bytes.</summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        if (_blockLength - _blockPosition < count)
        {
            int kept = _blockLength - _blockPosition;
            _block.AsSpan(_blockPosition, kept).CopyTo(_block);
            _blockStart += _blockPosition;
            _blockPosition = 0;
            _blockLength = kept + stream.ReadAtLeast(_block.AsSpan(kept), count - kept, throwOnEndOfStream: false);
        }

        return _block.AsSpan(_blockPosition, Math.Min(count, _blockLength - _blockPosition));
    }

    /// <summary>Passes over bytes. Only between bytes.</summary>
    public void Skip(long count)
    {
        while (count > 0 && !AtEnd)
        {
            int step = (int)Math.Min(count, _blockLength - _blockPosition);
            _blockPosition += step;
            count -= step;
        }
    }

    /// <summary>Goes on at the stream's place. Only between bytes.</summary>
    public void Restart()
    {
        _blockStart = stream.Position;
        _blockLength = _blockPosition = 0;
    }

    /// <summary>The checksum of bytes by themselves.</summary>
    public static ushort ChecksumOf(ReadOnlySpan<byte> bytes)
    {
        ushort checksum = 0;
        foreach (byte value in bytes)
        {
            checksum = Next(checksum, value);
        }

        return checksum;
    }

    /// <summary>An error at this place.</summary>
    public DamagedFileException Damaged(string problem) => new(path, PositionBytes, problem, "get it again");

    private static ushort[] BuildTable()
    {
        var table = new ushort[256];
        for (int value = 0; value < 256; value++)
        {
            int crc = value << 8;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x8005 : crc << 1;
            }

            table[value] = (ushort)crc;
        }

        return table;
    }

    private byte NextByte()
    {
        if (_blockPosition == _blockLength && !Refill())
        {
            throw Damaged("the file ends within a frame");
        }

        byte value = _block[_blockPosition++];
        Checksum = Next(Checksum, value);
        return value;
    }

    private static ushort Next(ushort checksum, byte value) => (ushort)((checksum << 8) ^ Table[(checksum >> 8) ^ value]);

    private bool Refill()
    {
        _blockStart += _blockLength;
        _blockPosition = 0;
        _blockLength = stream.Read(_block);
        return _blockLength > 0;
    }
}

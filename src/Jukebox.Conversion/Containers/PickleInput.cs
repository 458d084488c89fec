using System.Buffers.Binary;
using System.Text;

namespace Jukebox.Conversion.Containers;

/// <summary>A part of a file read front to back, which never reads past its end and never takes memory that the file does not back.</summary>
/// <param name="file">The file.</param>
/// <param name="startBytes">Where the part starts.</param>
/// <param name="endBytes">Where it ends, at most the end of the file.</param>
internal sealed class PickleInput(SourceFile file, long startBytes, long endBytes)
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private long _bufferStart = startBytes;
    private int _bufferCount;

    /// <summary>The file.</summary>
    public SourceFile File => file;

    /// <summary>Offset of the next byte, from the start of the file.</summary>
    public long Position { get; private set; } = startBytes;

    /// <summary>Bytes up to the end of the part.</summary>
    public long RemainingBytes => endBytes - Position;

    public byte ReadByte()
    {
        Require(1);
        if (Position < _bufferStart || Position >= _bufferStart + _bufferCount)
        {
            _bufferStart = Position;
            _bufferCount = (int)Math.Min(_buffer.Length, RemainingBytes);
            file.Read(_bufferStart, _buffer.AsSpan(0, _bufferCount));
        }

        return _buffer[Position++ - _bufferStart];
    }

    public ushort ReadUInt16() => (ushort)(ReadByte() | (ReadByte() << 8));

    public int ReadInt32() => ReadUInt16() | (ReadUInt16() << 16);

    public long ReadInt64() => (uint)ReadInt32() | ((long)ReadInt32() << 32);

    public double ReadBigEndianDouble() =>
        BitConverter.Int64BitsToDouble(BinaryPrimitives.ReverseEndianness(ReadInt64()));

    /// <summary>A run of bytes; the length is checked against what is left before memory is taken.</summary>
    public byte[] ReadBytes(long lengthBytes, long limitBytes)
    {
        if (lengthBytes < 0 || lengthBytes > limitBytes)
        {
            throw file.Damaged(Position, $"a piece of {lengthBytes} bytes is announced where at most {limitBytes} make sense");
        }

        Require(lengthBytes);
        var bytes = new byte[lengthBytes];
        int fromBuffer = Position >= _bufferStart && Position < _bufferStart + _bufferCount
            ? (int)Math.Min(lengthBytes, _bufferStart + _bufferCount - Position)
            : 0;
        _buffer.AsSpan((int)Math.Min(Position - _bufferStart, _buffer.Length), fromBuffer).CopyTo(bytes);
        file.Read(Position + fromBuffer, bytes.AsSpan(fromBuffer));
        Position += lengthBytes;
        return bytes;
    }

    /// <summary>Text up to a line feed, which is consumed.</summary>
    public string ReadLine(int limitBytes)
    {
        var line = new StringBuilder();
        for (byte next = ReadByte(); next != '\n'; next = ReadByte())
        {
            if (line.Length >= limitBytes)
            {
                throw file.Damaged(Position, $"a line has more than {limitBytes} characters");
            }

            line.Append((char)next);
        }

        return line.ToString();
    }

    private void Require(long lengthBytes)
    {
        if (lengthBytes > RemainingBytes)
        {
            throw file.Damaged(Position, $"{lengthBytes} more bytes are announced but only {RemainingBytes} are left: the file is truncated or damaged");
        }
    }
}

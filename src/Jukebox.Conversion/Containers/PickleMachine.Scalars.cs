using System.Globalization;
using System.Numerics;
using System.Text;

namespace Jukebox.Conversion.Containers;

/// <summary>Numbers, truth values, text and byte strings.</summary>
internal sealed partial class PickleMachine
{
    private const int TextLimitBytes = 1 << 20;
    private const int BytesLimitBytes = 1 << 26;

    private bool Scalar(byte opcode)
    {
        switch ((char)opcode)
        {
            case 'N':
                Push(null);
                break;
            case '\x88' or '\x89':
                Push(opcode == 0x88);
                break;
            case 'K':
                Push((long)input.ReadByte());
                break;
            case 'M':
                Push((long)input.ReadUInt16());
                break;
            case 'J':
                Push((long)input.ReadInt32());
                break;
            case 'I':
                PushInteger(input.ReadLine(IntegerLimitBytes), booleans: true);
                break;
            case 'L':
                PushInteger(input.ReadLine(IntegerLimitBytes).TrimEnd('L'), booleans: false);
                break;
            case '\x8a':
                PushInteger(input.ReadBytes(input.ReadByte(), IntegerLimitBytes));
                break;
            case '\x8b':
                PushInteger(input.ReadBytes(input.ReadInt32(), IntegerLimitBytes));
                break;
            case 'F':
                PushReal(input.ReadLine(IntegerLimitBytes));
                break;
            case 'G':
                Push(input.ReadBigEndianDouble());
                break;
            default:
                return TextOrBytes(opcode);
        }

        return true;
    }

    private bool TextOrBytes(byte opcode)
    {
        switch ((char)opcode)
        {
            case 'X':
                Push(Utf8((uint)input.ReadInt32()));
                break;
            case '\x8c':
                Push(Utf8(input.ReadByte()));
                break;
            case '\x8d':
                Push(Utf8(input.ReadInt64()));
                break;
            case 'V':
                Push(input.ReadLine(TextLimitBytes));
                break;
            case 'S':
                Push(input.ReadLine(TextLimitBytes).Trim('\'', '"'));
                break;
            case 'T':
                Push(Utf8(input.ReadInt32()));
                break;
            case 'U':
                Push(Utf8(input.ReadByte()));
                break;
            case 'B':
                PushBytes((uint)input.ReadInt32());
                break;
            case 'C':
                PushBytes(input.ReadByte());
                break;
            case '\x8e' or '\x96':
                PushBytes(input.ReadInt64());
                break;
            default:
                return false;
        }

        return true;
    }

    private string Utf8(long lengthBytes) => Encoding.UTF8.GetString(input.ReadBytes(lengthBytes, TextLimitBytes));

    /// <summary>Byte strings are of no use here; their place in the object is kept.</summary>
    private void PushBytes(long lengthBytes)
    {
        input.ReadBytes(lengthBytes, BytesLimitBytes);
        Push(new PickleOpaque("bytes"));
    }

    private void PushInteger(ReadOnlySpan<byte> littleEndian)
    {
        var value = new BigInteger(littleEndian);
        Push(value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value);
    }

    private void PushInteger(string text, bool booleans)
    {
        if (booleans && text is "00" or "01")
        {
            Push(text == "01");
        }
        else if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
        {
            Push(value);
        }
        else
        {
            throw Damaged($"'{Text.Quote(text)}' is not an integer");
        }
    }

    private void PushReal(string text) => Push(
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw Damaged($"'{Text.Quote(text)}' is not a number"));
}

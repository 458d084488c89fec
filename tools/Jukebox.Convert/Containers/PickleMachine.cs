using System.Globalization;
using System.Numerics;
using System.Text;

namespace Jukebox.Conversion.Containers;

/// <summary>
/// Reads Python pickles, protocols 0 to 5, as data. Nothing is executed: classes and functions are names, calls of
/// anything but the few constructors that tensors need become <see cref="PickleOpaque"/>. Stack, memo, objects and every
/// length are bounded, and nothing recurses.
/// </summary>
internal sealed partial class PickleMachine(PickleInput input)
{
    /// <summary>Longest description of one object that is read.</summary>
    public const long LengthLimitBytes = 1 << 26;

    /// <summary>Values that may be alive or made: far above what a checkpoint with optimiser state has.</summary>
    private const int ObjectLimit = 1_000_000;

    private const int TextLimitBytes = 1 << 20;
    private const int BytesLimitBytes = 1 << 26;
    private const int IntegerLimitBytes = 256;
    private const int RankLimit = 16;

    private static readonly object Mark = new();
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<long, object?> _memo = [];
    private readonly Dictionary<string, PickleStorage> _storages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PickleStorageView> _views = new(StringComparer.Ordinal);
    private int _objectCount;
    private long _opcodeAtByte;

    /// <summary>Storages by key, as the tensors of the object named them.</summary>
    public IReadOnlyDictionary<string, PickleStorage> Storages => _storages;

    /// <summary>Reads one pickle up to and with its STOP.</summary>
    /// <exception cref="Core.DamagedFileException">It is not a sound pickle.</exception>
    public object? Read()
    {
        _stack.Clear();
        _marks.Clear();
        _memo.Clear();
        long startBytes = input.Position;
        while (true)
        {
            _opcodeAtByte = input.Position;
            if (_opcodeAtByte - startBytes > LengthLimitBytes)
            {
                throw Damaged($"the object's description has more than {LengthLimitBytes} bytes");
            }

            byte opcode = input.ReadByte();
            if (opcode == '.')
            {
                return Pop();
            }

            if (!Structure(opcode) && !Scalar(opcode) && !Object(opcode))
            {
                throw Damaged($"0x{opcode:x2} is not a pickle instruction");
            }
        }
    }

    /// <summary>Stack, memo and collections.</summary>
    private bool Structure(byte opcode)
    {
        switch ((char)opcode)
        {
            case '(':
                Count();
                _marks.Add(_stack.Count);
                _stack.Add(Mark);
                break;
            case '0':
                PopAny();
                break;
            case '1':
                TakeToMark();
                break;
            case '2':
                Push(Top());
                break;
            case 'p':
                Memoise(DecimalLine());
                break;
            case 'q':
                Memoise(input.ReadByte());
                break;
            case 'r':
                Memoise((uint)input.ReadInt32());
                break;
            case '\x94':
                Memoise(_memo.Count);
                break;
            case 'g':
                Push(Recall(DecimalLine()));
                break;
            case 'h':
                Push(Recall(input.ReadByte()));
                break;
            case 'j':
                Push(Recall((uint)input.ReadInt32()));
                break;
            case '\x80':
                Protocol(input.ReadByte());
                break;
            case '\x95':
                Frame(input.ReadInt64());
                break;
            default:
                return Collection(opcode);
        }

        return true;
    }

    private bool Collection(byte opcode)
    {
        switch ((char)opcode)
        {
            case ']' or '\x8f':
                Push(new PickleList());
                break;
            case 'l' or '\x91':
                PushList(TakeToMark());
                break;
            case 'a':
                object? item = Pop();
                Append([item]);
                break;
            case 'e' or '\x90':
                Append(TakeToMark());
                break;
            case '}':
                Push(new PickleDictionary());
                break;
            case 'd':
                object?[] entries = TakeToMark();
                Push(new PickleDictionary());
                SetItems(entries);
                break;
            case 's':
                object? value = Pop();
                object? key = Pop();
                SetItems([key, value]);
                break;
            case 'u':
                SetItems(TakeToMark());
                break;
            case ')':
                Push(new PickleTuple([]));
                break;
            case 't':
                Push(new PickleTuple(TakeToMark()));
                break;
            case '\x85' or '\x86' or '\x87':
                PushTuple(opcode - 0x84);
                break;
            default:
                return false;
        }

        return true;
    }

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
                return Text(opcode);
        }

        return true;
    }

    private bool Text(byte opcode)
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

    private void Protocol(byte version)
    {
        if (version > 5)
        {
            throw Damaged($"pickle protocol {version} is unknown");
        }
    }

    private void Frame(long lengthBytes)
    {
        if (lengthBytes < 0 || lengthBytes > input.RemainingBytes)
        {
            throw Damaged($"a frame of {lengthBytes} bytes is announced but {input.RemainingBytes} are left: the file is truncated or damaged");
        }
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
            throw Damaged($"'{Short(text)}' is not an integer");
        }
    }

    private void PushReal(string text) => Push(
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw Damaged($"'{Short(text)}' is not a number"));

    private long DecimalLine() =>
        uint.TryParse(input.ReadLine(IntegerLimitBytes), NumberStyles.None, CultureInfo.InvariantCulture, out uint value)
            ? value
            : throw Damaged("a memo index is not a number");

    private void PushList(object?[] items)
    {
        Push(new PickleList());
        Append(items);
    }

    private void PushTuple(int length)
    {
        var items = new object?[length];
        for (int i = length - 1; i >= 0; i--)
        {
            items[i] = Pop();
        }

        Push(new PickleTuple(items));
    }

    private void Append(object?[] items)
    {
        if (Top() is PickleList list)
        {
            Count(items.Length);
            list.Items.AddRange(items);
        }
    }

    private void SetItems(object?[] items)
    {
        if (items.Length % 2 != 0)
        {
            throw Damaged("a dictionary entry has a key without a value");
        }

        if (Top() is PickleDictionary dictionary)
        {
            Count(items.Length);
            for (int i = 0; i < items.Length; i += 2)
            {
                if (items[i] is string key)
                {
                    dictionary.Entries[key] = items[i + 1];
                }
            }
        }
    }

    private object?[] TakeToMark()
    {
        if (_marks.Count == 0)
        {
            throw Damaged("a mark is missing on the stack");
        }

        int mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        object?[] items = [.. _stack[(mark + 1)..]];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private void Push(object? value)
    {
        Count();
        _stack.Add(value);
    }

    /// <summary>Takes the top value, which must not be a mark.</summary>
    private object? Pop()
    {
        object? top = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    /// <summary>POP may take a mark as well.</summary>
    private void PopAny()
    {
        if (_stack.Count > 0 && ReferenceEquals(_stack[^1], Mark))
        {
            _stack.RemoveAt(_stack.Count - 1);
            _marks.RemoveAt(_marks.Count - 1);
        }
        else
        {
            Pop();
        }
    }

    private object? Top() => _stack.Count > 0 && !ReferenceEquals(_stack[^1], Mark)
        ? _stack[^1]
        : throw Damaged("a value is missing on the stack");

    private void Memoise(long index)
    {
        Count();
        _memo[index] = Top();
    }

    private object? Recall(long index) => _memo.TryGetValue(index, out object? value)
        ? value
        : throw Damaged($"memo {index} was never stored");

    private void Count(int objects = 1)
    {
        _objectCount += objects;
        if (_objectCount > ObjectLimit)
        {
            throw Damaged($"the object has more than {ObjectLimit} parts");
        }
    }

    private static string Short(string text) => text.Length > 40 ? text[..40] + "…" : text;

    private Core.DamagedFileException Damaged(string problem) => input.File.Damaged(_opcodeAtByte, problem);
}

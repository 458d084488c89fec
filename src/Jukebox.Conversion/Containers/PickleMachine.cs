using System.Globalization;
using Jukebox.Core.Errors;

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
    /// <exception cref="DamagedFileException">It is not a sound pickle.</exception>
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

    private long DecimalLine() =>
        uint.TryParse(input.ReadLine(IntegerLimitBytes), NumberStyles.None, CultureInfo.InvariantCulture, out uint value)
            ? value
            : throw Damaged("a memo index is not a number");

    private void Count(int objects = 1)
    {
        _objectCount += objects;
        if (_objectCount > ObjectLimit)
        {
            throw Damaged($"the object has more than {ObjectLimit} parts");
        }
    }

    private DamagedFileException Damaged(string problem) => input.File.Damaged(_opcodeAtByte, problem);
}

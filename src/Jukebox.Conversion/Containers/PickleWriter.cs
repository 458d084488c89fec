using System.Buffers.Binary;
using System.Text;

namespace Jukebox.Conversion.Containers;

/// <summary>
/// Writes a Python object as a pickle of protocol 2, with only those instructions that PyTorch's restricted reader
/// (<c>weights_only</c>) knows. Nothing is memoised: what occurs twice is written twice, and tensors share data by naming
/// the same storage.
/// </summary>
internal sealed class PickleWriter
{
    private readonly MemoryStream _bytes = new();

    public PickleWriter() => Write([0x80, 2]);

    /// <summary>Ends the pickle.</summary>
    public byte[] Complete()
    {
        Write("."u8);
        return _bytes.ToArray();
    }

    /// <summary>A dictionary; the action writes its keys and values alternately.</summary>
    public void Dictionary(Action entries)
    {
        Write("}("u8);
        entries();
        Write("u"u8);
    }

    /// <summary>A <c>collections.OrderedDict</c>, likewise.</summary>
    public void OrderedDictionary(Action entries)
    {
        Write("ccollections\nOrderedDict\n)R("u8);
        entries();
        Write("u"u8);
    }

    /// <summary>A tensor without gradient or hooks, contiguous, at the start of a storage of its own size.</summary>
    /// <param name="storageClass">Its class in module <c>torch</c>.</param>
    /// <param name="key">Name of the storage.</param>
    /// <param name="sizes">Extents.</param>
    public void Tensor(string storageClass, string key, ReadOnlySpan<long> sizes)
    {
        var strides = new long[sizes.Length];
        long lengthElements = 1;
        for (int axis = sizes.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = lengthElements;
            lengthElements *= sizes[axis];
        }

        Write("ctorch._utils\n_rebuild_tensor_v2\n(("u8);
        Value("storage");
        Write(Encoding.ASCII.GetBytes($"ctorch\n{storageClass}\n"));
        Value(key);
        Value("cpu");
        Value(lengthElements);
        Write("tQ"u8);
        Value(0L);
        Tuple(sizes);
        Tuple(strides);
        Value(false);
        Write("ccollections\nOrderedDict\n)RtR"u8);
    }

    /// <summary>None, a truth value, a number, a text or a tuple of whole numbers.</summary>
    public void Value(object? value)
    {
        switch (value)
        {
            case null:
                Write("N"u8);
                break;
            case bool flag:
                Write(flag ? [0x88] : [0x89]);
                break;
            case int number:
                Integer(number);
                break;
            case long number:
                Integer(number);
                break;
            case double number:
                Span<byte> real = stackalloc byte[9];
                real[0] = (byte)'G';
                BinaryPrimitives.WriteDoubleBigEndian(real[1..], number);
                Write(real);
                break;
            case string text:
                byte[] utf8 = Encoding.UTF8.GetBytes(text);
                Write("X"u8);
                Number(utf8.Length, sizeof(int));
                Write(utf8);
                break;
            case int[] numbers:
                Tuple(Array.ConvertAll(numbers, number => (long)number));
                break;
            default:
                throw new ArgumentException($"a {value.GetType()} has no pickle here", nameof(value));
        }
    }

    private void Tuple(ReadOnlySpan<long> values)
    {
        Write("("u8);
        foreach (long value in values)
        {
            Integer(value);
        }

        Write("t"u8);
    }

    /// <summary>In the shortest of the four ways there are.</summary>
    private void Integer(long value)
    {
        switch (value)
        {
            case >= 0 and <= byte.MaxValue:
                Write("K"u8);
                Number(value, 1);
                break;
            case >= 0 and <= ushort.MaxValue:
                Write("M"u8);
                Number(value, sizeof(ushort));
                break;
            case >= int.MinValue and <= int.MaxValue:
                Write("J"u8);
                Number(value, sizeof(int));
                break;
            default:
                Write([0x8a, sizeof(long)]);
                Number(value, sizeof(long));
                break;
        }
    }

    /// <summary>The low bytes of a number, the lowest first.</summary>
    private void Number(long value, int lengthBytes)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Write(bytes[..lengthBytes]);
    }

    private void Write(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);
}

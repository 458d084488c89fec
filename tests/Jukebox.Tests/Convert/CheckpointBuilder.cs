using System.IO.Compression;
using System.Text;

namespace Jukebox.Tests.Conversion;

/// <summary>Writes checkpoints in PyTorch's two formats, byte by byte, for cases that no golden has.</summary>
internal sealed class CheckpointBuilder
{
    private readonly MemoryStream _model = new();
    private readonly MemoryStream _hyperparameters = new();
    private readonly SortedDictionary<string, (string Type, long Count, byte[]? Data, int ElementBytes)> _storages = new(StringComparer.Ordinal);

    /// <summary>Raw pickle instructions for further entries of the outer dictionary: each a key and a value.</summary>
    public byte[] Extra { get; set; } = [];

    /// <summary>Under what the tensors are saved.</summary>
    public string ModelKey { get; init; } = "model";

    /// <summary>The whole file in the stream format.</summary>
    public byte[] Bytes()
    {
        using var folder = new TemporaryFolder();
        WriteLegacy(folder["checkpoint"]);
        return File.ReadAllBytes(folder["checkpoint"]);
    }

    public CheckpointBuilder Storage(string key, float[] values)
    {
        var data = new byte[values.Length * sizeof(float)];
        Buffer.BlockCopy(values, 0, data, 0, data.Length);
        return Storage(key, "FloatStorage", values.Length, data, sizeof(float));
    }

    /// <summary>A storage; without data it is a hole in the file, read as zeros.</summary>
    public CheckpointBuilder Storage(string key, string type, long count, byte[]? data, int elementBytes)
    {
        _storages.Add(key, (type, count, data, elementBytes));
        return this;
    }

    public CheckpointBuilder Tensor(string name, string storage, long offset, long[] sizes, long[] strides)
    {
        Text(_model, name);
        (string type, long count, _, _) = _storages[storage];
        Bytes(_model, "ctorch._utils\n_rebuild_tensor_v2\n((");
        Text(_model, "storage");
        Bytes(_model, $"ctorch\n{type}\n");
        Text(_model, storage);
        Text(_model, "cuda:0");
        Integer(_model, count);
        Bytes(_model, "NtQ");
        Integer(_model, offset);
        Tuple(_model, sizes);
        Tuple(_model, strides);
        _model.WriteByte(0x89);
        Bytes(_model, "ccollections\nOrderedDict\n)RtR");
        return this;
    }

    /// <summary>A contiguous tensor of its own storage.</summary>
    public CheckpointBuilder Tensor(string name, float[] values, params long[] sizes)
    {
        Storage(name, values);
        return Tensor(name, name, 0, sizes, StridesOf(sizes));
    }

    public CheckpointBuilder Hyperparameter(string name, object? value)
    {
        Text(_hyperparameters, name);
        switch (value)
        {
            case null:
                Bytes(_hyperparameters, "N");
                break;
            case bool flag:
                _hyperparameters.WriteByte((byte)(flag ? 0x88 : 0x89));
                break;
            case int number:
                Integer(_hyperparameters, number);
                break;
            case int[] numbers:
                Tuple(_hyperparameters, Array.ConvertAll(numbers, number => (long)number));
                break;
            case byte[] instructions:
                _hyperparameters.Write(instructions);
                break;
            default:
                throw new ArgumentException($"{name}: {value}");
        }

        return this;
    }

    public void WriteLegacy(string path)
    {
        using FileStream file = File.Create(path);
        file.Write([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.']);
        file.Write([0x80, 2, (byte)'M', 0xe9, 3, (byte)'.']);
        Bytes(file, "\u0080\u0002}(");
        Text(file, "little_endian");
        file.WriteByte(0x88);
        Bytes(file, "u.");
        file.Write(Pickle());
        Bytes(file, "\u0080\u0002](");
        foreach (string key in _storages.Keys)
        {
            Text(file, key);
        }

        Bytes(file, "e.");
        foreach ((_, long count, byte[]? data, int elementBytes) in _storages.Values)
        {
            file.Write(BitConverter.GetBytes(count));
            WriteData(file, count * elementBytes, data);
        }
    }

    public void WriteZip(string path)
    {
        using FileStream file = File.Create(path);
        using var zip = new ZipArchive(file, ZipArchiveMode.Create);
        Entry("archive/data.pkl", Pickle());
        foreach ((string key, (_, long count, byte[]? data, int elementBytes)) in _storages)
        {
            Entry($"archive/data/{key}", data ?? new byte[count * elementBytes]);
        }

        Entry("archive/version", "3\n"u8.ToArray());

        void Entry(string name, byte[] content)
        {
            using Stream entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
            entry.Write(content);
        }
    }

    /// <summary>{model: OrderedDict, hps: {…}, …}.</summary>
    public byte[] Pickle()
    {
        using var pickle = new MemoryStream();
        Bytes(pickle, "\u0080\u0002}(");
        Text(pickle, "hps");
        Bytes(pickle, "}(");
        _hyperparameters.WriteTo(pickle);
        Bytes(pickle, "u");
        Text(pickle, ModelKey);
        Bytes(pickle, "ccollections\nOrderedDict\n)R(");
        _model.WriteTo(pickle);
        Bytes(pickle, "u");
        pickle.Write(Extra);
        Bytes(pickle, "u.");
        return pickle.ToArray();
    }

    /// <summary>A pickled text, for <see cref="Extra"/>.</summary>
    public static byte[] Text(string text)
    {
        using var stream = new MemoryStream();
        Text(stream, text);
        return stream.ToArray();
    }

    public static long[] StridesOf(long[] sizes)
    {
        var strides = new long[sizes.Length];
        long stride = 1;
        for (int axis = sizes.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= sizes[axis];
        }

        return strides;
    }

    private static void WriteData(FileStream file, long lengthBytes, byte[]? data)
    {
        if (data is not null)
        {
            file.Write(data);
            return;
        }

        long end = file.Position + lengthBytes;
        file.SetLength(end);
        file.Position = end;
    }

    private static void Bytes(Stream stream, string latin) => stream.Write(Encoding.Latin1.GetBytes(latin));

    private static void Text(Stream stream, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        stream.WriteByte((byte)'X');
        stream.Write(BitConverter.GetBytes(bytes.Length));
        stream.Write(bytes);
    }

    private static void Integer(Stream stream, long value)
    {
        stream.Write([0x8a, 8]);
        stream.Write(BitConverter.GetBytes(value));
    }

    private static void Tuple(Stream stream, long[] values)
    {
        stream.WriteByte((byte)'(');
        foreach (long value in values)
        {
            Integer(stream, value);
        }

        stream.WriteByte((byte)'t');
    }
}

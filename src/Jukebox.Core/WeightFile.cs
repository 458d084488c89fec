using System.Collections.Frozen;
using System.IO.MemoryMappedFiles;
using System.Text.Json;

namespace Jukebox.Core;

/// <summary>
/// A memory-mapped safetensors file: an 8-byte little-endian header length, a JSON header, raw tensors. Everything
/// the header claims is checked against the file's length before it is used, and tensors may not overlap.
/// </summary>
public sealed unsafe class WeightFile : IDisposable
{
    /// <summary>Headers beyond this are refused: the published format has the same limit.</summary>
    public const long HeaderLimitBytes = 100_000_000;

    private readonly MemoryMappedFile _mapping;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _base;

    private WeightFile(string path, MemoryMappedFile mapping, long lengthBytes)
    {
        Path = path;
        LengthBytes = lengthBytes;
        _mapping = mapping;
        _view = mapping.CreateViewAccessor(0, lengthBytes, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _base);
    }

    /// <summary>Path as it was given.</summary>
    public string Path { get; }

    /// <summary>Bytes of the file.</summary>
    public long LengthBytes { get; }

    /// <summary>The tensors by name.</summary>
    public FrozenDictionary<string, StoredTensor> Tensors { get; private set; } = FrozenDictionary<string, StoredTensor>.Empty;

    /// <summary>The header's <c>__metadata__</c>.</summary>
    public FrozenDictionary<string, string> Metadata { get; private set; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Start of the mapping.</summary>
    internal byte* Base => _base != null ? _base : throw new ObjectDisposedException(Path);

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="DamagedFileException">There is none.</exception>
    public StoredTensor this[string name] => Tensors.TryGetValue(name, out StoredTensor? tensor)
        ? tensor
        : throw new DamagedFileException(Path, -1, $"it has no tensor '{name}'", "convert the checkpoint again");

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="DamagedFileException">The content is not a sound safetensors file.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static WeightFile Open(string path)
    {
        long lengthBytes = new FileInfo(path).Length;
        if (lengthBytes < 8)
        {
            throw new DamagedFileException(path, 0, $"it has {lengthBytes} bytes, too few for a safetensors file", "download or convert it again");
        }

        MemoryMappedFile mapping = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        var file = new WeightFile(path, mapping, lengthBytes);
        try
        {
            file.ReadHeader();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Releases the mapping; every <see cref="StoredTensor"/> of this file is then dead.</summary>
    public void Dispose()
    {
        if (_base != null)
        {
            _base = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _mapping.Dispose();
        }
    }

    private void ReadHeader()
    {
        ulong headerBytes = *(ulong*)_base;
        if (headerBytes > HeaderLimitBytes || (long)headerBytes > LengthBytes - 8)
        {
            throw Damaged(0, $"its header claims {headerBytes} bytes but the file has {LengthBytes}");
        }

        long dataStart = 8 + (long)headerBytes;
        var tensors = new Dictionary<string, StoredTensor>();
        var metadata = new Dictionary<string, string>();
        try
        {
            using UnmanagedMemoryStream stream = new(_base + 8, (long)headerBytes);
            using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = 8 });
            foreach (JsonProperty entry in document.RootElement.EnumerateObject())
            {
                if (entry.Name == "__metadata__")
                {
                    foreach (JsonProperty pair in entry.Value.EnumerateObject())
                    {
                        metadata[pair.Name] = pair.Value.GetString() ?? "";
                    }
                }
                else if (!tensors.TryAdd(entry.Name, ReadEntry(entry, dataStart)))
                {
                    throw Damaged(8, $"it lists tensor '{entry.Name}' twice");
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new DamagedFileException(Path, 8, $"its header is not valid ({e.Message})", "download or convert it again", e);
        }

        long end = 0;
        foreach (StoredTensor tensor in tensors.Values.OrderBy(t => t.OffsetBytes).ThenBy(t => t.LengthBytes))
        {
            if (tensor.OffsetBytes < end)
            {
                throw Damaged(tensor.OffsetBytes, $"tensor '{tensor.Name}' overlaps another");
            }

            end = tensor.OffsetBytes + tensor.LengthBytes;
        }

        Tensors = tensors.ToFrozenDictionary();
        Metadata = metadata.ToFrozenDictionary();
    }

    private StoredTensor ReadEntry(JsonProperty entry, long dataStart)
    {
        string dtype = entry.Value.GetProperty("dtype").GetString() ?? "";
        ElementType type = dtype switch
        {
            "F32" => ElementType.F32,
            "F16" => ElementType.F16,
            "BF16" => ElementType.BF16,
            "I32" => ElementType.I32,
            "I64" => ElementType.I64,
            _ => throw Damaged(8, $"tensor '{entry.Name}' has the unknown type '{dtype}'"),
        };

        JsonElement extents = entry.Value.GetProperty("shape");
        int rank = extents.GetArrayLength();
        if (rank > 4)
        {
            throw Damaged(8, $"tensor '{entry.Name}' has {rank} dimensions");
        }

        Span<int> values = stackalloc int[Math.Max(rank, 1)];
        values[0] = 1;
        decimal elements = 1;
        for (int axis = 0; axis < rank; axis++)
        {
            values[axis] = extents[axis].GetInt32();
            if (values[axis] < 0)
            {
                throw Damaged(8, $"tensor '{entry.Name}' has a negative extent");
            }

            elements *= values[axis];
        }

        JsonElement offsets = entry.Value.GetProperty("data_offsets");
        if (offsets.GetArrayLength() != 2)
        {
            throw Damaged(8, $"tensor '{entry.Name}' needs two data offsets");
        }

        long start = offsets[0].GetInt64();
        long end = offsets[1].GetInt64();
        if (start < 0 || end < start || end > LengthBytes - dataStart)
        {
            throw Damaged(8, $"tensor '{entry.Name}' lies at [{start}, {end}) of {LengthBytes - dataStart} data bytes; the file is truncated or damaged");
        }

        if (end - start != elements * type.LengthBytes())
        {
            throw Damaged(8, $"tensor '{entry.Name}' has {end - start} bytes, its shape needs {elements * type.LengthBytes()}");
        }

        return new StoredTensor(this, entry.Name, type, new Shape(values), dataStart + start);
    }

    private DamagedFileException Damaged(long offsetBytes, string problem) =>
        new(Path, offsetBytes, problem, "download or convert it again");
}

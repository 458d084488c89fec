using System.Collections.Frozen;
using System.Text.Json;
using Jukebox.Core.Errors;

namespace Jukebox.Core.Files;

/// <summary>One tensor as a safetensors header describes it.</summary>
/// <param name="Name">Name within the file.</param>
/// <param name="Type">Element type as written: "F32", "BF16", "U8" …</param>
/// <param name="Extents">Extents; none for a scalar.</param>
/// <param name="OffsetBytes">Where the data starts, from the start of the file.</param>
/// <param name="LengthBytes">Bytes of data.</param>
public sealed record SafetensorsEntry(string Name, string Type, IReadOnlyList<long> Extents, long OffsetBytes, long LengthBytes);

/// <summary>
/// The header of a safetensors file, checked: every tensor lies within the file, has as many bytes as its shape and type
/// need, and overlaps no other.
/// </summary>
public sealed class SafetensorsHeader
{
    /// <summary>Headers beyond this are refused: the published format has the same limit.</summary>
    public const long LimitBytes = 100_000_000;

    /// <summary>Dimensions beyond this are refused.</summary>
    public const int RankLimit = 8;

    private const string Remedy = "download or convert it again";
    private static readonly FrozenDictionary<string, int> ElementBytes = new Dictionary<string, int>
    {
        ["F64"] = 8,
        ["F32"] = 4,
        ["F16"] = 2,
        ["BF16"] = 2,
        ["I64"] = 8,
        ["I32"] = 4,
        ["I16"] = 2,
        ["I8"] = 1,
        ["U64"] = 8,
        ["U32"] = 4,
        ["U16"] = 2,
        ["U8"] = 1,
        ["BOOL"] = 1,
    }.ToFrozenDictionary();

    private readonly string _path;
    private readonly long _fileLengthBytes;
    private readonly Dictionary<string, SafetensorsEntry> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(string path, long fileLengthBytes)
    {
        _path = path;
        _fileLengthBytes = fileLengthBytes;
    }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Tensors => _tensors;

    /// <summary>The entry <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Checks the header's length, the first eight bytes of a file, against the file's.</summary>
    /// <exception cref="DamagedFileException">It cannot be.</exception>
    public static int CheckLength(string path, ulong claimedBytes, long fileLengthBytes) =>
        claimedBytes <= LimitBytes && (long)claimedBytes <= fileLengthBytes - 8
            ? (int)claimedBytes
            : throw new DamagedFileException(path, 0, $"its header claims {claimedBytes} bytes but the file has {fileLengthBytes}", Remedy);

    /// <summary>Parses a header, given without the eight bytes of its length.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="json">The header's JSON.</param>
    /// <param name="fileLengthBytes">Bytes of the whole file.</param>
    /// <exception cref="DamagedFileException">It is not valid, or does not fit the file.</exception>
    public static SafetensorsHeader Parse(string path, ReadOnlyMemory<byte> json, long fileLengthBytes)
    {
        var header = new SafetensorsHeader(path, fileLengthBytes);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            foreach (JsonProperty entry in document.RootElement.EnumerateObject())
            {
                header.Add(entry, 8 + json.Length);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new DamagedFileException(path, 8, $"its header is not valid ({e.Message.TrimEnd('.')})", Remedy, e);
        }

        header.RejectOverlaps();
        return header;
    }

    private void Add(JsonProperty entry, long dataStartBytes)
    {
        if (entry.Name == "__metadata__")
        {
            foreach (JsonProperty pair in entry.Value.EnumerateObject())
            {
                _metadata[pair.Name] = pair.Value.GetString() ?? "";
            }
        }
        else if (!_tensors.TryAdd(entry.Name, Read(entry, dataStartBytes)))
        {
            throw Damaged(8, $"it lists tensor '{entry.Name}' twice");
        }
    }

    private SafetensorsEntry Read(JsonProperty entry, long dataStartBytes)
    {
        string type = entry.Value.GetProperty("dtype").GetString() ?? "";
        if (!ElementBytes.TryGetValue(type, out int elementBytes))
        {
            throw Damaged(8, $"tensor '{entry.Name}' has the unknown type '{type}'");
        }

        JsonElement shape = entry.Value.GetProperty("shape");
        if (shape.GetArrayLength() > RankLimit)
        {
            throw Damaged(8, $"tensor '{entry.Name}' has {shape.GetArrayLength()} dimensions");
        }

        long[] extents = [.. shape.EnumerateArray().Select(extent => extent.GetInt64())];
        JsonElement offsets = entry.Value.GetProperty("data_offsets");
        if (offsets.GetArrayLength() != 2)
        {
            throw Damaged(8, $"tensor '{entry.Name}' needs two data offsets");
        }

        long start = offsets[0].GetInt64();
        long end = offsets[1].GetInt64();
        long dataBytes = _fileLengthBytes - dataStartBytes;
        if (start < 0 || end < start || end > dataBytes)
        {
            throw Damaged(8, $"tensor '{entry.Name}' lies at [{start}, {end}) of {dataBytes} data bytes: the file is truncated or damaged");
        }

        RequireLength(entry.Name, extents, elementBytes, end - start);
        return new SafetensorsEntry(entry.Name, type, extents, dataStartBytes + start, end - start);
    }

    private void RequireLength(string name, long[] extents, int elementBytes, long lengthBytes)
    {
        Int128 needed = elementBytes;
        foreach (long extent in extents)
        {
            if (extent is < 0 or > int.MaxValue)
            {
                throw Damaged(8, $"tensor '{name}' has an extent of {extent}");
            }

            // Zero stays zero; anything beyond a file's length stays beyond it.
            needed = Int128.Min(needed * extent, long.MaxValue);
        }

        if (extents.Contains(0) ? lengthBytes != 0 : needed != lengthBytes)
        {
            throw Damaged(8, $"tensor '{name}' has {lengthBytes} bytes, its shape needs {needed}");
        }
    }

    private void RejectOverlaps()
    {
        long end = 0;
        foreach (SafetensorsEntry tensor in _tensors.Values.Where(t => t.LengthBytes > 0).OrderBy(t => t.OffsetBytes))
        {
            if (tensor.OffsetBytes < end)
            {
                throw Damaged(tensor.OffsetBytes, $"tensor '{tensor.Name}' overlaps another");
            }

            end = tensor.OffsetBytes + tensor.LengthBytes;
        }
    }

    private DamagedFileException Damaged(long offsetBytes, string problem) => new(_path, offsetBytes, problem, Remedy);
}

using System.Collections.Frozen;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Jukebox.Core.Errors;
using Jukebox.Core.Tensors;

namespace Jukebox.Core.Files;

/// <summary>
/// A memory-mapped safetensors file: an 8-byte little-endian header length, a JSON header, raw tensors. Everything
/// the header claims is checked against the file's length before it is used, and tensors may not overlap.
/// </summary>
public sealed unsafe class WeightFile : IDisposable
{
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

    /// <summary>
    /// What keeps the bytes mapped: who goes on reading after <see cref="Dispose"/> holds a reference of its own to it.
    /// </summary>
    public SafeHandle Mapping => _base != null ? _view.SafeMemoryMappedViewHandle : throw new ObjectDisposedException(Path);

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
        long lengthBytes; // of what is opened: in a cache the name may be a link
        using (FileStream opened = RegularFile.OpenRead(path, "download or convert it again"))
        {
            lengthBytes = opened.Length;
        }

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

    /// <summary>
    /// Brings bytes into memory before they are computed with; to be called on a thread that has time. Nothing depends on it but when the
    /// file is read.
    /// </summary>
    /// <param name="ranges">As <see cref="ByteRange.Of"/> gives them.</param>
    /// <param name="cancellation">Ends it early.</param>
    public void ReadAhead(IReadOnlyList<ByteRange> ranges, CancellationToken cancellation = default)
    {
        foreach (ByteRange range in ranges)
        {
            MappedPages.Announce(Base, CheckedRange(range));
        }

        foreach (ByteRange range in ranges)
        {
            MappedPages.Touch(Base, range, cancellation);
        }
    }

    /// <summary>Gives back the memory of bytes that are not needed for now; whoever looks at them later reads the file again.</summary>
    /// <param name="ranges">As <see cref="ByteRange.Of"/> gives them.</param>
    public void LetGo(IReadOnlyList<ByteRange> ranges)
    {
        foreach (ByteRange range in ranges)
        {
            MappedPages.LetGo(Base, CheckedRange(range));
        }
    }

    /// <summary>Lets go of the mapping: every <see cref="StoredTensor"/> of this file is then dead, what a device made of it is not.</summary>
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

    private ByteRange CheckedRange(in ByteRange range) => range.FirstByte >= 0 && range.FirstByte <= range.EndByte && range.EndByte <= LengthBytes
        ? range
        : throw new ArgumentException($"bytes {range.FirstByte} to {range.EndByte} of a file of {LengthBytes}", nameof(range));

    private void ReadHeader()
    {
        int headerBytes = SafetensorsHeader.CheckLength(Path, *(ulong*)_base, LengthBytes);
        var json = new byte[headerBytes];
        new ReadOnlySpan<byte>(_base + 8, headerBytes).CopyTo(json);
        SafetensorsHeader header = SafetensorsHeader.Parse(Path, json, LengthBytes);
        Tensors = header.Tensors.Values.Select(Describe).ToFrozenDictionary(tensor => tensor.Name);
        Metadata = header.Metadata.ToFrozenDictionary();
    }

    private StoredTensor Describe(SafetensorsEntry entry)
    {
        ElementType type = entry.Type switch
        {
            "F32" => ElementType.F32,
            "F16" => ElementType.F16,
            "BF16" => ElementType.BF16,
            "I32" => ElementType.I32,
            "I64" => ElementType.I64,
            _ => throw Damaged($"tensor '{entry.Name}' has the type '{entry.Type}', which no model uses"),
        };
        if (entry.Extents.Count > 4)
        {
            throw Damaged($"tensor '{entry.Name}' has {entry.Extents.Count} dimensions");
        }

        // A scalar is one element; every other extent fits an int, as the header's reader has checked.
        int[] extents = entry.Extents.Count == 0 ? [1] : [.. entry.Extents.Select(extent => (int)extent)];
        return new StoredTensor(this, entry.Name, type, new Shape(extents), entry.OffsetBytes);
    }

    private DamagedFileException Damaged(string problem) => new(Path, 8, problem, "download or convert it again");
}

namespace Jukebox.Conversion.Containers;

/// <summary>A Python list, set or other sequence that grows.</summary>
internal sealed class PickleList
{
    public List<object?> Items { get; } = [];
}

/// <summary>A Python dictionary, as far as it matters here: entries under text keys. Entries under other keys are dropped.</summary>
internal sealed class PickleDictionary
{
    public Dictionary<string, object?> Entries { get; } = new(StringComparer.Ordinal);
}

/// <summary>A Python tuple.</summary>
internal sealed class PickleTuple(object?[] items)
{
    public object?[] Items { get; } = items;
}

/// <summary>The name of a Python class or function. Nothing is ever looked up, imported or called by it.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    public string FullName => $"{Module}.{Name}";
}

/// <summary>A value whose making would need code: carried along, never made.</summary>
internal sealed class PickleOpaque(string kind)
{
    public string Kind { get; } = kind;
}

/// <summary>Storage types of PyTorch: name, bytes per element, and the type here if tensors of it can be read.</summary>
internal sealed record StorageType(string Name, int ElementBytes, SourceElement? Element)
{
    private static readonly StorageType[] Known =
    [
        new("FloatStorage", 4, SourceElement.F32), new("HalfStorage", 2, SourceElement.F16),
        new("BFloat16Storage", 2, SourceElement.BF16), new("DoubleStorage", 8, SourceElement.F64),
        new("LongStorage", 8, null), new("IntStorage", 4, null), new("ShortStorage", 2, null),
        new("CharStorage", 1, null), new("ByteStorage", 1, null), new("BoolStorage", 1, null),
        new("ComplexFloatStorage", 8, null), new("ComplexDoubleStorage", 16, null),
        new("UntypedStorage", 1, null),
    ];

    public static StorageType? Find(PickleGlobal global) => global.Module is "torch" or "torch.cuda" or "torch.storage"
        ? Array.Find(Known, type => type.Name == global.Name)
        : null;
}

/// <summary>A block of elements somewhere in the file; where exactly is known once the whole object has been read.</summary>
internal sealed class PickleStorage(string key, StorageType type, long lengthElements, long atByte)
{
    public string Key { get; } = key;

    public StorageType Type { get; } = type;

    public long LengthElements { get; } = lengthElements;

    /// <summary>Where the file speaks of it, for messages.</summary>
    public long AtByte { get; } = atByte;

    /// <summary>Where its data starts in the file; negative until it is known.</summary>
    public long DataOffsetBytes { get; set; } = -1;
}

/// <summary>A window onto a storage: what a legacy file calls a view of it.</summary>
/// <param name="Root">The storage.</param>
/// <param name="OffsetElements">First element.</param>
/// <param name="LengthElements">Elements.</param>
internal sealed record PickleStorageView(PickleStorage Root, long OffsetElements, long LengthElements);

/// <summary>A tensor: a storage, where it starts in it, sizes and strides in elements.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long OffsetElements, long[] Sizes, long[] Strides);

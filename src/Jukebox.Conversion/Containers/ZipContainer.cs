using System.IO.Hashing;
using System.Text;
using Jukebox.Core.Errors;

namespace Jukebox.Conversion.Containers;

/// <summary>PyTorch's zip format (1.6 and later): <c>NAME/data.pkl</c> and one entry <c>NAME/data/KEY</c> per storage.</summary>
internal static class ZipContainer
{
    /// <summary>The first bytes of a zip file.</summary>
    public static bool Begins(ReadOnlySpan<byte> head) => head.StartsWith("PK\x3\x4"u8);

    /// <summary>Reads the object; every storage that it names knows its place in the file afterwards.</summary>
    /// <param name="file">The file.</param>
    /// <param name="parts">The entries whose checksums the file states, in its order; their data is yet to be held against them.</param>
    /// <exception cref="DamagedFileException">The content is not sound.</exception>
    public static object? Read(SourceFile file, out IReadOnlyList<ChecksummedPart> parts)
    {
        Dictionary<string, ZipEntry> entries = ZipDirectory.Read(file);
        ZipEntry pickle = FindPickle(file, entries);
        string prefix = pickle.Name[..^"data.pkl".Length];
        RequireStored(file, entries.Values);
        parts = Checksums(entries.Values, prefix + "data/");
        RequireLittleEndian(file, entries.GetValueOrDefault(prefix + "byteorder"), parts);
        ReadWhole(file, pickle, parts);
        var machine = new PickleMachine(new PickleInput(file, pickle.DataOffsetBytes, pickle.DataOffsetBytes + pickle.LengthBytes));
        object? root = machine.Read();
        foreach (PickleStorage storage in machine.Storages.Values)
        {
            if (!entries.TryGetValue($"{prefix}data/{storage.Key}", out ZipEntry? entry))
            {
                throw file.Damaged(storage.AtByte, $"the zip file lacks the data of storage '{Text.Quote(storage.Key)}'");
            }

            if (entry.LengthBytes != storage.LengthElements * storage.Type.ElementBytes)
            {
                throw file.Damaged(
                    entry.DataOffsetBytes,
                    $"storage '{Text.Quote(storage.Key)}' has {entry.LengthBytes} bytes where its tensors announce {storage.LengthElements} elements of "
                    + $"{storage.Type.ElementBytes}");
            }

            storage.DataOffsetBytes = entry.DataOffsetBytes;
        }

        return root;
    }

    private static ZipEntry FindPickle(SourceFile file, Dictionary<string, ZipEntry> entries)
    {
        ZipEntry[] pickles = [.. entries.Values.Where(e => e.Name == "data.pkl" || e.Name.EndsWith("/data.pkl", StringComparison.Ordinal))];
        return pickles.Length switch
        {
            1 => pickles[0],
            0 => throw file.Damaged(
                0, $"it is a zip archive of other files ({Text.List(entries.Keys, 3)}), not a PyTorch checkpoint", "unpack it and name what is in it"),
            _ => throw file.Damaged(0, $"it is a zip file with {pickles.Length} entries data.pkl, not a PyTorch checkpoint", "name the checkpoint itself"),
        };
    }

    private static void RequireStored(SourceFile file, IEnumerable<ZipEntry> entries)
    {
        if (entries.FirstOrDefault(entry => !entry.IsStored) is { } packed)
        {
            throw file.Damaged(
                packed.DataOffsetBytes, $"its entry '{Text.Quote(packed.Name)}' is compressed or encrypted, which torch.save never does",
                "download the file again, or save it again with torch.save");
        }
    }

    /// <summary>PyTorch can be told to write no checksums: then those of all storages are zero, and nothing is stated.</summary>
    private static ChecksummedPart[] Checksums(IEnumerable<ZipEntry> entries, string storages)
    {
        ZipEntry[] filled = [.. entries.Where(entry => entry.LengthBytes > 0).OrderBy(entry => entry.DataOffsetBytes)];
        ZipEntry[] data = [.. filled.Where(entry => entry.Name.StartsWith(storages, StringComparison.Ordinal))];
        return data.Length > 0 && Array.TrueForAll(data, entry => entry.Crc == 0)
            ? []
            : [.. filled.Select(entry => new ChecksummedPart(entry.Name, entry.DataOffsetBytes, entry.LengthBytes, entry.Crc))];
    }

    /// <summary>What is looked into before the rest of the file is read: damage is called damage, not nonsense.</summary>
    private static byte[] ReadWhole(SourceFile file, ZipEntry entry, IReadOnlyList<ChecksummedPart> parts)
    {
        if (entry.LengthBytes > PickleMachine.LengthLimitBytes)
        {
            throw file.Damaged(entry.DataOffsetBytes, $"its entry '{Text.Quote(entry.Name)}' has {Text.Bytes(entry.LengthBytes)}, too many for a checkpoint's");
        }

        var bytes = new byte[entry.LengthBytes];
        file.Read(entry.DataOffsetBytes, bytes);
        uint actual = Crc32.HashToUInt32(bytes);
        return parts.FirstOrDefault(part => part.OffsetBytes == entry.DataOffsetBytes) is { } part && part.Crc != actual
            ? throw FileScan.Wrong(file, part, actual)
            : bytes;
    }

    private static void RequireLittleEndian(SourceFile file, ZipEntry? entry, IReadOnlyList<ChecksummedPart> parts)
    {
        if (entry is not null && Encoding.ASCII.GetString(ReadWhole(file, entry, parts)) != "little")
        {
            throw file.Damaged(entry.DataOffsetBytes, "it was written on a big-endian machine", "save it again on a common one");
        }
    }
}

using System.Text;
using Jukebox.Core;

namespace Jukebox.Conversion.Containers;

/// <summary>PyTorch's zip format (1.6 and later): <c>NAME/data.pkl</c> and one entry <c>NAME/data/KEY</c> per storage.</summary>
internal static class ZipContainer
{
    /// <summary>The first bytes of a zip file.</summary>
    public static bool Begins(ReadOnlySpan<byte> head) => head.StartsWith("PK\x3\x4"u8);

    /// <summary>Reads the object; every storage that it names knows its place in the file afterwards.</summary>
    /// <exception cref="DamagedFileException">The content is not sound.</exception>
    public static object? Read(SourceFile file)
    {
        Dictionary<string, ZipEntry> entries = ZipDirectory.Read(file);
        ZipEntry pickle = FindPickle(file, entries);
        string prefix = pickle.Name[..^"data.pkl".Length];
        RequireLittleEndian(file, entries.GetValueOrDefault(prefix + "byteorder"));
        var machine = new PickleMachine(new PickleInput(file, pickle.DataOffsetBytes, pickle.DataOffsetBytes + pickle.LengthBytes));
        object? root = machine.Read();
        foreach (PickleStorage storage in machine.Storages.Values)
        {
            if (!entries.TryGetValue($"{prefix}data/{storage.Key}", out ZipEntry? entry))
            {
                throw file.Damaged(storage.AtByte, $"the zip file lacks the data of storage '{storage.Key}'");
            }

            if (entry.LengthBytes != storage.LengthElements * storage.Type.ElementBytes)
            {
                throw file.Damaged(
                    entry.DataOffsetBytes, $"storage '{storage.Key}' has {entry.LengthBytes} bytes where its tensors announce {storage.LengthElements} elements of {storage.Type.ElementBytes}");
            }

            storage.DataOffsetBytes = entry.DataOffsetBytes;
        }

        return root;
    }

    private static ZipEntry FindPickle(SourceFile file, Dictionary<string, ZipEntry> entries)
    {
        ZipEntry[] pickles = [.. entries.Values.Where(e => e.Name == "data.pkl" || e.Name.EndsWith("/data.pkl", StringComparison.Ordinal))];
        return pickles.Length == 1
            ? pickles[0]
            : throw file.Damaged(0, $"it is a zip file with {pickles.Length} entries data.pkl, not a PyTorch checkpoint", "name the checkpoint itself");
    }

    private static void RequireLittleEndian(SourceFile file, ZipEntry? entry)
    {
        if (entry is { LengthBytes: < 16 })
        {
            var text = new byte[entry.LengthBytes];
            file.Read(entry.DataOffsetBytes, text);
            if (Encoding.ASCII.GetString(text) != "little")
            {
                throw file.Damaged(entry.DataOffsetBytes, "it was written on a big-endian machine", "save it again on a common one");
            }
        }
    }
}

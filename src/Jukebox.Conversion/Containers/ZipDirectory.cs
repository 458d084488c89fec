using System.Buffers.Binary;
using System.Text;
using Jukebox.Core.Errors;

namespace Jukebox.Conversion.Containers;

/// <summary>One entry of a zip file.</summary>
/// <param name="Name">Name with its folders; never used as a path of the file system.</param>
/// <param name="DataOffsetBytes">Where its data starts.</param>
/// <param name="LengthBytes">Bytes of data, as they lie in the file.</param>
/// <param name="Crc">CRC-32 of the data.</param>
/// <param name="IsStored">Whether the data is neither compressed nor encrypted.</param>
internal sealed record ZipEntry(string Name, long DataOffsetBytes, long LengthBytes, uint Crc, bool IsStored);

/// <summary>
/// The directory of a zip file. Read by hand, because every size must be checked against the file and no data may be
/// read. Checksums are the directory's own: those in the entries' headers are zero where the data was written before
/// its checksum was known.
/// </summary>
internal static class ZipDirectory
{
    private const int EndRecordBytes = 22;
    private const int CommentLimitBytes = ushort.MaxValue;
    private const long DirectoryLimitBytes = 1 << 26;
    private const string Remedy = "download the file again, or save it again with torch.save";

    /// <summary>Entries by name.</summary>
    /// <exception cref="DamagedFileException">The directory is not sound.</exception>
    public static Dictionary<string, ZipEntry> Read(SourceFile file)
    {
        (long offsetBytes, long lengthBytes, long endBytes) = Locate(file);
        if (offsetBytes < 0 || lengthBytes < 0 || lengthBytes > DirectoryLimitBytes || offsetBytes > endBytes - lengthBytes)
        {
            throw file.Damaged(endBytes, $"its zip directory of {lengthBytes} bytes at {offsetBytes} does not lie within the file", Remedy);
        }

        var directory = new byte[lengthBytes];
        file.Read(offsetBytes, directory);
        var entries = new Dictionary<string, ZipEntry>(StringComparer.Ordinal);
        for (int at = 0; at < directory.Length;)
        {
            ZipEntry entry = ReadEntry(file, directory, ref at, offsetBytes);
            if (!entries.TryAdd(entry.Name, entry))
            {
                throw file.Damaged(offsetBytes + at, "its zip directory lists an entry twice", Remedy);
            }
        }

        RejectOverlaps(file, entries.Values, offsetBytes);
        return entries;
    }

    /// <summary>Finds the directory through the end record, which a comment may follow, and its 64-bit twin.</summary>
    private static (long OffsetBytes, long LengthBytes, long EndBytes) Locate(SourceFile file)
    {
        var tail = new byte[Math.Min(file.LengthBytes, EndRecordBytes + CommentLimitBytes)];
        long tailAtByte = file.LengthBytes - tail.Length;
        file.Read(tailAtByte, tail);
        int at = tail.AsSpan().LastIndexOf("PK\x5\x6"u8);
        if (at < 0 || at > tail.Length - EndRecordBytes)
        {
            throw file.Damaged(file.LengthBytes, "it begins like a zip file but has no zip directory at its end: it is truncated", "download it again, completely");
        }

        ReadOnlySpan<byte> record = tail.AsSpan(at);
        long endBytes = tailAtByte + at;
        long length = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        if (at < 20 || !tail.AsSpan(at - 20, 4).SequenceEqual("PK\x6\x7"u8))
        {
            return (offset, length, endBytes);
        }

        long record64AtByte = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(at - 20 + 8));
        var record64 = new byte[56];
        if (record64AtByte < 0 || record64AtByte > file.LengthBytes - record64.Length)
        {
            throw file.Damaged(endBytes - 20, "its zip directory does not lie within the file", Remedy);
        }

        file.Read(record64AtByte, record64);
        if (!record64.AsSpan().StartsWith("PK\x6\x6"u8))
        {
            throw file.Damaged(record64AtByte, "its 64-bit zip directory record is damaged", Remedy);
        }

        return (BinaryPrimitives.ReadInt64LittleEndian(record64.AsSpan(48)), BinaryPrimitives.ReadInt64LittleEndian(record64.AsSpan(40)), record64AtByte);
    }

    private static ZipEntry ReadEntry(SourceFile file, ReadOnlySpan<byte> directory, ref int at, long directoryAtByte)
    {
        const int headerBytes = 46;
        ReadOnlySpan<byte> entry = directory[at..];
        if (entry.Length < headerBytes || !entry.StartsWith("PK\x1\x2"u8))
        {
            throw file.Damaged(directoryAtByte + at, "its zip directory is damaged", Remedy);
        }

        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(entry[8..]);
        ushort method = BinaryPrimitives.ReadUInt16LittleEndian(entry[10..]);
        int nameBytes = BinaryPrimitives.ReadUInt16LittleEndian(entry[28..]);
        int extraBytes = BinaryPrimitives.ReadUInt16LittleEndian(entry[30..]);
        int commentBytes = BinaryPrimitives.ReadUInt16LittleEndian(entry[32..]);
        if (headerBytes + nameBytes + extraBytes + commentBytes > entry.Length)
        {
            throw file.Damaged(directoryAtByte + at, "its zip directory is damaged", Remedy);
        }

        string name = Encoding.UTF8.GetString(entry.Slice(headerBytes, nameBytes));
        long compressed = BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]);
        long localAtByte = BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]);
        Widen(entry.Slice(headerBytes + nameBytes, extraBytes), ref length, ref compressed, ref localAtByte);
        long dataAtByte = DataOffset(file, localAtByte);
        if (compressed < 0 || compressed > file.LengthBytes - dataAtByte)
        {
            throw file.Damaged(directoryAtByte + at, $"a zip entry of {compressed} bytes at {dataAtByte} does not lie within the file", Remedy);
        }

        at += headerBytes + nameBytes + extraBytes + commentBytes;
        bool isStored = method == 0 && (flags & 1) == 0 && compressed == length;
        return new ZipEntry(name, dataAtByte, compressed, BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]), isStored);
    }

    /// <summary>Replaces sizes that do not fit 32 bits by those of the 64-bit field.</summary>
    private static void Widen(ReadOnlySpan<byte> extra, ref long length, ref long compressed, ref long localAtByte)
    {
        while (extra.Length >= 4)
        {
            int id = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            int fieldBytes = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]), extra.Length - 4);
            if (id == 1)
            {
                ReadOnlySpan<byte> field = extra.Slice(4, fieldBytes);
                WidenOne(ref field, ref length);
                WidenOne(ref field, ref compressed);
                WidenOne(ref field, ref localAtByte);
                return;
            }

            extra = extra[(4 + fieldBytes)..];
        }
    }

    private static void WidenOne(ref ReadOnlySpan<byte> field, ref long value)
    {
        if (value == uint.MaxValue && field.Length >= 8)
        {
            value = BinaryPrimitives.ReadInt64LittleEndian(field);
            field = field[8..];
        }
    }

    /// <summary>The local header repeats name and extra field with lengths of its own; the data follows it.</summary>
    private static long DataOffset(SourceFile file, long localAtByte)
    {
        Span<byte> local = stackalloc byte[30];
        if (localAtByte < 0 || localAtByte > file.LengthBytes - local.Length)
        {
            throw file.Damaged(file.LengthBytes, $"a zip entry at byte {localAtByte} does not lie within the file", Remedy);
        }

        file.Read(localAtByte, local);
        return local.StartsWith("PK\x3\x4"u8)
            ? localAtByte + local.Length + BinaryPrimitives.ReadUInt16LittleEndian(local[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(local[28..])
            : throw file.Damaged(localAtByte, "a zip entry's header is damaged", Remedy);
    }

    private static void RejectOverlaps(SourceFile file, IEnumerable<ZipEntry> entries, long directoryAtByte)
    {
        long end = 0;
        foreach (ZipEntry entry in entries.Where(e => e.LengthBytes > 0).OrderBy(e => e.DataOffsetBytes))
        {
            if (entry.DataOffsetBytes < end || entry.LengthBytes > directoryAtByte - entry.DataOffsetBytes)
            {
                throw file.Damaged(entry.DataOffsetBytes, "zip entries overlap", Remedy);
            }

            end = entry.DataOffsetBytes + entry.LengthBytes;
        }
    }
}

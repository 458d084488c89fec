using System.Buffers.Binary;
using System.IO.Hashing;
using Jukebox.Conversion.Containers;

namespace Jukebox.Tests.Conversion;

/// <summary>Checksums of zip files that were changed on purpose.</summary>
internal static class ZipEdit
{
    /// <summary>Makes the checksums those of the data.</summary>
    public static byte[] WithChecksums(byte[] zip)
    {
        using var folder = new TemporaryFolder();
        using var file = new SourceFile(folder.Write("zip", zip));
        ZipEntry[] entries = [.. ZipDirectory.Read(file).Values];
        return WithChecksums(zip, i => Crc32.HashToUInt32(zip.AsSpan((int)entries[i].DataOffsetBytes, (int)entries[i].LengthBytes)));
    }

    /// <summary>Sets the checksum of every entry, by its place in the directory.</summary>
    public static byte[] WithChecksums(byte[] zip, Func<int, uint> checksum)
    {
        byte[] changed = [.. zip];
        int at = 0;
        for (int i = 0; changed.AsSpan(at).IndexOf("PK\x1\x2"u8) is >= 0 and var next; i++)
        {
            at += next;
            BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(at + 16), checksum(i));
            at += 4;
        }

        return changed;
    }
}

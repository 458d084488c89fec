using System.Buffers.Binary;
using Jukebox.Core.Files;
using Jukebox.Songs.Journal;
using Microsoft.Win32.SafeHandles;

namespace Jukebox.Songs.Folder;

/// <summary>
/// Checksums of what a song folder holds beside its codes, as far as it was written: <c>codes/derived.sums</c>. What does not match
/// is made anew from the codes, so the file may be lost or damaged. Little-endian records: length (i64), CRC-32C of the content (u32), CRC-32C of
/// those twelve bytes (u32).
/// </summary>
public sealed class DerivedSums : IDisposable
{
    /// <summary>Name within the folder of codes.</summary>
    public const string FileName = "derived.sums";

    private const int RecordBytes = 16;
    private const int BlockBytes = 1 << 18;

    private readonly SafeFileHandle _handle;
    private readonly string _path;

    private DerivedSums(string path, SafeFileHandle handle)
    {
        (_path, _handle) = (path, handle);
    }

    /// <summary>Record of the lyric alignment.</summary>
    public const int Alignment = 0;

    /// <summary>Record of an item's audio at a level.</summary>
    public static int OfWave(int level, int row, int rows) => 1 + (level * rows) + row;

    /// <summary>Opens or begins the file.</summary>
    public static DerivedSums Open(string path) => new(path, File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));

    /// <summary>Every record of a song that may be in use; none where there is no file.</summary>
    public static (long LengthBytes, uint Checksum)? Read(string path, int record)
    {
        if (RegularFile.KindOf(path) == FileKind.Missing)
        {
            return null;
        }

        using SafeFileHandle handle = RegularFile.OpenHandle(path);
        return Read(handle, record);
    }

    /// <summary>What was written last of a file: its length then, and the checksum; none where that is not known.</summary>
    public (long LengthBytes, uint Checksum)? Read(int record) => Read(_handle, record);

    /// <summary>Notes what was written.</summary>
    public void Write(int record, long lengthBytes, uint checksum)
    {
        Span<byte> bytes = stackalloc byte[RecordBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, lengthBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], JournalFormat.Crc(bytes[..12]));
        DurableFile.Write(_handle, _path, bytes, (long)record * RecordBytes);
    }

    /// <summary>Checksum of a stretch of a file, or none where the file ends before.</summary>
    /// <param name="path">The file.</param>
    /// <param name="start">Its first byte.</param>
    /// <param name="lengthBytes">Its length.</param>
    /// <param name="before">Checksum of what stands before it and counts too.</param>
    public static uint? Of(string path, long start, long lengthBytes, uint before = 0)
    {
        using FileStream stream = RegularFile.OpenRead(path, "delete it, and it is written anew");
        if (stream.Length < start + lengthBytes)
        {
            return null;
        }

        stream.Position = start;
        var block = new byte[(int)Math.Min(BlockBytes, Math.Max(lengthBytes, 1))];
        uint sum = before;
        while (lengthBytes > 0)
        {
            int count = (int)Math.Min(block.Length, lengthBytes);
            stream.ReadExactly(block, 0, count);
            sum = JournalFormat.Crc(block.AsSpan(0, count), sum);
            lengthBytes -= count;
        }

        return sum;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static (long LengthBytes, uint Checksum)? Read(SafeFileHandle handle, int record)
    {
        Span<byte> bytes = stackalloc byte[RecordBytes];
        if (RandomAccess.Read(handle, bytes, (long)record * RecordBytes) < RecordBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) != JournalFormat.Crc(bytes[..12]))
        {
            return null;
        }

        long length = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        return length > 0 ? (length, BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..])) : null;
    }
}

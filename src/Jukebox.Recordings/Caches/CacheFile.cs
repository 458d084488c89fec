using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Microsoft.Win32.SafeHandles;

namespace Jukebox.Recordings.Caches;

/// <summary>
/// A file that can be computed again: whole and as it was written, or as good as absent. It appears whole (written aside,
/// then renamed), says what it was made from and carries a checksum, so any number of processes may share its folder.
/// </summary>
internal static class CacheFile
{
    /// <summary>Bytes before the content.</summary>
    public const int HeaderBytes = MagicBytes + sizeof(long) + (2 * SHA256.HashSizeInBytes);

    private const int MagicBytes = 16;

    /// <summary>What the name of a file that is being written ends with.</summary>
    internal const string AsideExtension = ".jukebox-part";

    private static readonly byte[] Magic = Encoding.ASCII.GetBytes("jukebox cache 01");

    /// <summary>Deletes what processes that were killed have left half written: nobody has touched it for a day.</summary>
    public static void DeleteAbandoned(DirectoryInfo folder)
    {
        foreach (FileInfo aside in folder.EnumerateFiles("*" + AsideExtension, new EnumerationOptions { RecurseSubdirectories = true }))
        {
            if (aside.LastWriteTimeUtc < DateTime.UtcNow.AddDays(-1))
            {
                aside.Delete();
            }
        }
    }

    /// <summary>The bytes of the content, or none where the file is absent, of another origin or damaged.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">What it was made from.</param>
    public static long? LengthOf(string path, string key)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            var header = new byte[HeaderBytes];
            long length = stream.Length - HeaderBytes;
            return length >= 0
                && stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) == HeaderBytes
                && header.AsSpan().SequenceEqual(Header(key, length, SHA256.HashData(stream))) ? length : null;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Reads a part of the content of a file that was found whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="first">First element.</param>
    /// <param name="elements">Filled.</param>
    /// <exception cref="DamagedFileException">It has become shorter since.</exception>
    public static void ReadPart<T>(string path, long first, Span<T> elements)
        where T : unmanaged
    {
        using SafeFileHandle handle = File.OpenHandle(path);
        Span<byte> bytes = MemoryMarshal.AsBytes(elements);
        long position = HeaderBytes + (first * Marshal.SizeOf<T>());
        while (bytes.Length > 0)
        {
            int count = RandomAccess.Read(handle, bytes, position);
            if (count == 0)
            {
                throw new DamagedFileException(path, position, "it ends where its content goes on", "delete it; it is made again");
            }

            bytes = bytes[count..];
            position += count;
        }
    }

    /// <summary>Writes a file, in place of one that is there.</summary>
    /// <param name="path">The file; its folder is made.</param>
    /// <param name="key">What the content is made from.</param>
    /// <param name="parts">The content, in parts.</param>
    /// <returns>Bytes of the content.</returns>
    /// <exception cref="StorageException">The disk is full.</exception>
    public static long Write(string path, string key, IEnumerable<ReadOnlyMemory<byte>> parts)
    {
        using var writer = CacheWriter.Begin(path, key);
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            writer.Append(part.Span);
        }

        return writer.Place();
    }

    /// <summary>Magic, length of the content, its hash, hash of the key.</summary>
    internal static byte[] Header(string key, long lengthBytes, ReadOnlySpan<byte> contentHash)
    {
        var header = new byte[HeaderBytes];
        Magic.CopyTo(header, 0);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(MagicBytes), lengthBytes);
        contentHash.CopyTo(header.AsSpan(MagicBytes + sizeof(long)));
        SHA256.HashData(Encoding.UTF8.GetBytes(key), header.AsSpan(MagicBytes + sizeof(long) + SHA256.HashSizeInBytes));
        return header;
    }
}

using System.IO.Hashing;
using System.Security.Cryptography;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Conversion.Containers;

/// <summary>A part of a file with the checksum that the file states for it.</summary>
/// <param name="Name">Its name, for messages.</param>
/// <param name="OffsetBytes">Where it starts.</param>
/// <param name="LengthBytes">Its bytes; more than none.</param>
/// <param name="Crc">Its CRC-32.</param>
internal sealed record ChecksummedPart(string Name, long OffsetBytes, long LengthBytes, uint Crc);

/// <summary>Reads a whole file once, front to back: for the SHA-256 of all of it, and to hold its parts against their checksums.</summary>
/// <param name="file">The file.</param>
/// <param name="parts">The parts, in the file's order; none overlaps another.</param>
internal sealed class FileScan(SourceFile file, IReadOnlyList<ChecksummedPart> parts)
{
    private const int BufferBytes = 1 << 20;
    private readonly Crc32 _crc = new();
    private int _next;

    /// <summary>Length and SHA-256 of the file, whose parts are all sound.</summary>
    /// <param name="progressed">Told the bytes of each piece.</param>
    /// <param name="cancellation">Stops between pieces.</param>
    /// <exception cref="DamagedFileException">A part is not what it was when its checksum was made; the message names it.</exception>
    public FileDigest Run(Action<long> progressed, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        for (long offset = 0; offset < file.LengthBytes; offset += buffer.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            Span<byte> piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, file.LengthBytes - offset));
            file.Read(offset, piece);
            hash.AppendData(piece);
            Check(offset, piece);
            progressed(piece.Length);
        }

        return new FileDigest(file.LengthBytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The error for a part whose bytes are not those that were written.</summary>
    public static DamagedFileException Wrong(SourceFile file, ChecksummedPart part, uint actual) => file.Damaged(
        part.OffsetBytes, $"the checksum of its entry '{Text.Quote(part.Name)}' is {actual:x8} where the file states {part.Crc:x8}: the entry is damaged");

    private void Check(long offsetBytes, ReadOnlySpan<byte> piece)
    {
        while (_next < parts.Count && parts[_next].OffsetBytes < offsetBytes + piece.Length)
        {
            ChecksummedPart part = parts[_next];
            long endBytes = part.OffsetBytes + part.LengthBytes;
            int from = (int)Math.Max(part.OffsetBytes - offsetBytes, 0);
            int to = (int)Math.Min(endBytes - offsetBytes, piece.Length);
            _crc.Append(piece[from..to]);
            if (endBytes > offsetBytes + piece.Length)
            {
                return;
            }

            uint actual = _crc.GetCurrentHashAsUInt32();
            if (actual != part.Crc)
            {
                throw Wrong(file, part, actual);
            }

            _crc.Reset();
            _next++;
        }
    }
}

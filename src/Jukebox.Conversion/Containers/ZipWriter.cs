using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using Jukebox.Core.Files;

namespace Jukebox.Conversion.Containers;

/// <summary>
/// Writes a zip file of stored entries front to back, as PyTorch does: the data of every entry starts at a multiple of
/// 64 bytes, so that it can be used where it is mapped, and its checksum follows it, so that nothing is written twice.
/// Lengths and places beyond 32 bits take zip64 fields. The same entries give the same bytes: no times are recorded.
/// </summary>
/// <param name="stream">Takes the file from where it stands; places count from its beginning. Stays open.</param>
/// <param name="wideFromBytes">
/// The smallest length or place that takes a 64-bit field: at most what 32 bits, all ones being the mark of such a field, cannot hold.
/// </param>
internal sealed class ZipWriter(Stream stream, long wideFromBytes = uint.MaxValue) : IDisposable
{
    private const int AlignmentBytes = 64;

    private const int WideCount = ushort.MaxValue;
    private const ushort WideVersion = 45;

    /// <summary>Checksum and lengths follow the data; names are UTF-8.</summary>
    private const ushort Flags = 0x0808;

    /// <summary>The first of January 1980, the earliest day there is.</summary>
    private const ushort FirstDay = 0x21;

    private const ushort WideField = 1;

    /// <summary>PyTorch's own mark for the field whose only purpose is its length.</summary>
    private const ushort PaddingField = 0x4246;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<Entry> _entries = [];
    private readonly Crc32 _crc = new();
    private readonly long _startBytes = stream.Position;
    private long _positionBytes = stream.Position;
    private long _missingBytes;

    /// <summary>An entry whose data is at hand.</summary>
    public void Add(string name, ReadOnlySpan<byte> data)
    {
        Begin(name, data.Length);
        Append(data);
    }

    /// <summary>Begins an entry, the one before it being complete; its data follows through <see cref="Append"/>, in pieces of any length.</summary>
    /// <exception cref="InvalidOperationException">Data of the entry before is missing.</exception>
    public void Begin(string name, long lengthBytes)
    {
        RequireComplete();
        byte[] nameBytes = Encoding.UTF8.GetBytes(name);
        _entries.Add(new Entry(nameBytes, _positionBytes, lengthBytes, lengthBytes >= wideFromBytes, _positionBytes >= wideFromBytes, 0));
        _missingBytes = lengthBytes;
        _crc.Reset();
        WriteLocalHeader(_entries[^1]);
        EndIfComplete();
    }

    /// <summary>Appends data to the entry begun last.</summary>
    /// <exception cref="InvalidOperationException">More than the entry was announced with.</exception>
    public void Append(ReadOnlySpan<byte> data)
    {
        if (data.Length > _missingBytes)
        {
            throw new InvalidOperationException($"{data.Length} bytes were appended where the entry lacks {_missingBytes}");
        }

        if (data.Length > 0)
        {
            _crc.Append(data);
            _missingBytes -= data.Length;
            Emit(data);
            EndIfComplete();
        }
    }

    /// <summary>Writes the directory and returns length and SHA-256 of what was written.</summary>
    /// <exception cref="InvalidOperationException">Data of the last entry is missing.</exception>
    public FileDigest Complete()
    {
        RequireComplete();
        long directoryAtByte = _positionBytes;
        foreach (Entry entry in _entries)
        {
            WriteDirectoryEntry(entry);
        }

        WriteEnd(directoryAtByte, _positionBytes - directoryAtByte);
        return new FileDigest(_positionBytes - _startBytes, Convert.ToHexStringLower(_hash.GetHashAndReset()));
    }

    /// <summary>Frees the hash; the stream stays open.</summary>
    public void Dispose() => _hash.Dispose();

    private void RequireComplete()
    {
        if (_missingBytes != 0)
        {
            throw new InvalidOperationException($"{_missingBytes} bytes of an entry are missing");
        }
    }

    private void WriteLocalHeader(Entry entry)
    {
        int wideBytes = entry.IsLong ? 20 : 0;
        long unpaddedBytes = entry.AtByte + 30 + entry.Name.Length + wideBytes + 4;
        int paddingBytes = (int)(-unpaddedBytes & (AlignmentBytes - 1));
        var header = new ZipRecord();
        header.Magic("PK\x3\x4");
        header.Put16(entry.Version, Flags, 0, 0, FirstDay);
        header.Put32(0, entry.IsLong ? uint.MaxValue : 0, entry.IsLong ? uint.MaxValue : 0);
        header.Put16((ushort)entry.Name.Length, (ushort)(wideBytes + 4 + paddingBytes));
        header.Put(entry.Name);
        if (entry.IsLong)
        {
            header.Put16(WideField, 16);
            header.Put64(entry.LengthBytes, entry.LengthBytes);
        }

        header.Put16(PaddingField, (ushort)paddingBytes);
        header.Put(new byte[paddingBytes]);
        Emit(header.Bytes);
    }

    private void EndIfComplete()
    {
        if (_missingBytes > 0)
        {
            return;
        }

        Entry entry = _entries[^1] with { Crc = _crc.GetCurrentHashAsUInt32() };
        _entries[^1] = entry;
        var descriptor = new ZipRecord();
        descriptor.Magic("PK\x7\x8");
        descriptor.Put32(entry.Crc);
        if (entry.IsLong)
        {
            descriptor.Put64(entry.LengthBytes, entry.LengthBytes);
        }
        else
        {
            descriptor.Put32((uint)entry.LengthBytes, (uint)entry.LengthBytes);
        }

        Emit(descriptor.Bytes);
    }

    private void WriteDirectoryEntry(Entry entry)
    {
        int wideBytes = (entry.IsLong ? 16 : 0) + (entry.IsFar ? 8 : 0);
        var record = new ZipRecord();
        record.Magic("PK\x1\x2");
        record.Put16(entry.Version, entry.Version, Flags, 0, 0, FirstDay);
        record.Put32(entry.Crc, Narrow(entry.LengthBytes), Narrow(entry.LengthBytes));
        record.Put16((ushort)entry.Name.Length, (ushort)(wideBytes > 0 ? wideBytes + 4 : 0), 0, 0, 0);
        record.Put32(0, Narrow(entry.AtByte));
        record.Put(entry.Name);
        if (wideBytes > 0)
        {
            record.Put16(WideField, (ushort)wideBytes);
        }

        if (entry.IsLong)
        {
            record.Put64(entry.LengthBytes, entry.LengthBytes);
        }

        if (entry.IsFar)
        {
            record.Put64(entry.AtByte);
        }

        Emit(record.Bytes);
    }

    private void WriteEnd(long directoryAtByte, long directoryBytes)
    {
        var record = new ZipRecord();
        if (directoryAtByte >= wideFromBytes || directoryBytes >= wideFromBytes || _entries.Count >= WideCount)
        {
            long endAtByte = _positionBytes;
            record.Magic("PK\x6\x6");
            record.Put64(44);
            record.Put16(WideVersion, WideVersion);
            record.Put32(0, 0);
            record.Put64(_entries.Count, _entries.Count, directoryBytes, directoryAtByte);
            record.Magic("PK\x6\x7");
            record.Put32(0);
            record.Put64(endAtByte);
            record.Put32(1);
        }

        ushort count = (ushort)Math.Min(_entries.Count, WideCount);
        record.Magic("PK\x5\x6");
        record.Put16(0, 0, count, count);
        record.Put32(Narrow(directoryBytes), Narrow(directoryAtByte));
        record.Put16(0);
        Emit(record.Bytes);
    }

    private uint Narrow(long value) => value >= wideFromBytes ? uint.MaxValue : (uint)value;

    private void Emit(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        _hash.AppendData(bytes);
        _positionBytes += bytes.Length;
    }

    /// <param name="Name">Name, UTF-8.</param>
    /// <param name="AtByte">Where its local header is.</param>
    /// <param name="LengthBytes">Bytes of data.</param>
    /// <param name="IsLong">Whether the length takes 64 bits.</param>
    /// <param name="IsFar">Whether the place does.</param>
    /// <param name="Crc">Checksum, once all data is there.</param>
    private sealed record Entry(byte[] Name, long AtByte, long LengthBytes, bool IsLong, bool IsFar, uint Crc)
    {
        /// <summary>Version of the format that a reader must know, times ten.</summary>
        public ushort Version => IsLong || IsFar ? WideVersion : (ushort)20;
    }
}

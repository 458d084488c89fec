using System.Buffers.Binary;
using System.Numerics;

namespace Jukebox.Songs.Journal;

/// <summary>What a journal is of: written into its header, and checked on resuming.</summary>
/// <param name="Level">Level of the codes.</param>
/// <param name="Items">Indices of the items; a row of the journal is a place in this list.</param>
/// <param name="CodebookSize">Music codes are 0 … size − 1.</param>
/// <param name="LyricsVocabulary">Raw codes are at least minus this.</param>
/// <param name="TotalTokens">Tokens of each item in the end.</param>
/// <param name="Fingerprint">Hexadecimal hash of the model.</param>
/// <param name="Request">Hexadecimal hash of all that decides the draws; none in journals of songs of the first format.</param>
public sealed record JournalHeader(int Level, int[] Items, int CodebookSize, int LyricsVocabulary, int TotalTokens, string Fingerprint, string? Request = null);

/// <summary>
/// Bytes of <c>level_L.codes</c>, little-endian. Header: magic (8), header bytes, level, items, codebook size, lyrics
/// vocabulary, total tokens (6 × u32), fingerprint (32), request (32, from the second version on), item indices (u32 each), CRC-32C of all that. Then records:
/// marker (u16), kind (1 bit) and count (15 bits), row (u32), token (u32), codes (i16 each), CRC-32C of all that.
/// A <em>step</em> holds one token of rows row … row + count − 1; a <em>run</em> holds tokens token … token + count − 1
/// of one row. Records are a function of the request alone, never of time or interruptions.
/// </summary>
internal static class JournalFormat
{
    public const int RecordOverheadBytes = 16;
    public const int MaxCount = 0x7FFF;
    private const ushort Marker = 0xC0DE;
    private const int RunFlag = 0x8000;
    private const int CrcBytes = 4;
    private const int DigestBytes = 32;
    private const int FixedHeaderBytes = 8 + (6 * 4) + DigestBytes;

    private static ReadOnlySpan<byte> FirstMagic => "JBXCODE1"u8;

    private static ReadOnlySpan<byte> Magic => "JBXCODE2"u8;

    public static byte[] Header(JournalHeader header)
    {
        if (header.CodebookSize > short.MaxValue || header.LyricsVocabulary > short.MaxValue)
        {
            throw new ArgumentException("journals hold codes of 16 bits", nameof(header));
        }

        var bytes = new byte[FixedHeaderBytes + (header.Request is null ? 0 : DigestBytes) + (4 * header.Items.Length) + CrcBytes];
        (header.Request is null ? FirstMagic : Magic).CopyTo(bytes);
        int at = Magic.Length;
        foreach (int field in (ReadOnlySpan<int>)[bytes.Length, header.Level, header.Items.Length, header.CodebookSize, header.LyricsVocabulary, header.TotalTokens])
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), field);
            at += 4;
        }

        foreach (string digest in header.Request is null ? [header.Fingerprint] : (ReadOnlySpan<string>)[header.Fingerprint, header.Request])
        {
            Convert.FromHexString(digest).AsSpan().CopyTo(bytes.AsSpan(at, DigestBytes));
            at += DigestBytes;
        }

        foreach (int item in header.Items)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), item);
            at += 4;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), Crc(bytes.AsSpan(0, at)));
        return bytes;
    }

    /// <summary>
    /// Whether bytes that are not the expected header are that header with a part of it damaged: either its checksum is the expected
    /// one, which was taken before the damage, or the checksum alone is damaged. The header of another journal is neither, but for one in 2³².
    /// </summary>
    public static bool IsDamaged(ReadOnlySpan<byte> actual, ReadOnlySpan<byte> expected) => actual.Length == expected.Length
        && (actual[^CrcBytes..].SequenceEqual(expected[^CrcBytes..]) || actual[..^CrcBytes].SequenceEqual(expected[..^CrcBytes]));

    /// <summary>Writes a record; returns its length in bytes.</summary>
    public static int WriteRecord(Span<byte> destination, bool run, int row, int token, ReadOnlySpan<int> codes)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(destination, Marker);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], (ushort)(codes.Length | (run ? RunFlag : 0)));
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], row);
        BinaryPrimitives.WriteInt32LittleEndian(destination[8..], token);
        int at = 12;
        foreach (int code in codes)
        {
            BinaryPrimitives.WriteInt16LittleEndian(destination[at..], checked((short)code));
            at += 2;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(destination[at..], Crc(destination[..at]));
        return at + CrcBytes;
    }

    /// <summary>Length of the sound record at the start of the bytes; 0 where there is none.</summary>
    public static int RecordLength(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < RecordOverheadBytes || BinaryPrimitives.ReadUInt16LittleEndian(bytes) != Marker)
        {
            return 0;
        }

        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]) & MaxCount;
        int length = RecordOverheadBytes + (2 * count);
        return count > 0
            && length <= bytes.Length
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[(length - CrcBytes)..]) == Crc(bytes[..(length - CrcBytes)])
            ? length
            : 0;
    }

    /// <summary>Reads a record that <see cref="RecordLength"/> found sound.</summary>
    public static void ReadRecord(ReadOnlySpan<byte> bytes, out bool run, out int row, out int token, out int count)
    {
        ushort field = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        run = (field & RunFlag) != 0;
        count = field & MaxCount;
        row = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        token = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
    }

    /// <summary>The code at an index within a record.</summary>
    public static int ReadCode(ReadOnlySpan<byte> record, int index) => BinaryPrimitives.ReadInt16LittleEndian(record[(12 + (2 * index))..]);

    /// <summary>CRC-32C (Castagnoli), inverted at both ends.</summary>
    /// <param name="bytes">What it is of.</param>
    /// <param name="before">That of what stands before them.</param>
    public static uint Crc(ReadOnlySpan<byte> bytes, uint before = 0)
    {
        uint crc = ~before;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (byte value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}

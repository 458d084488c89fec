using System.Buffers.Binary;

namespace Jukebox.Conversion.Containers;

/// <summary>CRC-32 as zip files have it (reflected polynomial 0xedb88320), eight bytes a step: as fast as a disk.</summary>
internal static class Crc32
{
    private const int Steps = 8;

    /// <summary>Row s, column b: what byte b contributes once s more bytes have followed it.</summary>
    private static readonly uint[] Table = MakeTable();

    /// <summary>The CRC of a text of which <paramref name="crc"/> is that of the part before <paramref name="bytes"/>; 0 to begin.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        while (bytes.Length >= Steps)
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ crc;
            crc = 0;
            for (int i = 0; i < Steps; i++)
            {
                crc ^= Table[((Steps - 1 - i) << 8) | (byte)(word >> (8 * i))];
            }

            bytes = bytes[Steps..];
        }

        foreach (byte value in bytes)
        {
            crc = (crc >> 8) ^ Table[(byte)(crc ^ value)];
        }

        return ~crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[Steps << 8];
        for (int i = 0; i < table.Length; i++)
        {
            uint crc = i < 256 ? (uint)i : table[i - 256];
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
            }

            table[i] = crc;
        }

        return table;
    }
}

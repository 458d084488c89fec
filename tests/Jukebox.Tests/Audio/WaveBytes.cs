using System.Buffers.Binary;
using System.Text;

namespace Jukebox.Tests.Audio;

/// <summary>WAV files put together by hand, so that the reader is not tested against our own writer.</summary>
internal static class WaveBytes
{
    /// <summary>The plain format chunk's content.</summary>
    public static byte[] Format(int tag, int channels, int rateHz, int bits, byte[]? extension = null)
    {
        var bytes = new byte[16 + (extension?.Length ?? 0)];
        int frame = channels * ((bits + 7) / 8);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)tag);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)channels);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), rateHz);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), rateHz * frame);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(12), (ushort)frame);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(14), (ushort)bits);
        extension?.CopyTo(bytes, 16);
        return bytes;
    }

    /// <summary>The extensible format chunk's content: size, valid bits, speakers, and a sub-format that begins with the plain tag.</summary>
    public static byte[] Extensible(int tag, int channels, int rateHz, int bits) => Format(0xFFFE, channels, rateHz, bits, [
        22, 0, (byte)bits, 0, 3, 0, 0, 0,
        (byte)tag, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]);

    /// <summary>A chunk, padded to an even length; its claimed length can differ from the true one.</summary>
    public static byte[] Chunk(string name, byte[] content, uint? claimedBytes = null)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(length, claimedBytes ?? (uint)content.Length);
        return [.. Encoding.ASCII.GetBytes(name), .. length, .. content, .. new byte[content.Length & 1]];
    }

    /// <summary>A whole file.</summary>
    public static byte[] File(params byte[][] chunks) => File("RIFF", chunks);

    /// <summary>A whole file of another kind (RF64).</summary>
    public static byte[] File(string kind, byte[][] chunks)
    {
        byte[] content = [.. chunks.SelectMany(chunk => chunk)];
        return [.. Chunk(kind, [.. "WAVE"u8, .. content])];
    }

    /// <summary>Samples of a scale of known values in a storage format.</summary>
    public static byte[] Samples(int tag, int bits, params double[] values)
    {
        var bytes = new List<byte>();
        foreach (double value in values)
        {
            byte[] all = (tag, bits) switch
            {
                (3, 32) => BitConverter.GetBytes((float)value),
                (3, _) => BitConverter.GetBytes(value),
                (_, 8) => [(byte)(128 + (value * 128))],
                _ => BitConverter.GetBytes((long)(value * Math.Pow(2, bits - 1)))[..(bits / 8)],
            };
            bytes.AddRange(all);
        }

        return [.. bytes];
    }
}

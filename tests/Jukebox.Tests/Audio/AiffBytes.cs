using System.Buffers.Binary;
using System.Text;

namespace Jukebox.Tests.Audio;

/// <summary>AIFF files put together by hand.</summary>
internal static class AiffBytes
{
    /// <summary>A whole file; samples are in [−1, 1), channels interleaved.</summary>
    public static byte[] File(int channels, int rateHz, int bits, params double[] samples)
    {
        byte[] data = [.. samples.SelectMany(value => BitConverter.GetBytes((long)(value * Math.Pow(2, bits - 1)))[..(bits / 8)].Reverse())];
        return Form("AIFF", Chunk("COMM", Common(channels, rateHz, bits, samples.Length / channels)), Chunk("SSND", [.. new byte[8], .. data]));
    }

    /// <summary>A file of chunks.</summary>
    public static byte[] Form(string kind, params byte[][] chunks) =>
        Chunk("FORM", [.. Encoding.ASCII.GetBytes(kind), .. chunks.SelectMany(chunk => chunk)]);

    /// <summary>A chunk, padded to an even length; its claimed length can differ from the true one.</summary>
    public static byte[] Chunk(string name, byte[] content, uint? claimedBytes = null)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(length, claimedBytes ?? (uint)content.Length);
        return [.. Encoding.ASCII.GetBytes(name), .. length, .. content, .. new byte[content.Length & 1]];
    }

    /// <summary>The content of the format chunk, its rate as an extended float.</summary>
    public static byte[] Common(int channels, int rateHz, int bits, int frames)
    {
        var bytes = new byte[18];
        BinaryPrimitives.WriteInt16BigEndian(bytes, (short)channels);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(2), frames);
        BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(6), (short)bits);
        int exponent = (int)Math.Log2(rateHz);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(8), (ushort)(16383 + exponent));
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(10), (ulong)rateHz << (63 - exponent));
        return bytes;
    }
}

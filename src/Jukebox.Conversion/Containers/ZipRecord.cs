using System.Text;

namespace Jukebox.Conversion.Containers;

/// <summary>Little-endian fields, one after the other: a header of a zip file as it is put together.</summary>
internal sealed class ZipRecord
{
    private readonly List<byte> _bytes = [];

    /// <summary>What has been put so far.</summary>
    public byte[] Bytes => [.. _bytes];

    public void Magic(string latin) => Put(Encoding.Latin1.GetBytes(latin));

    public void Put(byte[] bytes) => _bytes.AddRange(bytes);

    public void Put16(params ReadOnlySpan<ushort> values)
    {
        foreach (ushort value in values)
        {
            _bytes.Add((byte)value);
            _bytes.Add((byte)(value >> 8));
        }
    }

    public void Put32(params ReadOnlySpan<uint> values)
    {
        foreach (uint value in values)
        {
            Put16((ushort)value, (ushort)(value >> 16));
        }
    }

    public void Put64(params ReadOnlySpan<long> values)
    {
        foreach (long value in values)
        {
            Put32((uint)value, (uint)(value >> 32));
        }
    }
}

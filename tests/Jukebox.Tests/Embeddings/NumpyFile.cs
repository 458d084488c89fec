using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Jukebox.Tests.Embeddings;

/// <summary>Reads numpy's arrays by their published format, so that writing is not tested against itself.</summary>
internal sealed partial record NumpyFile(string Description, long[] Shape, byte[] Data)
{
    public static NumpyFile Read(string path) => Parse(File.ReadAllBytes(path));

    public static NumpyFile Parse(byte[] bytes)
    {
        Assert.Equal([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0], bytes[..8]);
        int length = BitConverter.ToUInt16(bytes, 8);
        Assert.Equal(0, (10 + length) % 64);
        string header = Encoding.ASCII.GetString(bytes, 10, length);
        Assert.EndsWith("\n", header, StringComparison.Ordinal);
        Match match = Header().Match(header);
        Assert.True(match.Success, header);
        long[] shape = [.. match.Groups[2].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(extent => long.Parse(extent, CultureInfo.InvariantCulture))];
        return new NumpyFile(match.Groups[1].Value, shape, bytes[(10 + length)..]);
    }

    public float[] Floats()
    {
        Assert.Equal("<f4", Description);
        float[] values = MemoryMarshal.Cast<byte, float>(Data).ToArray();
        Assert.Equal(Shape.Aggregate(1L, (product, extent) => product * extent), values.Length);
        return values;
    }

    [GeneratedRegex(@"^\{'descr': '(<[fi]\d)', 'fortran_order': False, 'shape': \(([\d, ]*)\), \} *\n$")]
    private static partial Regex Header();
}

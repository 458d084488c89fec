using System.Numerics;
using System.Runtime.InteropServices;

namespace Jukebox.Conversion.Containers;

/// <summary>Counts values that are no finite numbers: all bits of the exponent are ones. Where there are none, as fast as memory.</summary>
internal static class FiniteCheck
{
    /// <summary>How many of the elements are NaN or infinite.</summary>
    public static long CountNonFinite(ReadOnlySpan<byte> raw, SourceElement element) => element switch
    {
        SourceElement.F64 => Count(MemoryMarshal.Cast<byte, ulong>(raw), 0x7ff0_0000_0000_0000ul),
        SourceElement.F32 => Count(MemoryMarshal.Cast<byte, uint>(raw), 0x7f80_0000u),
        SourceElement.F16 => Count(MemoryMarshal.Cast<byte, ushort>(raw), (ushort)0x7c00),
        _ => Count(MemoryMarshal.Cast<byte, ushort>(raw), (ushort)0x7f80),
    };

    private static long Count<T>(ReadOnlySpan<T> bits, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        long count = 0;
        var mask = new Vector<T>(exponent);
        ReadOnlySpan<Vector<T>> vectors = MemoryMarshal.Cast<T, Vector<T>>(bits);
        for (int i = 0; i < vectors.Length; i++)
        {
            if (Vector.EqualsAny(vectors[i] & mask, mask))
            {
                count += CountEach(bits.Slice(i * Vector<T>.Count, Vector<T>.Count), exponent);
            }
        }

        return count + CountEach(bits[(vectors.Length * Vector<T>.Count)..], exponent);
    }

    private static long CountEach<T>(ReadOnlySpan<T> bits, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        long count = 0;
        foreach (T value in bits)
        {
            count += (value & exponent) == exponent ? 1 : 0;
        }

        return count;
    }
}

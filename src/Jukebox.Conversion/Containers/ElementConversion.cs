using System.Runtime.InteropServices;
using Jukebox.Core.Tensors;

namespace Jukebox.Conversion.Containers;

/// <summary>Conversion between floating-point types, to nearest, ties to even. Each returns how many finite values became infinite.</summary>
internal static class ElementConversion
{
    public static long FromDoubles(ReadOnlySpan<double> source, Span<byte> destination, ElementType type)
    {
        long overflows = 0;
        for (int i = 0; i < source.Length; i++)
        {
            overflows += Store(ToSingle(source[i], type), destination, i, type) && double.IsFinite(source[i]) ? 1 : 0;
        }

        return overflows;
    }

    public static long FromSingles(ReadOnlySpan<float> source, Span<byte> destination, ElementType type)
    {
        long overflows = 0;
        for (int i = 0; i < source.Length; i++)
        {
            overflows += Store(source[i], destination, i, type) && float.IsFinite(source[i]) ? 1 : 0;
        }

        return overflows;
    }

    public static long FromHalves(ReadOnlySpan<Half> source, Span<byte> destination, ElementType type)
    {
        long overflows = 0;
        for (int i = 0; i < source.Length; i++)
        {
            overflows += Store((float)source[i], destination, i, type) && Half.IsFinite(source[i]) ? 1 : 0;
        }

        return overflows;
    }

    public static long FromBrains(ReadOnlySpan<ushort> source, Span<byte> destination, ElementType type)
    {
        long overflows = 0;
        for (int i = 0; i < source.Length; i++)
        {
            float value = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
            overflows += Store(value, destination, i, type) && float.IsFinite(value) ? 1 : 0;
        }

        return overflows;
    }

    /// <summary>
    /// A single that rounds to the same narrow value as the double does: where it will be narrowed again it is rounded to
    /// odd, so that the second rounding sees whether anything was cut off.
    /// </summary>
    private static float ToSingle(double value, ElementType type)
    {
        float nearest = (float)value;
        if (type == ElementType.F32 || nearest == value || !float.IsFinite(nearest))
        {
            return nearest;
        }

        float towardZero = Math.Abs((double)nearest) > Math.Abs(value) ? Shrink(nearest) : nearest;
        return BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(towardZero) | 1);
    }

    private static float Shrink(float value) => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) - 1);

    /// <summary>Stores one value; true if what is stored is infinite.</summary>
    private static bool Store(float value, Span<byte> destination, int index, ElementType type)
    {
        switch (type)
        {
            case ElementType.F32:
                MemoryMarshal.Cast<byte, float>(destination)[index] = value;
                return float.IsInfinity(value);
            case ElementType.F16:
                var half = (Half)value;
                MemoryMarshal.Cast<byte, Half>(destination)[index] = half;
                return Half.IsInfinity(half);
            default:
                ushort brain = ToBrain(value);
                MemoryMarshal.Cast<byte, ushort>(destination)[index] = brain;
                return (brain & 0x7fff) == 0x7f80;
        }
    }

    private static ushort ToBrain(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Jukebox.PtxMachine.Execution;

/// <summary>A 16-bit floating-point format: its patterns, zero-extended in 4-byte lanes, to and from f32.</summary>
internal interface IHalfFormat
{
    /// <summary>The value, exactly; bits above the 16 are not looked at.</summary>
    static abstract Vector512<float> Widen(Vector512<int> bits);

    /// <summary>The nearest pattern, ties to even; NaN becomes 0x7FFF.</summary>
    static abstract Vector512<int> Narrow(Vector512<float> value);

    static abstract float Widen(ushort bits);

    /// <summary>The nearest pattern of a double, ties to even.</summary>
    static abstract ushort Narrow(double value);
}

internal readonly struct Float16 : IHalfFormat
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Widen(Vector512<int> bits)
    {
        // The exponent is moved by a multiplication, which also normalises subnormals.
        Vector512<int> magnitude = bits & Vector512.Create(0x7FFF);
        Vector512<int> shifted = Vector512.ShiftLeft(magnitude, 13);
        Vector512<float> value = shifted.AsSingle() * Vector512.Create(5.192296858534828e33f);
        Vector512<int> isSpecial = Vector512.GreaterThan(magnitude, Vector512.Create(0x7BFF));
        value = Vector512.ConditionalSelect(isSpecial.AsSingle(), (shifted | Vector512.Create(0x7F800000)).AsSingle(), value);
        return (value.AsInt32() | Vector512.ShiftLeft(bits & Vector512.Create(0x8000), 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Narrow(Vector512<float> value)
    {
        Vector512<uint> bits = value.AsUInt32();
        Vector512<uint> sign = bits & Vector512.Create(0x80000000u);
        Vector512<uint> magnitude = bits ^ sign;

        // Normal results: the exponent is moved and the lower 13 bits rounded away, a carry running into the exponent as it should.
        Vector512<uint> odd = Vector512.ShiftRightLogical(magnitude, 13) & Vector512<uint>.One;
        Vector512<uint> normal = Vector512.ShiftRightLogical(magnitude + Vector512.Create(0xC8000FFFu) + odd, 13);

        // Subnormal ones: adding a half puts the last place where f16 has it.
        Vector512<uint> small = (magnitude.AsSingle() + Vector512.Create(0.5f)).AsUInt32() - Vector512.Create(0x3F000000u);
        Vector512<uint> result = Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(0x38800000u)), small, normal);
        Vector512<uint> special = Vector512.ConditionalSelect(Vector512.GreaterThan(magnitude, Vector512.Create(0x7F800000u)), Vector512.Create(0x7FFFu), Vector512.Create(0x7C00u));
        Vector512<uint> isSpecial = Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(0x47800000u));
        Vector512<uint> isNaN = Vector512.GreaterThan(magnitude, Vector512.Create(0x7F800000u));
        result = Vector512.ConditionalSelect(isSpecial, special, result);
        return (result | Vector512.AndNot(Vector512.ShiftRightLogical(sign, 16), isNaN)).AsInt32();
    }

    public static float Widen(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);

    public static ushort Narrow(double value) => double.IsNaN(value) ? (ushort)0x7FFF : BitConverter.HalfToUInt16Bits((Half)value);
}

internal readonly struct BrainFloat16 : IHalfFormat
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Widen(Vector512<int> bits) => Vector512.ShiftLeft(bits, 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Narrow(Vector512<float> value)
    {
        Vector512<uint> bits = value.AsUInt32();
        Vector512<uint> odd = Vector512.ShiftRightLogical(bits, 16) & Vector512<uint>.One;
        Vector512<uint> result = Vector512.ShiftRightLogical(bits + Vector512.Create(0x7FFFu) + odd, 16);
        return Vector512.ConditionalSelect(Vector512.Equals(value, value).AsUInt32(), result, Vector512.Create(0x7FFFu)).AsInt32();
    }

    public static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    public static ushort Narrow(double value)
    {
        // To f32 with the last bit made odd where anything was lost, so that the second rounding sees it.
        uint bits = BitConverter.SingleToUInt32Bits(RoundToOdd(value));
        return double.IsNaN(value) ? (ushort)0x7FFF : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static float RoundToOdd(double value)
    {
        float near = (float)value;
        if (near == value || double.IsNaN(value))
        {
            return near;
        }

        uint bits = BitConverter.SingleToUInt32Bits(near);
        bool isAway = Math.Abs((double)near) > Math.Abs(value);
        return BitConverter.UInt32BitsToSingle((isAway ? bits - 1 : bits) | 1);
    }
}

namespace Jukebox.PtxMachine.Tests.Instructions;

/// <summary>Operands worth trying: noise, small numbers, powers of two and their neighbours, floats of every kind.</summary>
internal static class BitPatterns
{
    public static ulong[] Draw(int count, int bits, Random random)
    {
        ulong mask = bits == 64 ? ulong.MaxValue : (1ul << bits) - 1;
        return [.. Enumerable.Range(0, count).Select(_ => Draw(bits, random) & mask)];
    }

    private static ulong Draw(int bits, Random random)
    {
        ulong noise = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        switch (random.Next(8))
        {
            case 0:
                return (ulong)random.NextInt64(-40, 41);
            case 1:
                return (1ul << random.Next(bits)) + (ulong)random.NextInt64(-1, 2);
            case 2:
                return Special(bits, random);
            case 3 or 4:
                return OfModerateSize(bits, random);
            default:
                return noise;
        }
    }

    /// <summary>Zeros, subnormals, the largest numbers, infinities and NaN, of both signs.</summary>
    private static ulong Special(int bits, Random random)
    {
        FloatFormat format = Format(bits);
        ulong[] magnitudes = [0, 1, 2, (1ul << format.FractionBits) - 1, 1ul << format.FractionBits, format.Infinity - 1, format.Infinity, format.Infinity | 1, format.Sign - 1];
        return magnitudes[random.Next(magnitudes.Length)] | (random.Next(2) == 0 ? 0 : format.Sign);
    }

    /// <summary>Floats near one, where sums cancel and conversions have something to round.</summary>
    private static ulong OfModerateSize(int bits, Random random)
    {
        double value = Math.ScaleB(random.NextDouble() - 0.5, random.Next(-3, 12));
        value = random.Next(4) == 0 ? Math.Round(value * 2) / 2 : value;
        return bits switch
        {
            16 => BitConverter.HalfToUInt16Bits((Half)value),
            32 => BitConverter.SingleToUInt32Bits((float)value),
            _ => BitConverter.DoubleToUInt64Bits(value),
        };
    }

    private static FloatFormat Format(int bits) => bits switch
    {
        16 => FloatFormat.F16,
        32 => FloatFormat.F32,
        _ => FloatFormat.F64,
    };
}

using System.Numerics;

namespace Jukebox.PtxMachine.Tests.Instructions;

/// <summary>A binary floating-point format: bits of exponent and of stored fraction.</summary>
internal readonly record struct FloatFormat(int ExponentBits, int FractionBits)
{
    public static readonly FloatFormat F16 = new(5, 10);
    public static readonly FloatFormat BF16 = new(8, 7);
    public static readonly FloatFormat F32 = new(8, 23);
    public static readonly FloatFormat F64 = new(11, 52);

    public int Bias => (1 << (ExponentBits - 1)) - 1;

    public ulong Sign => 1ul << (ExponentBits + FractionBits);

    public ulong Infinity => ((1ul << ExponentBits) - 1) << FractionBits;

    public bool IsFinite(ulong bits) => (bits & Infinity) != Infinity;

    public bool IsNaN(ulong bits) => (bits & (Sign - 1)) > Infinity;

    /// <summary>The value as a double, for patterns that are no number; for others too wherever a double holds them.</summary>
    public double ToDouble(ulong bits) =>
        IsNaN(bits) ? double.NaN
        : !IsFinite(bits) ? ((bits & Sign) == 0 ? double.PositiveInfinity : double.NegativeInfinity)
        : ((bits & Sign) == 0 ? 1 : -1) * Math.ScaleB((double)(long)Dyadic.Of(this, bits).Magnitude, Dyadic.Of(this, bits).Exponent);
}

internal enum Rounds
{
    Nearest,
    Zero,
    Down,
    Up,
}

/// <summary>Magnitude · 2^Exponent with a sign, exactly: what every rounded result is judged by. Shares nothing with the machine.</summary>
internal readonly record struct Dyadic(bool IsNegative, BigInteger Magnitude, int Exponent)
{
    public static Dyadic Of(FloatFormat format, ulong bits)
    {
        int exponent = (int)((bits >> format.FractionBits) & ((1ul << format.ExponentBits) - 1));
        ulong fraction = bits & ((1ul << format.FractionBits) - 1);
        bool isNegative = (bits & format.Sign) != 0;
        return exponent == 0
            ? new Dyadic(isNegative, fraction, 1 - format.Bias - format.FractionBits)
            : new Dyadic(isNegative, fraction | (1ul << format.FractionBits), exponent - format.Bias - format.FractionBits);
    }

    public static Dyadic Of(BigInteger value) => new(value < 0, BigInteger.Abs(value), 0);

    public Dyadic Negated => this with { IsNegative = !IsNegative };

    public Dyadic Times(Dyadic other) => new(IsNegative ^ other.IsNegative, Magnitude * other.Magnitude, Exponent + other.Exponent);

    /// <summary>The sum; a zero has the sign that the rounding gives it.</summary>
    public Dyadic Plus(Dyadic other, Rounds rounds)
    {
        int exponent = Math.Min(Exponent, other.Exponent);
        BigInteger a = Magnitude << (Exponent - exponent), b = other.Magnitude << (other.Exponent - exponent);
        BigInteger sum = (IsNegative ? -a : a) + (other.IsNegative ? -b : b);
        bool isNegative = sum.IsZero ? (IsNegative == other.IsNegative ? IsNegative : rounds == Rounds.Down) : sum < 0;
        return new Dyadic(isNegative, BigInteger.Abs(sum), exponent);
    }

    /// <summary>The integer that rounding makes of it.</summary>
    public BigInteger ToInteger(Rounds rounds)
    {
        BigInteger magnitude = Exponent >= 0 ? Magnitude << Exponent : Shift(Magnitude, -Exponent, IsNegative, rounds);
        return IsNegative ? -magnitude : magnitude;
    }

    /// <summary>The pattern of a format that rounding makes of it.</summary>
    public ulong ToBits(FloatFormat format, Rounds rounds)
    {
        ulong sign = IsNegative ? format.Sign : 0;
        if (Magnitude.IsZero)
        {
            return sign;
        }

        int lowest = 1 - format.Bias - format.FractionBits;
        int exponent = Math.Max((int)Magnitude.GetBitLength() + Exponent - format.FractionBits - 1, lowest);
        BigInteger digits = exponent <= Exponent ? Magnitude << (Exponent - exponent) : Shift(Magnitude, exponent - Exponent, IsNegative, rounds);
        if (digits.GetBitLength() > format.FractionBits + 1)
        {
            digits >>= 1;
            exponent++;
        }

        // A subnormal's implicit bit is missing, which is what an exponent field of zero says.
        ulong field = digits.GetBitLength() <= format.FractionBits ? 0 : (ulong)(exponent - lowest + 1);
        ulong result = (field << format.FractionBits) | ((ulong)digits & ((1ul << format.FractionBits) - 1));
        if (result >= format.Infinity)
        {
            bool staysFinite = rounds == Rounds.Zero || (rounds == Rounds.Down && !IsNegative) || (rounds == Rounds.Up && IsNegative);
            result = staysFinite ? format.Infinity - 1 : format.Infinity;
        }

        return sign | result;
    }

    private static BigInteger Shift(BigInteger magnitude, int count, bool isNegative, Rounds rounds)
    {
        BigInteger kept = magnitude >> count, lost = magnitude - (kept << count), half = BigInteger.One << (count - 1);
        bool increments = rounds switch
        {
            Rounds.Nearest => lost > half || (lost == half && !kept.IsEven),
            Rounds.Down => isNegative && !lost.IsZero,
            Rounds.Up => !isNegative && !lost.IsZero,
            _ => false,
        };
        return increments ? kept + 1 : kept;
    }
}

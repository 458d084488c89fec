using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Execution;

/// <summary>One conversion between scalar types, bit pattern to bit pattern.</summary>
internal struct Conversion
{
    public PtxType Source;
    public PtxType Result;

    /// <summary>Of a float result that is not exact.</summary>
    public Rounding Rounding;

    /// <summary>A float is made whole by <see cref="WholeRounding"/>: into an integer type always.</summary>
    public bool ToWhole;
    public Rounding WholeRounding;
    public bool Flushes;
    public bool Saturates;

    /// <summary>Negative results become zero: <c>.relu</c>.</summary>
    public bool Rectifies;
    public bool SourceIsWide;
    public bool ResultIsWide;

    /// <summary>The register has 16 bits, which are kept zero-extended.</summary>
    public bool ResultIs16;

    public readonly ulong Apply(ulong bits)
    {
        ulong result = Source.IsFloat() ? FromFloat(bits) : FromInteger(bits);
        return ResultIs16 ? (ushort)result : result;
    }

    private readonly ulong FromInteger(ulong bits)
    {
        Int128 value = Source switch
        {
            PtxType.S8 => (sbyte)bits,
            PtxType.S16 => (short)bits,
            PtxType.S32 => (int)bits,
            PtxType.S64 => (long)bits,
            PtxType.U8 or PtxType.B8 => (byte)bits,
            PtxType.U16 or PtxType.B16 => (ushort)bits,
            PtxType.U32 or PtxType.B32 => (uint)bits,
            _ => bits,
        };
        if (Result.IsFloat())
        {
            return ToFloatBits(ToDouble(value));
        }

        return Saturates ? ToIntegerBits(Int128.Clamp(value, Lowest(), Highest())) : ToIntegerBits(value);
    }

    /// <summary>
    /// The integer as a double: rounded as asked where that is the result; else, beyond 53 bits, with its last bit set where lower ones were
    /// lost, so that the next rounding is right.
    /// </summary>
    private readonly double ToDouble(Int128 value)
    {
        Int128 magnitude = Int128.Abs(value);
        int shift = 0;
        while (magnitude >> shift >> 53 != 0)
        {
            shift++;
        }

        Int128 kept = magnitude >> shift, lost = magnitude - (kept << shift), half = shift == 0 ? 0 : (Int128)1 << (shift - 1);
        bool increments = Rounding switch
        {
            Rounding.Nearest => lost > half || (shift > 0 && lost == half && (kept & 1) != 0),
            Rounding.Down => value < 0 && lost != 0,
            Rounding.Up => value > 0 && lost != 0,
            _ => false,
        };
        kept = Result != PtxType.F64 ? kept | (lost != 0 ? 1 : 0) : increments ? kept + 1 : kept;
        double result = Math.ScaleB((double)(long)kept, shift);
        return value < 0 ? -result : result;
    }

    private readonly ulong FromFloat(ulong bits)
    {
        double value = Source switch
        {
            PtxType.F16 => Float16.Widen((ushort)bits),
            PtxType.BF16 => BrainFloat16.Widen((ushort)bits),
            PtxType.F32 => BitConverter.UInt32BitsToSingle((uint)bits),
            _ => BitConverter.UInt64BitsToDouble(bits),
        };
        if (Flushes && Source == PtxType.F32)
        {
            value = Flush.ToZero((float)value);
        }

        if (ToWhole || !Result.IsFloat())
        {
            value = WholeRounding switch
            {
                Rounding.Zero => Math.Truncate(value),
                Rounding.Down => Math.Floor(value),
                Rounding.Up => Math.Ceiling(value),
                _ => Math.Round(value, MidpointRounding.ToEven),
            };
        }

        if (Result.IsFloat())
        {
            return ToFloatBits(value);
        }

        if (double.IsNaN(value))
        {
            return Result is PtxType.S64 or PtxType.U64 ? 1ul << 63 : 0;
        }

        return ToIntegerBits((Int128)Math.Clamp(value, (double)Lowest(), (double)Highest()) is Int128 whole ? Int128.Clamp(whole, Lowest(), Highest()) : 0);
    }

    private readonly ulong ToFloatBits(double value)
    {
        if (Saturates)
        {
            value = double.IsNaN(value) ? 0 : Math.Clamp(value, 0, 1);
        }

        if (Rectifies && value < 0)
        {
            value = 0;
        }

        switch (Result)
        {
            case PtxType.F16:
                return Directed16<Float16>(value);
            case PtxType.BF16:
                return Directed16<BrainFloat16>(value);
            case PtxType.F32:
                float single = Directed32(value);
                return BitConverter.SingleToUInt32Bits(float.IsNaN(single) ? BitConverter.UInt32BitsToSingle(0x7FFFFFFF) : Flushes ? Flush.ToZero(single) : single);
            case PtxType.TF32:
                // Nearest, ties away from zero, to 10 bits of fraction.
                uint bits = BitConverter.SingleToUInt32Bits((float)value);
                return double.IsFinite(value) ? (bits + 0x1000) & ~0x1FFFu : bits;
            default:
                return BitConverter.DoubleToUInt64Bits(value);
        }
    }

    private readonly float Directed32(double value)
    {
        float near = (float)value;
        return Rounding switch
        {
            Rounding.Zero when Math.Abs((double)near) > Math.Abs(value) => near > 0 ? MathF.BitDecrement(near) : MathF.BitIncrement(near),
            Rounding.Down when near > value => MathF.BitDecrement(near),
            Rounding.Up when near < value => MathF.BitIncrement(near),
            _ => near,
        };
    }

    private readonly ulong Directed16<TFormat>(double value)
        where TFormat : struct, IHalfFormat
    {
        ushort near = TFormat.Narrow(value);
        double wide = TFormat.Widen(near);
        bool stepsBack = Rounding switch
        {
            Rounding.Zero => Math.Abs(wide) > Math.Abs(value),
            Rounding.Down => wide > value && value > 0,
            Rounding.Up => wide < value && value < 0,
            _ => false,
        };
        return stepsBack ? (ushort)(near - 1) : near;
    }

    private readonly Int128 Lowest() => Result.IsSigned() ? -((Int128)1 << ((8 * Result.LengthBytes()) - 1)) : 0;

    private readonly Int128 Highest() => ((Int128)1 << ((8 * Result.LengthBytes()) - (Result.IsSigned() ? 1 : 0))) - 1;

    /// <summary>Cut to the type, then extended by its sign.</summary>
    private readonly ulong ToIntegerBits(Int128 value) => Result switch
    {
        PtxType.S8 => (ulong)(sbyte)value,
        PtxType.S16 => (ulong)(short)value,
        PtxType.S32 => (ulong)(int)value,
        PtxType.U8 or PtxType.B8 => (byte)value,
        PtxType.U16 or PtxType.B16 => (ushort)value,
        PtxType.U32 or PtxType.B32 => (uint)value,
        _ => (ulong)value,
    };
}

namespace Jukebox.PtxMachine.Tests.Instructions;

/// <summary>Floating-point instructions: exact values, rounded once as the instruction says.</summary>
internal static class FloatCases
{
    private static readonly FloatFormat F16 = FloatFormat.F16, BF16 = FloatFormat.BF16, F32 = FloatFormat.F32, F64 = FloatFormat.F64;

    private delegate Dyadic Exact(Dyadic a, Dyadic b, Dyadic c);

    private delegate double Special(double a, double b, double c);

    public static IEnumerable<InstructionCase> All => [.. Rounded, .. Plain, .. Approximate, .. Halves, .. Brains, .. Comparisons];

    private static IEnumerable<InstructionCase> Rounded
    {
        get
        {
            foreach ((string name, Rounds rounds) in new[] { ("rn", Rounds.Nearest), ("rz", Rounds.Zero), ("rm", Rounds.Down), ("rp", Rounds.Up) })
            {
                yield return new($"add_{name}_f32", "RRR", Add(F32, rounds), F32);
                yield return new($"sub_{name}_f32", "RRR", Subtract(F32, rounds), F32);
                yield return new($"mul_{name}_f32", "RRR", Multiply(F32, rounds), F32);
                yield return new($"fma_{name}_f32", "RRRR", Fused(F32, rounds), F32);
            }
        }
    }

    private static IEnumerable<InstructionCase> Plain =>
    [
        new("div_rn_f32", "RRR", (a, b, _) => Bits(Single(a) / (double)Single(b)), F32),
        new("div_full_f32", "RRR", (a, b, _) => Bits(Single(a) / (double)Single(b)), F32, MaxUlps: 2),
        new("rcp_rn_f32", "RRR", (a, _, _) => Bits(1 / (double)Single(a)), F32),
        new("sqrt_rn_f32", "RRR", (a, _, _) => Bits(Math.Sqrt(Single(a))), F32),
        new("min_f32", "RRR", (a, b, _) => F32.IsNaN(a) ? b : F32.IsNaN(b) || Less(a, b) ? a : b, F32),
        new("max_f32", "RRR", (a, b, _) => F32.IsNaN(a) ? b : F32.IsNaN(b) || Less(b, a) ? a : b, F32),
        new("neg_f32", "RRR", (a, _, _) => a ^ F32.Sign, F32),
        new("abs_f32", "RRR", (a, _, _) => a & ~F32.Sign, F32),
        new("copysign_f32", "RRR", (a, b, _) => (a & F32.Sign) | (b & ~F32.Sign), F32),
        new("add_ftz_f32", "RRR", (a, b, _) => Flush(Add(F32, Rounds.Nearest)(Flush(a), Flush(b), 0)), F32),
        new("mul_ftz_f32", "RRR", (a, b, _) => Flush(Multiply(F32, Rounds.Nearest)(Flush(a), Flush(b), 0)), F32),
        new("fma_rn_ftz_f32", "RRRR", (a, b, c) => Flush(Fused(F32, Rounds.Nearest)(Flush(a), Flush(b), Flush(c))), F32),
        new("add_sat_f32", "RRR", (a, b, _) => Saturate(Add(F32, Rounds.Nearest)(a, b, 0)), F32),
        new("fma_rn_sat_f32", "RRRR", (a, b, c) => Saturate(Fused(F32, Rounds.Nearest)(a, b, c)), F32),
        new("add_f64", "LLL", Add(F64, Rounds.Nearest), F64),
        new("sub_f64", "LLL", Subtract(F64, Rounds.Nearest), F64),
        new("mul_f64", "LLL", Multiply(F64, Rounds.Nearest), F64),
        new("fma_rn_f64", "LLLL", Fused(F64, Rounds.Nearest), F64),
        new("div_rn_f64", "LLL", (a, b, _) => BitConverter.DoubleToUInt64Bits(Double(a) / Double(b)), F64),
        new("sqrt_rn_f64", "LLR", (a, _, _) => BitConverter.DoubleToUInt64Bits(Math.Sqrt(Double(a))), F64),
        new("min_f64", "LLL", (a, b, _) => BitConverter.DoubleToUInt64Bits(double.MinNumber(Double(a), Double(b))), F64),
        new("max_f64", "LLL", (a, b, _) => BitConverter.DoubleToUInt64Bits(double.MaxNumber(Double(a), Double(b))), F64),
        new("neg_f64", "LLR", (a, _, _) => a ^ F64.Sign, F64),
        new("abs_f64", "LLR", (a, _, _) => a & ~F64.Sign, F64),
    ];

    /// <summary>Within what the manual promises of the hardware's approximations.</summary>
    private static IEnumerable<InstructionCase> Approximate =>
    [
        new("ex2_approx_f32", "RRR", (a, _, _) => Bits(Math.Pow(2, Single(a))), F32, MaxUlps: 2),
        new("ex2_approx_ftz_f32", "RRR", (a, _, _) => Flush(Bits(Math.Pow(2, Single(Flush(a))))), F32, MaxUlps: 2, MaxAbsolute: 1.2e-38),
        new("lg2_approx_f32", "RRR", (a, _, _) => Bits(Math.Log2(Single(a))), F32, MaxUlps: 2),
        new("sin_approx_f32", "RRR", (a, _, _) => Bits(Math.Sin(Single(a))), F32, MaxAbsolute: 5e-7),
        new("cos_approx_f32", "RRR", (a, _, _) => Bits(Math.Cos(Single(a))), F32, MaxAbsolute: 5e-7),
        new("rsqrt_approx_f32", "RRR", (a, _, _) => Bits(1 / Math.Sqrt(Single(a))), F32, MaxUlps: 2),
        new("rcp_approx_ftz_f32", "RRR", (a, _, _) => Flush(Bits(1 / (double)Single(Flush(a)))), F32, MaxUlps: 1),
        new("tanh_approx_f32", "RRR", (a, _, _) => Bits(Math.Tanh(Single(a))), F32, MaxUlps: 1) { MinimumTarget = 80 },
    ];

    private static IEnumerable<InstructionCase> Halves =>
    [
        new("add_f16", "HHH", Add(F16, Rounds.Nearest), F16),
        new("sub_f16", "HHH", Subtract(F16, Rounds.Nearest), F16),
        new("mul_f16", "HHH", Multiply(F16, Rounds.Nearest), F16),
        new("fma_rn_f16", "HHHH", Fused(F16, Rounds.Nearest), F16),
        new("neg_f16", "HHR", (a, _, _) => a ^ F16.Sign, F16),
        new("add_f16x2", "RRR", Twice(Add(F16, Rounds.Nearest)), F16, IsPacked: true),
        new("mul_f16x2", "RRR", Twice(Multiply(F16, Rounds.Nearest)), F16, IsPacked: true),
        new("fma_rn_f16x2", "RRRR", Twice(Fused(F16, Rounds.Nearest)), F16, IsPacked: true),
        new("min_f16", "HHH", (a, b, _) => F16.IsNaN(a) ? b : F16.IsNaN(b) || F16Less(a, b) ? a : b, F16) { MinimumTarget = 80 },
        new("max_f16", "HHH", (a, b, _) => F16.IsNaN(a) ? b : F16.IsNaN(b) || F16Less(b, a) ? a : b, F16) { MinimumTarget = 80 },
    ];

    private static IEnumerable<InstructionCase> Brains =>
    [
        new("fma_rn_bf16", "HHHH", Fused(BF16, Rounds.Nearest), BF16) { MinimumTarget = 80 },
        new("fma_rn_bf16x2", "RRRR", Twice(Fused(BF16, Rounds.Nearest)), BF16, IsPacked: true) { MinimumTarget = 80 },
        new("min_bf16", "HHH", (a, b, _) => BF16.IsNaN(a) ? b : BF16.IsNaN(b) || Less(a << 16, b << 16) ? a : b, BF16) { MinimumTarget = 80 },
        new("neg_bf16", "HHR", (a, _, _) => a ^ BF16.Sign, BF16) { MinimumTarget = 80 },
    ];

    private static IEnumerable<InstructionCase> Comparisons =>
    [
        new("setp_eq_f32", "RRR", (a, b, _) => IntegerCases.One(Single(a) == Single(b))),
        new("setp_ne_f32", "RRR", (a, b, _) => IntegerCases.One(Single(a) < Single(b) || Single(a) > Single(b))),
        new("setp_lt_f32", "RRR", (a, b, _) => IntegerCases.One(Single(a) < Single(b))),
        new("setp_le_f32", "RRR", (a, b, _) => IntegerCases.One(Single(a) <= Single(b))),
        new("setp_gt_f32", "RRR", (a, b, _) => IntegerCases.One(Single(a) > Single(b))),
        new("setp_ge_f32", "RRR", (a, b, _) => IntegerCases.One(Single(a) >= Single(b))),
        new("setp_equ_f32", "RRR", (a, b, _) => IntegerCases.One(Unordered(a, b) || Single(a) == Single(b))),
        new("setp_neu_f32", "RRR", (a, b, _) => IntegerCases.One(Single(a) != Single(b))),
        new("setp_ltu_f32", "RRR", (a, b, _) => IntegerCases.One(Unordered(a, b) || Single(a) < Single(b))),
        new("setp_leu_f32", "RRR", (a, b, _) => IntegerCases.One(Unordered(a, b) || Single(a) <= Single(b))),
        new("setp_gtu_f32", "RRR", (a, b, _) => IntegerCases.One(Unordered(a, b) || Single(a) > Single(b))),
        new("setp_geu_f32", "RRR", (a, b, _) => IntegerCases.One(Unordered(a, b) || Single(a) >= Single(b))),
        new("setp_num_f32", "RRR", (a, b, _) => IntegerCases.One(!Unordered(a, b))),
        new("setp_nan_f32", "RRR", (a, b, _) => IntegerCases.One(Unordered(a, b))),
        new("setp_lt_ftz_f32", "RRR", (a, b, _) => IntegerCases.One(Single(Flush(a)) < Single(Flush(b)))),
        new("setp_lt_f64", "RLL", (a, b, _) => IntegerCases.One(Double(a) < Double(b))),
        new("setp_geu_f64", "RLL", (a, b, _) => IntegerCases.One(!(Double(a) < Double(b)))),
        new("setp_lt_f16", "RHH", (a, b, _) => IntegerCases.One(F16.ToDouble(a) < F16.ToDouble(b))),
        new("setp_neu_f16", "RHH", (a, b, _) => IntegerCases.One(F16.ToDouble(a) != F16.ToDouble(b))),
        new("set_u32_f32", "RRR", (a, b, _) => Single(a) < Single(b) ? uint.MaxValue : 0),
    ];

    public static float Single(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    public static double Double(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    /// <summary>The nearest f32 of a double, by exact rounding.</summary>
    public static ulong Bits(double value) =>
        double.IsFinite(value) ? Dyadic.Of(F64, BitConverter.DoubleToUInt64Bits(value)).ToBits(F32, Rounds.Nearest)
        : double.IsNaN(value) ? 0x7FFFFFFF : F32.Infinity | (value < 0 ? F32.Sign : 0);

    public static ulong Flush(ulong bits) => (bits & F32.Infinity) == 0 ? bits & F32.Sign : bits;

    private static bool Unordered(ulong a, ulong b) => F32.IsNaN(a) || F32.IsNaN(b);

    /// <summary>In the order of values, −0 before +0.</summary>
    private static bool Less(ulong a, ulong b) => Single(a) < Single(b) || (Single(a) == Single(b) && (a & F32.Sign) > (b & F32.Sign));

    private static bool F16Less(ulong a, ulong b) => F16.ToDouble(a) < F16.ToDouble(b) || (F16.ToDouble(a) == F16.ToDouble(b) && (a & F16.Sign) > (b & F16.Sign));

    private static ulong Saturate(ulong bits) => F32.IsNaN(bits) || (bits & F32.Sign) != 0 ? 0 : Math.Min(bits, 0x3F800000);

    public static Reference Twice(Reference one) =>
        (a, b, c) => one((ushort)a, (ushort)b, (ushort)c) | (one(a >> 16, b >> 16, c >> 16) << 16);

    public static Reference Add(FloatFormat format, Rounds rounds) => Round(format, rounds, (a, b, _) => a.Plus(b, rounds), (a, b, _) => a + b, 2);

    private static Reference Subtract(FloatFormat format, Rounds rounds) => Round(format, rounds, (a, b, _) => a.Plus(b.Negated, rounds), (a, b, _) => a - b, 2);

    private static Reference Multiply(FloatFormat format, Rounds rounds) => Round(format, rounds, (a, b, _) => a.Times(b), (a, b, _) => a * b, 2);

    private static Reference Fused(FloatFormat format, Rounds rounds) => Round(format, rounds, (a, b, c) => a.Times(b).Plus(c, rounds), (a, b, c) => (a * b) + c, 3);

    /// <summary>Exact where all operands are finite; otherwise what infinities and NaN make, which no rounding changes.</summary>
    private static Reference Round(FloatFormat format, Rounds rounds, Exact exact, Special special, int operands) => (a, b, c) =>
    {
        ulong[] all = operands == 3 ? [a, b, c] : [a, b];
        if (all.All(format.IsFinite))
        {
            return exact(Dyadic.Of(format, a), Dyadic.Of(format, b), Dyadic.Of(format, operands == 3 ? c : 0)).ToBits(format, rounds);
        }

        // Finite operands stand for themselves by sign and by being zero, so that no product overflows on the way.
        double Stand(ulong bits) => !format.IsFinite(bits) ? format.ToDouble(bits) : ((bits & ~format.Sign) == 0 ? 0.0 : 1.0) * ((bits & format.Sign) == 0 ? 1 : -1);
        double value = special(Stand(a), Stand(b), Stand(c));
        return double.IsNaN(value) ? format.Infinity | 1 : format.Infinity | (value < 0 ? format.Sign : 0);
    };
}

using System.Numerics;

namespace Jukebox.PtxMachine.Tests.Instructions;

/// <summary>Conversions: exact values, rounded or clamped once.</summary>
internal static class ConversionCases
{
    private static readonly FloatFormat F16 = FloatFormat.F16, BF16 = FloatFormat.BF16, F32 = FloatFormat.F32, F64 = FloatFormat.F64;

    public static IEnumerable<InstructionCase> All => [.. Integers, .. ToFloats, .. ToIntegers, .. Floats, .. Newer];

    private static IEnumerable<InstructionCase> Integers =>
    [
        new("cvt_s64_s32", "LRR", (a, _, _) => (ulong)(int)a),
        new("cvt_u64_u32", "LRR", (a, _, _) => a),
        new("cvt_u32_u64", "RLR", (a, _, _) => (uint)a),
        new("cvt_s32_s16", "RHR", (a, _, _) => (uint)(short)a),
        new("cvt_u32_u16", "RHR", (a, _, _) => a),
        new("cvt_s32_s8", "RRR", (a, _, _) => (uint)(sbyte)a),
        new("cvt_u32_u8", "RRR", (a, _, _) => (byte)a),
        new("cvt_s16_s8", "HHR", (a, _, _) => (ushort)(sbyte)a),
        new("cvt_u16_u32", "HRR", (a, _, _) => (ushort)a),
        new("cvt_s64_s16", "LHR", (a, _, _) => (ulong)(short)a),
        new("cvt_sat_s8_s32", "RRR", (a, _, _) => (uint)Math.Clamp((int)a, -128, 127)),
        new("cvt_sat_u8_s32", "RRR", (a, _, _) => (uint)Math.Clamp((int)a, 0, 255)),
        new("cvt_sat_u32_s64", "RLR", (a, _, _) => (ulong)Math.Clamp((long)a, 0, uint.MaxValue)),
    ];

    private static IEnumerable<InstructionCase> ToFloats =>
    [
        new("cvt_rn_f32_s32", "RRR", (a, _, _) => Dyadic.Of((int)a).ToBits(F32, Rounds.Nearest), F32),
        new("cvt_rn_f32_u32", "RRR", (a, _, _) => Dyadic.Of(a).ToBits(F32, Rounds.Nearest), F32),
        new("cvt_rn_f32_s64", "RLR", (a, _, _) => Dyadic.Of((long)a).ToBits(F32, Rounds.Nearest), F32),
        new("cvt_rn_f32_u64", "RLR", (a, _, _) => Dyadic.Of(a).ToBits(F32, Rounds.Nearest), F32),
        new("cvt_rz_f32_s32", "RRR", (a, _, _) => Dyadic.Of((int)a).ToBits(F32, Rounds.Zero), F32),
        new("cvt_rm_f32_u64", "RLR", (a, _, _) => Dyadic.Of(a).ToBits(F32, Rounds.Down), F32),
        new("cvt_rp_f32_s64", "RLR", (a, _, _) => Dyadic.Of((long)a).ToBits(F32, Rounds.Up), F32),
        new("cvt_rn_f64_s32", "LRR", (a, _, _) => Dyadic.Of((int)a).ToBits(F64, Rounds.Nearest), F64),
        new("cvt_rn_f64_u64", "LLR", (a, _, _) => Dyadic.Of(a).ToBits(F64, Rounds.Nearest), F64),
        new("cvt_rn_f64_s64", "LLR", (a, _, _) => Dyadic.Of((long)a).ToBits(F64, Rounds.Nearest), F64),
        new("cvt_rn_f16_s32", "HRR", (a, _, _) => Dyadic.Of((int)a).ToBits(F16, Rounds.Nearest), F16),
        new("cvt_rn_f32_u16", "RHR", (a, _, _) => Dyadic.Of(a).ToBits(F32, Rounds.Nearest), F32),
    ];

    private static IEnumerable<InstructionCase> ToIntegers =>
    [
        new("cvt_rni_s32_f32", "RRR", (a, _, _) => ToInteger(F32, a, Rounds.Nearest, int.MinValue, int.MaxValue)),
        new("cvt_rzi_s32_f32", "RRR", (a, _, _) => ToInteger(F32, a, Rounds.Zero, int.MinValue, int.MaxValue)),
        new("cvt_rmi_s32_f32", "RRR", (a, _, _) => ToInteger(F32, a, Rounds.Down, int.MinValue, int.MaxValue)),
        new("cvt_rpi_s32_f32", "RRR", (a, _, _) => ToInteger(F32, a, Rounds.Up, int.MinValue, int.MaxValue)),
        new("cvt_rzi_u32_f32", "RRR", (a, _, _) => ToInteger(F32, a, Rounds.Zero, 0, uint.MaxValue)),
        new("cvt_rni_s32_f64", "RLR", (a, _, _) => ToInteger(F64, a, Rounds.Nearest, int.MinValue, int.MaxValue)),
        new("cvt_rzi_u16_f32", "HRR", (a, _, _) => ToInteger(F32, a, Rounds.Zero, 0, ushort.MaxValue)),
        new("cvt_rzi_s16_f16", "HHR", (a, _, _) => (ushort)ToInteger(F16, a, Rounds.Zero, short.MinValue, short.MaxValue)),
        new("cvt_rzi_s64_f32", "LRR", (a, _, _) => F32.IsNaN(a) ? 1ul << 63 : ToWideInteger(F32, a, long.MinValue, long.MaxValue)),
        new("cvt_rzi_u64_f64", "LLR", (a, _, _) => F64.IsNaN(a) ? 1ul << 63 : ToWideInteger(F64, a, 0, ulong.MaxValue)),
    ];

    private static IEnumerable<InstructionCase> Floats =>
    [
        new("cvt_rni_f32_f32", "RRR", (a, _, _) => FloatCases.Bits(Math.Round(FloatCases.Single(a), MidpointRounding.ToEven)), F32),
        new("cvt_rzi_f32_f32", "RRR", (a, _, _) => FloatCases.Bits(Math.Truncate(FloatCases.Single(a))), F32),
        new("cvt_rmi_f32_f32", "RRR", (a, _, _) => FloatCases.Bits(Math.Floor(FloatCases.Single(a))), F32),
        new("cvt_rpi_f32_f32", "RRR", (a, _, _) => FloatCases.Bits(Math.Ceiling(FloatCases.Single(a))), F32),
        new("cvt_rni_f64_f64", "LLR", (a, _, _) => BitConverter.DoubleToUInt64Bits(Math.Round(FloatCases.Double(a), MidpointRounding.ToEven)), F64),
        new("cvt_sat_f32_f32", "RRR", (a, _, _) => F32.IsNaN(a) || (a & F32.Sign) != 0 ? 0 : Math.Min(a, 0x3F800000), F32),
        new("cvt_ftz_f32_f32", "RRR", (a, _, _) => FloatCases.Flush(a), F32),
        new("cvt_f32_f16", "RHR", (a, _, _) => Round(F16, a, F32, Rounds.Nearest), F32),
        new("cvt_rn_f16_f32", "HRR", (a, _, _) => Round(F32, a, F16, Rounds.Nearest), F16),
        new("cvt_rz_f16_f32", "HRR", (a, _, _) => Round(F32, a, F16, Rounds.Zero), F16),
        new("cvt_f64_f32", "LRR", (a, _, _) => Round(F32, a, F64, Rounds.Nearest), F64),
        new("cvt_rn_f32_f64", "RLR", (a, _, _) => Round(F64, a, F32, Rounds.Nearest), F32),
        new("cvt_rz_f32_f64", "RLR", (a, _, _) => Round(F64, a, F32, Rounds.Zero), F32),
        new("cvt_rm_f32_f64", "RLR", (a, _, _) => Round(F64, a, F32, Rounds.Down), F32),
        new("cvt_rp_f32_f64", "RLR", (a, _, _) => Round(F64, a, F32, Rounds.Up), F32),
        new("cvt_rn_f16_f64", "HLR", (a, _, _) => Round(F64, a, F16, Rounds.Nearest), F16),
    ];

    private static IEnumerable<InstructionCase> Newer =>
    [
        new("cvt_rn_bf16_f32", "HRR", (a, _, _) => Round(F32, a, BF16, Rounds.Nearest), BF16) { MinimumTarget = 80 },
        new("cvt_rz_bf16_f32", "HRR", (a, _, _) => Round(F32, a, BF16, Rounds.Zero), BF16) { MinimumTarget = 80 },
        new("cvt_rn_bf16x2_f32", "RRR", (a, b, _) => (Round(F32, a, BF16, Rounds.Nearest) << 16) | Round(F32, b, BF16, Rounds.Nearest), BF16, IsPacked: true) { MinimumTarget = 80 },
        new("cvt_rn_f16x2_f32", "RRR", (a, b, _) => (Round(F32, a, F16, Rounds.Nearest) << 16) | Round(F32, b, F16, Rounds.Nearest), F16, IsPacked: true) { MinimumTarget = 80 },
    ];

    private static ulong Round(FloatFormat from, ulong bits, FloatFormat to, Rounds rounds) =>
        from.IsNaN(bits) ? to.Infinity | 1
        : from.IsFinite(bits) ? Dyadic.Of(from, bits).ToBits(to, rounds)
        : to.Infinity | ((bits & from.Sign) == 0 ? 0 : to.Sign);

    private static ulong ToInteger(FloatFormat format, ulong bits, Rounds rounds, long lowest, long highest) =>
        format.IsNaN(bits) ? 0 : (uint)(long)Clamp(format, bits, rounds, lowest, highest);

    private static ulong ToWideInteger(FloatFormat format, ulong bits, BigInteger lowest, BigInteger highest)
    {
        BigInteger value = Clamp(format, bits, Rounds.Zero, lowest, highest);
        return value < 0 ? (ulong)(long)value : (ulong)value;
    }

    private static BigInteger Clamp(FloatFormat format, ulong bits, Rounds rounds, BigInteger lowest, BigInteger highest) =>
        format.IsFinite(bits) ? BigInteger.Min(BigInteger.Max(Dyadic.Of(format, bits).ToInteger(rounds), lowest), highest)
        : (bits & format.Sign) == 0 ? highest : lowest;
}

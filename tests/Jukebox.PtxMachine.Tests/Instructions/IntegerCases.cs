using System.Numerics;

namespace Jukebox.PtxMachine.Tests.Instructions;

/// <summary>Integer instructions, each as the manual words it.</summary>
internal static class IntegerCases
{
    public static IEnumerable<InstructionCase> All => [.. Small, .. Medium, .. Fields, .. Large, .. Carries, .. Comparisons];

    private static IEnumerable<InstructionCase> Small =>
    [
        new("add_u16", "HHH", (a, b, _) => (ushort)(a + b)),
        new("sub_s16", "HHH", (a, b, _) => (ushort)(a - b)),
        new("mul_lo_s16", "HHH", (a, b, _) => (ushort)(a * b)),
        new("mul_hi_s16", "HHH", (a, b, _) => (ushort)(((short)a * (short)b) >> 16)),
        new("mul_hi_u16", "HHH", (a, b, _) => (ushort)((a * b) >> 16)),
        new("mul_wide_s16", "RHH", (a, b, _) => (uint)((short)a * (short)b)),
        new("mul_wide_u16", "RHH", (a, b, _) => a * b),
        new("min_s16", "HHH", (a, b, _) => (ushort)Math.Min((short)a, (short)b)),
        new("max_s16", "HHH", (a, b, _) => (ushort)Math.Max((short)a, (short)b)),
        new("min_u16", "HHH", (a, b, _) => Math.Min(a, b)),
        new("max_u16", "HHH", (a, b, _) => Math.Max(a, b)),
        new("div_s16", "HHH", (a, b, _) => b == 0 ? 0xFFFFul : (ushort)((short)a / (short)b)),
        new("div_u16", "HHH", (a, b, _) => b == 0 ? 0xFFFF : a / b),
        new("rem_s16", "HHH", (a, b, _) => b == 0 ? a : (ulong)(ushort)((short)a % (short)b)),
        new("rem_u16", "HHH", (a, b, _) => b == 0 ? a : a % b),
        new("neg_s16", "HHR", (a, _, _) => (ushort)(-(short)a)),
        new("abs_s16", "HHR", (a, _, _) => (ushort)((short)a < 0 ? -(short)a : (short)a)),
        new("not_b16", "HHR", (a, _, _) => (ushort)~a),
        new("shl_b16", "HHR", (a, b, _) => b > 15 ? 0ul : (ushort)(a << (int)b)),
        new("shr_u16", "HHR", (a, b, _) => b > 15 ? 0 : a >> (int)b),
        new("shr_s16", "HHR", (a, b, _) => (ushort)((short)a >> (int)Math.Min(b, 15))),
        new("mad_lo_s16", "HHHH", (a, b, c) => (ushort)((a * b) + c)),
        new("mad_wide_s16", "RHHR", (a, b, c) => (uint)(((short)a * (short)b) + (int)c)),
    ];

    private static IEnumerable<InstructionCase> Medium =>
    [
        new("add_s32", "RRR", (a, b, _) => (uint)(a + b)),
        new("sub_s32", "RRR", (a, b, _) => (uint)(a - b)),
        new("mul_lo_s32", "RRR", (a, b, _) => (uint)(a * b)),
        new("mul_hi_s32", "RRR", (a, b, _) => (uint)(((long)(int)a * (int)b) >> 32)),
        new("mul_hi_u32", "RRR", (a, b, _) => (a * b) >> 32),
        new("mul_wide_s32", "LRR", (a, b, _) => (ulong)((long)(int)a * (int)b)),
        new("mul_wide_u32", "LRR", (a, b, _) => a * b),
        new("min_s32", "RRR", (a, b, _) => (uint)Math.Min((int)a, (int)b)),
        new("max_s32", "RRR", (a, b, _) => (uint)Math.Max((int)a, (int)b)),
        new("min_u32", "RRR", (a, b, _) => Math.Min(a, b)),
        new("max_u32", "RRR", (a, b, _) => Math.Max(a, b)),
        new("div_s32", "RRR", (a, b, _) => b == 0 ? uint.MaxValue : (uint)((long)(int)a / (int)b)),
        new("div_u32", "RRR", (a, b, _) => b == 0 ? uint.MaxValue : a / b),
        new("rem_s32", "RRR", (a, b, _) => b == 0 ? a : (uint)((long)(int)a % (int)b)),
        new("rem_u32", "RRR", (a, b, _) => b == 0 ? a : a % b),
        new("neg_s32", "RRR", (a, _, _) => (uint)-(int)a),
        new("abs_s32", "RRR", (a, _, _) => (uint)((int)a < 0 ? -(int)a : (int)a)),
        new("not_b32", "RRR", (a, _, _) => (uint)~a),
        new("and_b32", "RRR", (a, b, _) => a & b),
        new("or_b32", "RRR", (a, b, _) => a | b),
        new("xor_b32", "RRR", (a, b, _) => a ^ b),
        new("shl_b32", "RRR", (a, b, _) => b > 31 ? 0 : (uint)(a << (int)b)),
        new("shr_u32", "RRR", (a, b, _) => b > 31 ? 0 : a >> (int)b),
        new("shr_s32", "RRR", (a, b, _) => (uint)((int)a >> (int)Math.Min(b, 31))),
        new("mad_lo_s32", "RRRR", (a, b, c) => (uint)((a * b) + c)),
        new("mad_hi_s32", "RRRR", (a, b, c) => (uint)((((long)(int)a * (int)b) >> 32) + (int)c)),
        new("mad_hi_u32", "RRRR", (a, b, c) => (uint)(((a * b) >> 32) + c)),
        new("mad_wide_s32", "LRRL", (a, b, c) => (ulong)((long)(int)a * (int)b) + c),
        new("mad_wide_u32", "LRRL", (a, b, c) => (a * b) + c),
        new("sad_s32", "RRRR", (a, b, c) => (uint)(Math.Abs((long)(int)a - (int)b) + (long)c)),
        new("sad_u32", "RRRR", (a, b, c) => (uint)((ulong)Math.Abs((long)a - (long)b) + c)),
    ];

    private static IEnumerable<InstructionCase> Fields =>
    [
        new("bfe_u32", "RRRR", (a, b, c) => Field(a, b & 255, c & 255, 32, false)),
        new("bfe_s32", "RRRR", (a, b, c) => (uint)Field(a, b & 255, c & 255, 32, true)),
        new("bfi_b32", "RRRR", (a, b, c) => Insert(a, b, c & 63, c >> 26)),
        new("popc_b32", "RRR", (a, _, _) => (ulong)Bits(a, 32).Count(bit => bit)),
        new("clz_b32", "RRR", (a, _, _) => 31 - Highest(a, 32)),
        new("brev_b32", "RRR", (a, _, _) => Number(Bits(a, 32).Reverse())),
        new("bfind_u32", "RRR", (a, _, _) => (uint)Highest(a, 32)),
        new("bfind_s32", "RRR", (a, _, _) => (uint)Highest((int)a < 0 ? (uint)~a : a, 32)),
        new("bfind_shiftamt_u32", "RRR", (a, _, _) => a == 0 ? uint.MaxValue : 31 - Highest(a, 32)),
        new("prmt_b32", "RRRR", Permute),
        new("prmt_f4e", "RRRR", (a, b, c) => Permute(a, b, new ulong[] { 0x3210, 0x4321, 0x5432, 0x6543 }[c & 3])),
        new("prmt_b4e", "RRRR", (a, b, c) => Permute(a, b, new ulong[] { 0x5670, 0x6701, 0x7012, 0x0123 }[c & 3])),
        new("prmt_rc8", "RRRR", (a, b, c) => ((a >> (int)(8 * (c & 3))) & 0xFF) * 0x01010101),
        new("prmt_ecl", "RRRR", (a, b, c) => Permute(a, b, new ulong[] { 0x3210, 0x3211, 0x3222, 0x3333 }[c & 3])),
        new("prmt_ecr", "RRRR", (a, b, c) => Permute(a, b, new ulong[] { 0x0000, 0x1110, 0x2210, 0x3210 }[c & 3])),
        new("prmt_rc16", "RRRR", (a, b, c) => ((a >> (int)(16 * (c & 1))) & 0xFFFF) * 0x10001),
        new("shf_l_wrap", "RRRR", (a, b, c) => (uint)(((b << 32 | a) << (int)(c & 31)) >> 32)),
        new("shf_l_clamp", "RRRR", (a, b, c) => (uint)(((b << 32 | a) << (int)Math.Min(c, 32)) >> 32)),
        new("shf_r_wrap", "RRRR", (a, b, c) => (uint)((b << 32 | a) >> (int)(c & 31))),
        new("shf_r_clamp", "RRRR", (a, b, c) => (uint)((b << 32 | a) >> (int)Math.Min(c, 32))),
        new("lop3_96", "RRRR", (a, b, c) => a ^ b ^ c),
        new("lop3_e8", "RRRR", (a, b, c) => (a & b) | (a & c) | (b & c)),
        new("lop3_1b", "RRRR", (a, b, c) => Table(0x1B, a, b, c)),
        new("dp4a_s32", "RRRR", (a, b, c) => Dot(a, b, c, true, true)),
        new("dp4a_u32", "RRRR", (a, b, c) => Dot(a, b, c, false, false)),
        new("dp4a_su", "RRRR", (a, b, c) => Dot(a, b, c, true, false)),
    ];

    private static IEnumerable<InstructionCase> Large =>
    [
        new("add_s64", "LLL", (a, b, _) => a + b),
        new("sub_s64", "LLL", (a, b, _) => a - b),
        new("mul_lo_s64", "LLL", (a, b, _) => a * b),
        new("mul_hi_s64", "LLL", (a, b, _) => (ulong)(long)(((BigInteger)(long)a * (long)b) >> 64)),
        new("mul_hi_u64", "LLL", (a, b, _) => (ulong)(((BigInteger)a * b) >> 64)),
        new("min_s64", "LLL", (a, b, _) => (ulong)Math.Min((long)a, (long)b)),
        new("max_s64", "LLL", (a, b, _) => (ulong)Math.Max((long)a, (long)b)),
        new("min_u64", "LLL", (a, b, _) => Math.Min(a, b)),
        new("max_u64", "LLL", (a, b, _) => Math.Max(a, b)),
        new("div_s64", "LLL", (a, b, _) => b == 0 ? ulong.MaxValue : (ulong)((Int128)(long)a / (long)b)),
        new("div_u64", "LLL", (a, b, _) => b == 0 ? ulong.MaxValue : a / b),
        new("rem_s64", "LLL", (a, b, _) => b == 0 ? a : (ulong)((Int128)(long)a % (long)b)),
        new("rem_u64", "LLL", (a, b, _) => b == 0 ? a : a % b),
        new("neg_s64", "LLR", (a, _, _) => (ulong)-(long)a),
        new("abs_s64", "LLR", (a, _, _) => (long)a < 0 ? (ulong)-(long)a : a),
        new("not_b64", "LLR", (a, _, _) => ~a),
        new("and_b64", "LLL", (a, b, _) => a & b),
        new("or_b64", "LLL", (a, b, _) => a | b),
        new("xor_b64", "LLL", (a, b, _) => a ^ b),
        new("shl_b64", "LLR", (a, b, _) => b > 63 ? 0 : a << (int)b),
        new("shr_u64", "LLR", (a, b, _) => b > 63 ? 0 : a >> (int)b),
        new("shr_s64", "LLR", (a, b, _) => (ulong)((long)a >> (int)Math.Min(b, 63))),
        new("mad_lo_s64", "LLLL", (a, b, c) => (a * b) + c),
        new("bfe_u64", "LLRR", (a, b, c) => Field(a, b & 255, c & 255, 64, false)),
        new("bfe_s64", "LLRR", (a, b, c) => Field(a, b & 255, c & 255, 64, true)),
        new("popc_b64", "RLR", (a, _, _) => (ulong)Bits(a, 64).Count(bit => bit)),
        new("clz_b64", "RLR", (a, _, _) => 63 - Highest(a, 64)),
        new("brev_b64", "LLR", (a, _, _) => Number(Bits(a, 64).Reverse())),
        new("bfind_u64", "RLR", (a, _, _) => (uint)Highest(a, 64)),
        new("bfind_s64", "RLR", (a, _, _) => (uint)Highest((long)a < 0 ? ~a : a, 64)),
        new("selp_b64", "LLLR", (a, b, c) => (int)c < 0 ? a : b),
    ];

    private static IEnumerable<InstructionCase> Carries =>
    [
        new("add_carry", "LLL", (a, b, _) => a + b),
        new("sub_borrow", "LLL", (a, b, _) => a - b),
        new("mad_carry", "LLL", (a, b, _) => ((ulong)(uint)a * (uint)b) + (a >> 32) + (b & 0xFFFFFFFF00000000)),
    ];

    private static IEnumerable<InstructionCase> Comparisons =>
    [
        new("setp_eq_s32", "RRR", (a, b, _) => One(a == b)),
        new("setp_ne_s32", "RRR", (a, b, _) => One(a != b)),
        new("setp_lt_s32", "RRR", (a, b, _) => One((int)a < (int)b)),
        new("setp_le_s32", "RRR", (a, b, _) => One((int)a <= (int)b)),
        new("setp_gt_s32", "RRR", (a, b, _) => One((int)a > (int)b)),
        new("setp_ge_s32", "RRR", (a, b, _) => One((int)a >= (int)b)),
        new("setp_lt_u32", "RRR", (a, b, _) => One(a < b)),
        new("setp_hs_u32", "RRR", (a, b, _) => One(a >= b)),
        new("setp_lt_s64", "RLL", (a, b, _) => One((long)a < (long)b)),
        new("setp_ge_u64", "RLL", (a, b, _) => One(a >= b)),
        new("setp_ne_s64", "RLL", (a, b, _) => One(a != b)),
        new("setp_lt_s16", "RHH", (a, b, _) => One((short)a < (short)b)),
        new("setp_gt_u16", "RHH", (a, b, _) => One(a > b)),
        new("setp_ge_s16", "RHH", (a, b, _) => One((short)a >= (short)b)),
        new("setp_eq_s16", "RHH", (a, b, _) => One(a == b)),
        new("setp_and", "RRRR", (a, b, c) => One((int)a < (int)b && c != 0) + (2 * One((int)a >= (int)b && c != 0))),
        new("setp_or_not", "RRRR", (a, b, c) => One((int)a < (int)b || (int)c >= 0)),
        new("set_f32_s32", "RRR", (a, b, _) => (int)a > (int)b ? 0x3F800000u : 0),
    ];

    public static ulong One(bool condition) => condition ? 1ul : 0;

    private static IEnumerable<bool> Bits(ulong value, int width) => Enumerable.Range(0, width).Select(k => ((value >> k) & 1) != 0);

    private static ulong Number(IEnumerable<bool> bits) => bits.Select((bit, k) => bit ? 1ul << k : 0).Aggregate(0ul, (sum, bit) => sum | bit);

    private static ulong Highest(ulong value, int width)
    {
        for (int k = width - 1; k >= 0; k--)
        {
            if (((value >> k) & 1) != 0)
            {
                return (ulong)k;
            }
        }

        return ulong.MaxValue;
    }

    /// <summary>The manual's own loop over bits.</summary>
    private static ulong Field(ulong a, ulong position, ulong length, int width, bool isSigned)
    {
        ulong msb = (ulong)width - 1, sign = !isSigned || length == 0 ? 0 : (a >> (int)Math.Min(position + length - 1, msb)) & 1, result = 0;
        for (ulong k = 0; k <= msb; k++)
        {
            ulong bit = k < length && position + k <= msb ? (a >> (int)(position + k)) & 1 : sign;
            result |= bit << (int)k;
        }

        return result;
    }

    private static ulong Insert(ulong a, ulong b, ulong position, ulong length)
    {
        for (ulong k = 0; k < length && position + k <= 31; k++)
        {
            b = (b & ~(1ul << (int)(position + k))) | (((a >> (int)k) & 1) << (int)(position + k));
        }

        return b;
    }

    private static ulong Permute(ulong a, ulong b, ulong selector)
    {
        byte[] bytes = [.. BitConverter.GetBytes((uint)a), .. BitConverter.GetBytes((uint)b)];
        ulong result = 0;
        for (int k = 0; k < 4; k++)
        {
            int nibble = (int)(selector >> (4 * k)) & 15;
            byte value = bytes[nibble & 7];
            result |= (ulong)((nibble & 8) == 0 ? value : value > 127 ? 255 : 0) << (8 * k);
        }

        return result;
    }

    private static ulong Table(int table, ulong a, ulong b, ulong c)
    {
        ulong result = 0;
        for (int k = 0; k < 32; k++)
        {
            int row = (int)((((a >> k) & 1) << 2) | (((b >> k) & 1) << 1) | ((c >> k) & 1));
            result |= ((ulong)(table >> row) & 1) << k;
        }

        return result;
    }

    private static ulong Dot(ulong a, ulong b, ulong c, bool aIsSigned, bool bIsSigned)
    {
        long sum = (int)c;
        for (int k = 0; k < 4; k++)
        {
            byte x = (byte)(a >> (8 * k)), y = (byte)(b >> (8 * k));
            sum += (aIsSigned ? (sbyte)x : x) * (bIsSigned ? (sbyte)y : y);
        }

        return (uint)sum;
    }
}

// instructions: one kernel per instruction, on bit patterns. Thread i < n with active[i] computes d[i] from a[i], b[i] and c[i]; the others
// leave d[i] alone. H, R and L are registers of 16, 32 and 64 bits.

typedef unsigned short H;
typedef unsigned int R;
typedef unsigned long long L;
#define CONSTRAINT_H "h"
#define CONSTRAINT_R "r"
#define CONSTRAINT_L "l"

#define KERNEL(NAME, D, A, B, C, TEXT) \
    extern "C" __global__ void NAME(D *d, const A *a, const B *b, const C *c, const unsigned char *active, int n) \
    { \
        int i = blockIdx.x * blockDim.x + threadIdx.x; \
        if (i < n && active[i]) \
        { \
            D result; \
            asm volatile(TEXT : "=" CONSTRAINT_##D(result) : CONSTRAINT_##A(a[i]), CONSTRAINT_##B(b[i]), CONSTRAINT_##C(c[i])); \
            d[i] = result; \
        } \
    }

#define OP1(NAME, D, A, OPCODE) KERNEL(NAME, D, A, R, R, OPCODE " %0, %1;")
#define OP2(NAME, D, A, B, OPCODE) KERNEL(NAME, D, A, B, R, OPCODE " %0, %1, %2;")
#define OP3(NAME, D, A, B, C, OPCODE) KERNEL(NAME, D, A, B, C, OPCODE " %0, %1, %2, %3;")
#define COMPARE(NAME, A, OPCODE) KERNEL(NAME, R, A, A, R, "{ .reg .pred p; " OPCODE " p, %1, %2; selp.b32 %0, 1, 0, p; }")

OP2(add_u16, H, H, H, "add.u16") OP2(sub_s16, H, H, H, "sub.s16") OP2(mul_lo_s16, H, H, H, "mul.lo.s16")
OP2(mul_hi_s16, H, H, H, "mul.hi.s16") OP2(mul_hi_u16, H, H, H, "mul.hi.u16")
OP2(mul_wide_s16, R, H, H, "mul.wide.s16") OP2(mul_wide_u16, R, H, H, "mul.wide.u16")
OP2(min_s16, H, H, H, "min.s16") OP2(max_s16, H, H, H, "max.s16") OP2(min_u16, H, H, H, "min.u16") OP2(max_u16, H, H, H, "max.u16")
OP2(div_s16, H, H, H, "div.s16") OP2(div_u16, H, H, H, "div.u16") OP2(rem_s16, H, H, H, "rem.s16") OP2(rem_u16, H, H, H, "rem.u16")
OP1(neg_s16, H, H, "neg.s16") OP1(abs_s16, H, H, "abs.s16") OP1(not_b16, H, H, "not.b16")
OP2(shl_b16, H, H, R, "shl.b16") OP2(shr_u16, H, H, R, "shr.u16") OP2(shr_s16, H, H, R, "shr.s16")
OP3(mad_lo_s16, H, H, H, H, "mad.lo.s16") OP3(mad_wide_s16, R, H, H, R, "mad.wide.s16")

OP2(add_s32, R, R, R, "add.s32") OP2(sub_s32, R, R, R, "sub.s32") OP2(mul_lo_s32, R, R, R, "mul.lo.s32")
OP2(mul_hi_s32, R, R, R, "mul.hi.s32") OP2(mul_hi_u32, R, R, R, "mul.hi.u32")
OP2(mul_wide_s32, L, R, R, "mul.wide.s32") OP2(mul_wide_u32, L, R, R, "mul.wide.u32")
OP2(min_s32, R, R, R, "min.s32") OP2(max_s32, R, R, R, "max.s32") OP2(min_u32, R, R, R, "min.u32") OP2(max_u32, R, R, R, "max.u32")
OP2(div_s32, R, R, R, "div.s32") OP2(div_u32, R, R, R, "div.u32") OP2(rem_s32, R, R, R, "rem.s32") OP2(rem_u32, R, R, R, "rem.u32")
OP1(neg_s32, R, R, "neg.s32") OP1(abs_s32, R, R, "abs.s32") OP1(not_b32, R, R, "not.b32")
OP2(and_b32, R, R, R, "and.b32") OP2(or_b32, R, R, R, "or.b32") OP2(xor_b32, R, R, R, "xor.b32")
OP2(shl_b32, R, R, R, "shl.b32") OP2(shr_u32, R, R, R, "shr.u32") OP2(shr_s32, R, R, R, "shr.s32")
OP3(mad_lo_s32, R, R, R, R, "mad.lo.s32") OP3(mad_hi_s32, R, R, R, R, "mad.hi.s32") OP3(mad_hi_u32, R, R, R, R, "mad.hi.u32")
OP3(mad_wide_s32, L, R, R, L, "mad.wide.s32") OP3(mad_wide_u32, L, R, R, L, "mad.wide.u32")
OP3(sad_s32, R, R, R, R, "sad.s32") OP3(sad_u32, R, R, R, R, "sad.u32")
OP3(bfe_u32, R, R, R, R, "bfe.u32") OP3(bfe_s32, R, R, R, R, "bfe.s32")
KERNEL(bfi_b32, R, R, R, R, "{ .reg .b32 p, l; and.b32 p, %3, 63; shr.u32 l, %3, 26; bfi.b32 %0, %1, %2, p, l; }")
OP1(popc_b32, R, R, "popc.b32") OP1(clz_b32, R, R, "clz.b32") OP1(brev_b32, R, R, "brev.b32")
OP1(bfind_u32, R, R, "bfind.u32") OP1(bfind_s32, R, R, "bfind.s32") OP1(bfind_shiftamt_u32, R, R, "bfind.shiftamt.u32")
OP3(prmt_b32, R, R, R, R, "prmt.b32") OP3(prmt_f4e, R, R, R, R, "prmt.b32.f4e") OP3(prmt_b4e, R, R, R, R, "prmt.b32.b4e")
OP3(prmt_rc8, R, R, R, R, "prmt.b32.rc8") OP3(prmt_ecl, R, R, R, R, "prmt.b32.ecl") OP3(prmt_ecr, R, R, R, R, "prmt.b32.ecr")
OP3(prmt_rc16, R, R, R, R, "prmt.b32.rc16")
OP3(shf_l_wrap, R, R, R, R, "shf.l.wrap.b32") OP3(shf_l_clamp, R, R, R, R, "shf.l.clamp.b32")
OP3(shf_r_wrap, R, R, R, R, "shf.r.wrap.b32") OP3(shf_r_clamp, R, R, R, R, "shf.r.clamp.b32")
KERNEL(lop3_96, R, R, R, R, "lop3.b32 %0, %1, %2, %3, 0x96;") KERNEL(lop3_e8, R, R, R, R, "lop3.b32 %0, %1, %2, %3, 0xE8;")
KERNEL(lop3_1b, R, R, R, R, "lop3.b32 %0, %1, %2, %3, 0x1B;")
OP3(dp4a_s32, R, R, R, R, "dp4a.s32.s32") OP3(dp4a_u32, R, R, R, R, "dp4a.u32.u32") OP3(dp4a_su, R, R, R, R, "dp4a.s32.u32")

OP2(add_s64, L, L, L, "add.s64") OP2(sub_s64, L, L, L, "sub.s64") OP2(mul_lo_s64, L, L, L, "mul.lo.s64")
OP2(mul_hi_s64, L, L, L, "mul.hi.s64") OP2(mul_hi_u64, L, L, L, "mul.hi.u64")
OP2(min_s64, L, L, L, "min.s64") OP2(max_s64, L, L, L, "max.s64") OP2(min_u64, L, L, L, "min.u64") OP2(max_u64, L, L, L, "max.u64")
OP2(div_s64, L, L, L, "div.s64") OP2(div_u64, L, L, L, "div.u64") OP2(rem_s64, L, L, L, "rem.s64") OP2(rem_u64, L, L, L, "rem.u64")
OP1(neg_s64, L, L, "neg.s64") OP1(abs_s64, L, L, "abs.s64") OP1(not_b64, L, L, "not.b64")
OP2(and_b64, L, L, L, "and.b64") OP2(or_b64, L, L, L, "or.b64") OP2(xor_b64, L, L, L, "xor.b64")
OP2(shl_b64, L, L, R, "shl.b64") OP2(shr_u64, L, L, R, "shr.u64") OP2(shr_s64, L, L, R, "shr.s64")
OP3(mad_lo_s64, L, L, L, L, "mad.lo.s64")
KERNEL(bfe_u64, L, L, R, R, "bfe.u64 %0, %1, %2, %3;") KERNEL(bfe_s64, L, L, R, R, "bfe.s64 %0, %1, %2, %3;")
OP1(popc_b64, R, L, "popc.b64") OP1(clz_b64, R, L, "clz.b64") OP1(brev_b64, L, L, "brev.b64") OP1(bfind_u64, R, L, "bfind.u64") OP1(bfind_s64, R, L, "bfind.s64")

#define HALVES "{ .reg .b32 al, ah, bl, bh, dl, dh; mov.b64 {al, ah}, %1; mov.b64 {bl, bh}, %2; "
KERNEL(add_carry, L, L, L, R, HALVES "add.cc.u32 dl, al, bl; addc.u32 dh, ah, bh; mov.b64 %0, {dl, dh}; }")
KERNEL(sub_borrow, L, L, L, R, HALVES "sub.cc.u32 dl, al, bl; subc.u32 dh, ah, bh; mov.b64 %0, {dl, dh}; }")
KERNEL(mad_carry, L, L, L, R, HALVES "mad.lo.cc.u32 dl, al, bl, ah; madc.hi.u32 dh, al, bl, bh; mov.b64 %0, {dl, dh}; }")

COMPARE(setp_eq_s32, R, "setp.eq.s32") COMPARE(setp_ne_s32, R, "setp.ne.s32") COMPARE(setp_lt_s32, R, "setp.lt.s32") COMPARE(setp_le_s32, R, "setp.le.s32")
COMPARE(setp_gt_s32, R, "setp.gt.s32") COMPARE(setp_ge_s32, R, "setp.ge.s32") COMPARE(setp_lt_u32, R, "setp.lt.u32") COMPARE(setp_hs_u32, R, "setp.hs.u32")
COMPARE(setp_lt_s64, L, "setp.lt.s64") COMPARE(setp_ge_u64, L, "setp.ge.u64") COMPARE(setp_ne_s64, L, "setp.ne.s64")
COMPARE(setp_lt_s16, H, "setp.lt.s16") COMPARE(setp_gt_u16, H, "setp.gt.u16") COMPARE(setp_ge_s16, H, "setp.ge.s16") COMPARE(setp_eq_s16, H, "setp.eq.s16")
COMPARE(setp_eq_f32, R, "setp.eq.f32") COMPARE(setp_ne_f32, R, "setp.ne.f32") COMPARE(setp_lt_f32, R, "setp.lt.f32") COMPARE(setp_le_f32, R, "setp.le.f32")
COMPARE(setp_gt_f32, R, "setp.gt.f32") COMPARE(setp_ge_f32, R, "setp.ge.f32") COMPARE(setp_equ_f32, R, "setp.equ.f32") COMPARE(setp_neu_f32, R, "setp.neu.f32")
COMPARE(setp_ltu_f32, R, "setp.ltu.f32") COMPARE(setp_leu_f32, R, "setp.leu.f32") COMPARE(setp_gtu_f32, R, "setp.gtu.f32") COMPARE(setp_geu_f32, R, "setp.geu.f32")
COMPARE(setp_num_f32, R, "setp.num.f32") COMPARE(setp_nan_f32, R, "setp.nan.f32") COMPARE(setp_lt_ftz_f32, R, "setp.lt.ftz.f32")
COMPARE(setp_lt_f64, L, "setp.lt.f64") COMPARE(setp_geu_f64, L, "setp.geu.f64") COMPARE(setp_lt_f16, H, "setp.lt.f16") COMPARE(setp_neu_f16, H, "setp.neu.f16")
KERNEL(setp_and, R, R, R, R, "{ .reg .pred p, q, r; setp.ne.s32 r, %3, 0; setp.lt.and.s32 p|q, %1, %2, r; selp.b32 %0, 1, 0, p; @q add.s32 %0, %0, 2; }")
KERNEL(setp_or_not, R, R, R, R, "{ .reg .pred p, r; setp.lt.s32 r, %3, 0; setp.lt.or.s32 p, %1, %2, !r; selp.b32 %0, 1, 0, p; }")
KERNEL(set_u32_f32, R, R, R, R, "set.lt.u32.f32 %0, %1, %2;") KERNEL(set_f32_s32, R, R, R, R, "set.gt.f32.s32 %0, %1, %2;")
KERNEL(selp_b64, L, L, L, R, "{ .reg .pred p; setp.lt.s32 p, %3, 0; selp.b64 %0, %1, %2, p; }")

#define ROUNDED(OP) OP(rn) OP(rz) OP(rm) OP(rp)
#define ADD_F32(MODE) OP2(add_##MODE##_f32, R, R, R, "add." #MODE ".f32")
#define SUB_F32(MODE) OP2(sub_##MODE##_f32, R, R, R, "sub." #MODE ".f32")
#define MUL_F32(MODE) OP2(mul_##MODE##_f32, R, R, R, "mul." #MODE ".f32")
#define FMA_F32(MODE) OP3(fma_##MODE##_f32, R, R, R, R, "fma." #MODE ".f32")
ROUNDED(ADD_F32) ROUNDED(SUB_F32) ROUNDED(MUL_F32) ROUNDED(FMA_F32)
OP2(div_rn_f32, R, R, R, "div.rn.f32") OP1(rcp_rn_f32, R, R, "rcp.rn.f32") OP1(sqrt_rn_f32, R, R, "sqrt.rn.f32")
OP2(min_f32, R, R, R, "min.f32") OP2(max_f32, R, R, R, "max.f32") OP1(neg_f32, R, R, "neg.f32") OP1(abs_f32, R, R, "abs.f32")
OP2(add_ftz_f32, R, R, R, "add.ftz.f32") OP2(mul_ftz_f32, R, R, R, "mul.ftz.f32") OP3(fma_rn_ftz_f32, R, R, R, R, "fma.rn.ftz.f32")
OP2(add_sat_f32, R, R, R, "add.sat.f32") OP3(fma_rn_sat_f32, R, R, R, R, "fma.rn.sat.f32") OP2(copysign_f32, R, R, R, "copysign.f32")
OP1(ex2_approx_f32, R, R, "ex2.approx.f32") OP1(lg2_approx_f32, R, R, "lg2.approx.f32") OP1(sin_approx_f32, R, R, "sin.approx.f32")
OP1(cos_approx_f32, R, R, "cos.approx.f32") OP1(rsqrt_approx_f32, R, R, "rsqrt.approx.f32") OP1(rcp_approx_ftz_f32, R, R, "rcp.approx.ftz.f32")
OP2(div_full_f32, R, R, R, "div.full.f32") OP1(ex2_approx_ftz_f32, R, R, "ex2.approx.ftz.f32")

OP2(add_f64, L, L, L, "add.f64") OP2(sub_f64, L, L, L, "sub.f64") OP2(mul_f64, L, L, L, "mul.f64") OP3(fma_rn_f64, L, L, L, L, "fma.rn.f64")
OP2(div_rn_f64, L, L, L, "div.rn.f64") OP1(sqrt_rn_f64, L, L, "sqrt.rn.f64") OP2(min_f64, L, L, L, "min.f64") OP2(max_f64, L, L, L, "max.f64")
OP1(neg_f64, L, L, "neg.f64") OP1(abs_f64, L, L, "abs.f64")

OP2(add_f16, H, H, H, "add.f16") OP2(sub_f16, H, H, H, "sub.f16") OP2(mul_f16, H, H, H, "mul.f16") OP3(fma_rn_f16, H, H, H, H, "fma.rn.f16")
OP1(neg_f16, H, H, "neg.f16")
OP2(add_f16x2, R, R, R, "add.f16x2") OP2(mul_f16x2, R, R, R, "mul.f16x2") OP3(fma_rn_f16x2, R, R, R, R, "fma.rn.f16x2")

#define CONVERT(NAME, D, A, SUFFIX) OP1(cvt_##NAME, D, A, "cvt." SUFFIX)
CONVERT(s64_s32, L, R, "s64.s32") CONVERT(u64_u32, L, R, "u64.u32") CONVERT(u32_u64, R, L, "u32.u64") CONVERT(s32_s16, R, H, "s32.s16")
CONVERT(u32_u16, R, H, "u32.u16") CONVERT(s32_s8, R, R, "s32.s8") CONVERT(u32_u8, R, R, "u32.u8") CONVERT(s16_s8, H, H, "s16.s8") CONVERT(u16_u32, H, R, "u16.u32")
CONVERT(sat_s8_s32, R, R, "sat.s8.s32") CONVERT(sat_u8_s32, R, R, "sat.u8.s32") CONVERT(sat_u32_s64, R, L, "sat.u32.s64") CONVERT(s64_s16, L, H, "s64.s16")
CONVERT(rn_f32_s32, R, R, "rn.f32.s32") CONVERT(rn_f32_u32, R, R, "rn.f32.u32") CONVERT(rn_f32_s64, R, L, "rn.f32.s64") CONVERT(rn_f32_u64, R, L, "rn.f32.u64")
CONVERT(rz_f32_s32, R, R, "rz.f32.s32") CONVERT(rm_f32_u64, R, L, "rm.f32.u64") CONVERT(rp_f32_s64, R, L, "rp.f32.s64") CONVERT(rn_f64_s32, L, R, "rn.f64.s32")
CONVERT(rn_f64_u64, L, L, "rn.f64.u64") CONVERT(rn_f64_s64, L, L, "rn.f64.s64") CONVERT(rn_f16_s32, H, R, "rn.f16.s32") CONVERT(rn_f32_u16, R, H, "rn.f32.u16")
CONVERT(rni_s32_f32, R, R, "rni.s32.f32") CONVERT(rzi_s32_f32, R, R, "rzi.s32.f32") CONVERT(rmi_s32_f32, R, R, "rmi.s32.f32") CONVERT(rpi_s32_f32, R, R, "rpi.s32.f32")
CONVERT(rzi_u32_f32, R, R, "rzi.u32.f32") CONVERT(rzi_s64_f32, L, R, "rzi.s64.f32") CONVERT(rzi_u64_f64, L, L, "rzi.u64.f64") CONVERT(rni_s32_f64, R, L, "rni.s32.f64")
CONVERT(rzi_u16_f32, H, R, "rzi.u16.f32") CONVERT(rzi_s16_f16, H, H, "rzi.s16.f16") CONVERT(rni_f32_f32, R, R, "rni.f32.f32") CONVERT(rzi_f32_f32, R, R, "rzi.f32.f32")
CONVERT(rmi_f32_f32, R, R, "rmi.f32.f32") CONVERT(rpi_f32_f32, R, R, "rpi.f32.f32") CONVERT(sat_f32_f32, R, R, "sat.f32.f32") CONVERT(rni_f64_f64, L, L, "rni.f64.f64")
CONVERT(f32_f16, R, H, "f32.f16") CONVERT(rn_f16_f32, H, R, "rn.f16.f32") CONVERT(rz_f16_f32, H, R, "rz.f16.f32") CONVERT(f64_f32, L, R, "f64.f32")
CONVERT(rn_f32_f64, R, L, "rn.f32.f64") CONVERT(rz_f32_f64, R, L, "rz.f32.f64") CONVERT(rm_f32_f64, R, L, "rm.f32.f64") CONVERT(rp_f32_f64, R, L, "rp.f32.f64")
CONVERT(rn_f16_f64, H, L, "rn.f16.f64") CONVERT(ftz_f32_f32, R, R, "ftz.f32.f32")

#if __CUDA_ARCH__ >= 800
OP3(fma_rn_bf16, H, H, H, H, "fma.rn.bf16") OP3(fma_rn_bf16x2, R, R, R, R, "fma.rn.bf16x2")
OP2(min_bf16, H, H, H, "min.bf16") OP2(max_f16, H, H, H, "max.f16") OP2(min_f16, H, H, H, "min.f16") OP1(neg_bf16, H, H, "neg.bf16")
CONVERT(rn_bf16_f32, H, R, "rn.bf16.f32") CONVERT(rz_bf16_f32, H, R, "rz.bf16.f32") OP2(cvt_rn_bf16x2_f32, R, R, R, "cvt.rn.bf16x2.f32")
OP2(cvt_rn_f16x2_f32, R, R, R, "cvt.rn.f16x2.f32") OP1(tanh_approx_f32, R, R, "tanh.approx.f32")
#endif

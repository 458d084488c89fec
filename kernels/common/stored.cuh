// Parameters whose storage type is known only at run time: for kernels that read few of them, so that they need no
// variant per type.
#pragma once
#include "common/types.cuh"

// The numbers of ElementType.
enum StoredType {
    STORAGE_F32 = 0,
    STORAGE_F16 = 1,
    STORAGE_BF16 = 2,
};

__device__ __forceinline__ f32 load_stored(const void* data, int type, i64 index) {
    switch (type) {
        case STORAGE_F16:
            return to_f32(static_cast<const f16*>(data)[index]);
        case STORAGE_BF16:
            return to_f32(static_cast<const bf16*>(data)[index]);
        default:
            return static_cast<const f32*>(data)[index];
    }
}

// Four neighbours at once; the address must be aligned to the four of them.
__device__ __forceinline__ float4 load_stored_quad(const void* data, int type, i64 index) {
    if (type == STORAGE_F32) {
        return *reinterpret_cast<const float4*>(static_cast<const f32*>(data) + index);
    }
    uint2 words = *reinterpret_cast<const uint2*>(static_cast<const u16*>(data) + index);
    u16 a = (u16)words.x, b = (u16)(words.x >> 16), c = (u16)words.y, d = (u16)(words.y >> 16);
    return type == STORAGE_F16 ? make_float4(to_f32(f16{a}), to_f32(f16{b}), to_f32(f16{c}), to_f32(f16{d}))
                               : make_float4(to_f32(bf16{a}), to_f32(bf16{b}), to_f32(bf16{c}), to_f32(bf16{d}));
}

// Rounds to nearest even where the type is narrower.
__device__ __forceinline__ void store_stored(void* data, int type, i64 index, f32 value) {
    switch (type) {
        case STORAGE_F16:
            static_cast<f16*>(data)[index] = from_f32<f16>(value);
            break;
        case STORAGE_BF16:
            static_cast<bf16*>(data)[index] = from_f32<bf16>(value);
            break;
        default:
            static_cast<f32*>(data)[index] = value;
            break;
    }
}

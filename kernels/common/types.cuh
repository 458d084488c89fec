// Storage types, conversions and 16-byte packed accesses, without toolkit headers.
//
// A parameter is stored as f32, f16 or bf16 (the macro STORAGE names one of them); all arithmetic is f32. Widening is
// exact, narrowing rounds to nearest even.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

typedef float f32;

struct f16 {
    u16 bits;
};

struct bf16 {
    u16 bits;
};

__device__ __forceinline__ f32 to_f32(f32 value) { return value; }

__device__ __forceinline__ f32 to_f32(f16 value) {
    f32 result;
    asm("cvt.f32.f16 %0, %1;" : "=f"(result) : "h"(value.bits));
    return result;
}

__device__ __forceinline__ f32 to_f32(bf16 value) { return __uint_as_float((u32)value.bits << 16); }

// Narrowing: from_f32<f16>(x).
template <typename T>
__device__ __forceinline__ T from_f32(f32 value);

template <>
__device__ __forceinline__ f32 from_f32<f32>(f32 value) { return value; }

template <>
__device__ __forceinline__ f16 from_f32<f16>(f32 value) {
    f16 result;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(result.bits) : "f"(value));
    return result;
}

// In integers, since the instruction came with compute capability 8.0; NaN stays NaN.
template <>
__device__ __forceinline__ bf16 from_f32<bf16>(f32 value) {
    u32 bits = __float_as_uint(value);
    u32 rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
    u32 quiet = (bits >> 16) | 0x40u;
    return bf16{(u16)(value == value ? rounded : quiet)};
}

// 16 bytes of T: four f32, or eight of the 16-bit types.
template <typename T>
struct alignas(16) packed {
    static constexpr int count = 16 / sizeof(T);
    T values[count];
};

// Address and pointer must be 16-byte aligned.
template <typename T>
__device__ __forceinline__ packed<T> load_packed(const T* address) {
    uint4 words = *reinterpret_cast<const uint4*>(address);
    packed<T> result;
    *reinterpret_cast<uint4*>(&result) = words;
    return result;
}

template <typename T>
__device__ __forceinline__ void store_packed(T* address, const packed<T>& value) {
    *reinterpret_cast<uint4*>(address) = *reinterpret_cast<const uint4*>(&value);
}

// The same for data that one block reads once (weights): past the first-level cache, which is left to what is reused.
template <typename T>
__device__ __forceinline__ packed<T> load_packed_once(const T* address) {
    packed<T> result;
    uint4& words = *reinterpret_cast<uint4*>(&result);
    asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
        : "=r"(words.x), "=r"(words.y), "=r"(words.z), "=r"(words.w)
        : "l"(address));
    return result;
}

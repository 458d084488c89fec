// Tensor cores and asynchronous copies, which want compute capability 8.0.
#pragma once
#include "common/types.cuh"

// The factors of one mma m16n8k16, as the lanes of a warp hold them. Lane l has of the first factor (16 × 16) rows l / 4
// and l / 4 + 8, of the second (16 × 8) column l / 4; and of both the depths 2q, 2q + 1 and 2q + 8, 2q + 9, q = l mod 4,
// two to a word. Of the sums (16 × 8) it has rows l / 4 and l / 4 + 8, columns 2q and 2q + 1.
//
// sums += rows · columns; words (row l / 4, low depths), (row l / 4 + 8, low), (row l / 4, high), (row l / 4 + 8, high).
template <typename T>
__device__ __forceinline__ void mma(f32 (&sums)[4], u32 low, u32 low_below, u32 high, u32 high_below, u32 column_low, u32 column_high);

template <>
__device__ __forceinline__ void mma<f16>(f32 (&sums)[4], u32 low, u32 low_below, u32 high, u32 high_below, u32 column_low, u32 column_high) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
        : "r"(low), "r"(low_below), "r"(high), "r"(high_below), "r"(column_low), "r"(column_high));
}

template <>
__device__ __forceinline__ void mma<bf16>(f32 (&sums)[4], u32 low, u32 low_below, u32 high, u32 high_below, u32 column_low, u32 column_high) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
        : "r"(low), "r"(low_below), "r"(high), "r"(high_below), "r"(column_low), "r"(column_high));
}

// Two neighbours rounded to nearest even, the first in the lower half.
template <typename T>
__device__ __forceinline__ u32 narrow_pair(f32 first, f32 second);

template <>
__device__ __forceinline__ u32 narrow_pair<f16>(f32 first, f32 second) {
    u32 pair;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(second), "f"(first));
    return pair;
}

template <>
__device__ __forceinline__ u32 narrow_pair<bf16>(f32 first, f32 second) {
    u32 pair;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(second), "f"(first));
    return pair;
}

// 16 bytes of shared memory in one access, which the compiler would make two of where their halves are used apart.
__device__ __forceinline__ uint4 load_shared(const uint4* address) {
    uint4 words;
    asm volatile("ld.shared.v4.u32 {%0, %1, %2, %3}, [%4];"
        : "=r"(words.x), "=r"(words.y), "=r"(words.z), "=r"(words.w)
        : "r"((u32)__cvta_generic_to_shared(address))
        : "memory");
    return words;
}

// Starts a copy of 16 bytes to shared memory, past the first-level cache. Both addresses are 16-byte aligned.
__device__ __forceinline__ void copy_async(void* shared, const void* global) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" : : "r"((u32)__cvta_generic_to_shared(shared)), "l"(global) : "memory");
}

// Ends a group of copies.
__device__ __forceinline__ void commit_copies() { asm volatile("cp.async.commit_group;" : : : "memory"); }

// Waits until at most so many of this thread's groups are under way. Other threads' copies need a barrier after it.
template <int groups>
__device__ __forceinline__ void wait_for_copies() {
    asm volatile("cp.async.wait_group %0;" : : "n"(groups) : "memory");
}

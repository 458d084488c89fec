// Sums and maxima over a warp, over a block, and over a row, each in one fixed order.
#pragma once
#include "common/types.cuh"

constexpr u32 all_lanes = 0xFFFFFFFFu;

// Every lane gets the result: a butterfly, so that all of them add in the same order.
template <typename T>
__device__ __forceinline__ T warp_sum(T value) {
#pragma unroll
    for (int offset = 16; offset > 0; offset >>= 1) {
        value += __shfl_xor_sync(all_lanes, value, offset);
    }
    return value;
}

__device__ __forceinline__ f32 warp_max(f32 value) {
#pragma unroll
    for (int offset = 16; offset > 0; offset >>= 1) {
        value = fmaxf(value, __shfl_xor_sync(all_lanes, value, offset));
    }
    return value;
}

// Every thread of a block of warps · 32 gets the result. Ends with a barrier.
template <int warps, typename T>
__device__ __forceinline__ T block_sum(T value) {
    __shared__ T room[warps];
    value = warp_sum(value);
    if ((threadIdx.x & 31) == 0) {
        room[threadIdx.x >> 5] = value;
    }
    __syncthreads();  // every warp's value is there
    T result = room[0];
#pragma unroll
    for (int warp = 1; warp < warps; warp++) {
        result += room[warp];
    }
    __syncthreads();  // every thread has read them
    return result;
}

// The same for the largest; room holds one value per warp, and may be used again at once.
template <int warps>
__device__ __forceinline__ f32 block_max(f32 value, f32* room) {
    value = warp_max(value);
    if ((threadIdx.x & 31) == 0) {
        room[threadIdx.x >> 5] = value;
    }
    __syncthreads();  // every warp's value is there
    f32 result = room[0];
#pragma unroll
    for (int warp = 1; warp < warps; warp++) {
        result = fmaxf(result, room[warp]);
    }
    __syncthreads();  // every thread has read them
    return result;
}

// Mean and variance of a row, in an order that depends on its length alone. Element i belongs to slice
// (i / 32) mod row_slices; a slice is summed by one warp, slices are added in order: layer_norm and every kernel that
// normalises on the way get the same bits.
constexpr int row_slices = 8;

// Sum over one slice of x: the whole warp calls it, every lane gets the result.
__device__ __forceinline__ f32 slice_sum(const f32* row, int length, int slice, int lane) {
    f32 sum = 0;
    for (int i = slice * 32 + lane; i < length; i += row_slices * 32) {
        sum += row[i];
    }
    return warp_sum(sum);
}

// Sum over one slice of (x − mean)².
__device__ __forceinline__ f32 slice_square_sum(const f32* row, int length, int slice, int lane, f32 mean) {
    f32 sum = 0;
    for (int i = slice * 32 + lane; i < length; i += row_slices * 32) {
        f32 deviation = row[i] - mean;
        sum = fmaf(deviation, deviation, sum);
    }
    return warp_sum(sum);
}

// Adds the slices in their order.
__device__ __forceinline__ f32 slices_total(const f32* slices) {
    f32 result = slices[0];
#pragma unroll
    for (int slice = 1; slice < row_slices; slice++) {
        result += slices[slice];
    }
    return result;
}

constexpr f32 layer_norm_epsilon = 1e-5f;

// The factor of layer normalisation, from a row's sum of squared deviations.
__device__ __forceinline__ f32 row_scale(f32 square_sum, int length) {
    return 1.0f / sqrtf(square_sum / (f32)length + layer_norm_epsilon);
}

// The whole of layer normalisation of one element: one spelling, so that no two kernels round differently.
__device__ __forceinline__ f32 normalised(f32 value, f32 mean, f32 scale, f32 gain, f32 bias) {
    return fmaf((value - mean) * scale, gain, bias);
}

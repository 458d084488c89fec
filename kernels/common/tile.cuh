// One block's tile of a matrix product in f32: 128 rows by 64 columns for 128 threads, 8 by 8 of them for each. Every
// sum is one chain of fused multiply-adds in order of depth, so a result does not depend on where in a tile it lies.
//
// Both factors lie in shared memory with the depth outermost, 16 deep, in two stages: one is filled while the other is
// multiplied. A thread has rows 4i … 4i + 3 and 64 + 4i … 64 + 4i + 3, and columns 4j … 4j + 3 and 32 + 4j … 32 + 4j + 3,
// i and j being the thread's index over 8 and modulo 8.
#pragma once
#include "common/types.cuh"

constexpr int tile_block = 128;
constexpr int tile_rows = 128;
constexpr int tile_columns = 64;
constexpr int tile_depth = 16;

struct TileStage {
    f32 rows[tile_depth][tile_rows];
    f32 columns[tile_depth][tile_columns];
};

// Where row or column m lies at depth k. Four neighbouring lanes store four depths each of one row, eight such groups
// neighbouring rows; and a thread's sums, when they are stored as rows, have depths that are multiples of four: rows are
// exchanged, four by four, so that these land in different banks.
__device__ __forceinline__ int tile_place(int k, int m) { return m ^ (8 * ((k >> 2) & 3)) ^ (4 * ((k >> 4) & 1)); }

__device__ __forceinline__ int tile_row(int i) { return 64 * (i / 4) + 4 * ((int)threadIdx.x / 8) + i % 4; }

__device__ __forceinline__ int tile_column(int j) { return 32 * (j / 4) + 4 * ((int)threadIdx.x % 8) + j % 4; }

// What one thread brings from global memory into a stage: four rows at four depths each, and two times four columns at
// one depth, or two columns at four depths.
struct TileLoad {
    float4 rows[4];
    float4 columns[2];

    // A row, or a column of a matrix that has its columns' depths side by side: the first of its four depths, its index.
    static __device__ __forceinline__ int depth_of_quads() { return 4 * ((int)threadIdx.x % 4); }
    static __device__ __forceinline__ int line(int i) { return (int)threadIdx.x / 4 + 32 * i; }

    // Four columns side by side: their depth, the first of them.
    static __device__ __forceinline__ int column_depth(int i) { return (int)threadIdx.x / 16 + 8 * i; }
    static __device__ __forceinline__ int column() { return 4 * ((int)threadIdx.x % 16); }

    __device__ __forceinline__ void store_rows(TileStage& stage) const {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            store_line(stage.rows, line(i), rows[i]);
        }
    }

    template <bool depths_together>
    __device__ __forceinline__ void store_columns(f32 (*target)[tile_columns]) const {
#pragma unroll
        for (int i = 0; i < 2; i++) {
            if constexpr (depths_together) {
                store_line(target, line(i), columns[i]);
            } else {
                const int k = column_depth(i);
                *reinterpret_cast<float4*>(&target[k][tile_place(k, column())]) = columns[i];
            }
        }
    }

private:
    template <int width>
    static __device__ __forceinline__ void store_line(f32 (*target)[width], int index, float4 depths) {
        const int k = depth_of_quads(), place = tile_place(k, index);
        target[k][place] = depths.x;
        target[k + 1][place] = depths.y;
        target[k + 2][place] = depths.z;
        target[k + 3][place] = depths.w;
    }
};

struct TileSums {
    f32 values[8][8] = {};

    // values += rows · columns over 16 depths; those of the rows are first_depth and on.
    __device__ __forceinline__ void add(const f32 (*rows)[tile_rows], const f32 (*columns)[tile_columns], int first_depth = 0) {
#pragma unroll 4
        for (int k = 0; k < tile_depth; k++) {
            f32 a[8], b[8];
#pragma unroll
            for (int half = 0; half < 2; half++) {
                *reinterpret_cast<float4*>(a + 4 * half) = *reinterpret_cast<const float4*>(&rows[first_depth + k][tile_place(first_depth + k, tile_row(4 * half))]);
                *reinterpret_cast<float4*>(b + 4 * half) = *reinterpret_cast<const float4*>(&columns[k][tile_place(k, tile_column(4 * half))]);
            }
#pragma unroll
            for (int i = 0; i < 8; i++) {
#pragma unroll
                for (int j = 0; j < 8; j++) {
                    values[i][j] = fmaf(a[i], b[j], values[i][j]);
                }
            }
        }
    }
};

// sums += rows · columns over a whole depth. load(first, target) fetches 16 depths from `first` on, zeros past the last;
// seen(stage) is called for each 16 when they are there. Ends with a barrier.
template <bool depths_together, typename Load, typename Seen>
__device__ __forceinline__ void tile_product(TileStage (&stages)[2], int depth, TileSums& sums, Load load, Seen seen) {
    TileLoad next;
    for (int first = -tile_depth, stage = 1; first < depth; first += tile_depth, stage ^= 1) {
        __syncthreads();  // this stage is filled, the other has been read
        const bool more = first + tile_depth < depth;
        if (more) {
            load(first + tile_depth, next);
        }
        if (first >= 0) {
            seen(stages[stage]);
            sums.add(stages[stage].rows, stages[stage].columns);
        }
        if (more) {
            next.store_rows(stages[stage ^ 1]);
            next.store_columns<depths_together>(stages[stage ^ 1].columns);
        }
    }
    __syncthreads();  // both stages have been read
}

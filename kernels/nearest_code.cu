// nearest_code:  codes[r] = argmin over j of (Σ x² − 2 · x·k_j) + Σ k_j²,  the lowest index on ties.
//
// Shapes     x (R, C), codebook (K, C) f32;  codes (R) i32.
// Geometry   grid (R / 128), block 128: one block for 128 rows, over all codes in tiles of 64.
// Shared     26 KB static.
// Traffic    reads x once for every 64 codes, and the codebook once for every 128 rows, from cache but for the first:
//            bound by arithmetic.
// Precision  f32; every sum is one chain over the channels, the squares unfused, as on the host. No codes are equal but
//            in all bits of their distances.
// Limits     any R, K, C ≥ 1. A row that is not finite gets code 0.
// Reference  ReferenceOps.Distances.
#include "common/reduce.cuh"
#include "common/tile.cuh"

struct NearestCodeArgs {
    const f32* x;         // (R, C)
    const f32* codebook;  // (K, C)
    int* codes;           // (R)
    int row_count;        // R
    int code_count;       // K
    int width;            // C
};

static_assert(sizeof(NearestCodeArgs) == NEAREST_CODE_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");
static_assert(NEAREST_CODE_BLOCK == tile_block && tile_block == tile_rows, "a thread for each row's norm");

// Four channels of a row of a matrix (count, width), zeros outside.
__device__ __forceinline__ float4 load_quad(const f32* matrix, int count, int width, int row, int c) {
    if (row >= count) {
        return make_float4(0, 0, 0, 0);
    }
    const f32* address = matrix + (i64)row * width + c;
    return make_float4(
        c < width ? address[0] : 0, c + 1 < width ? address[1] : 0, c + 2 < width ? address[2] : 0, c + 3 < width ? address[3] : 0);
}

// sum + Σ x² over the 16 depths of one row or column of a stage.
template <int width>
__device__ __forceinline__ f32 add_squares(f32 sum, const f32 (*lines)[width], int index) {
#pragma unroll
    for (int k = 0; k < tile_depth; k++) {
        const f32 value = lines[k][tile_place(k, index)];
        sum = __fadd_rn(sum, __fmul_rn(value, value));
    }
    return sum;
}

// The nearest code so far of one row, among those that a thread has seen: in ascending order.
struct Nearest {
    f32 distance = __int_as_float(0x7F800000);
    int code = 0;

    __device__ __forceinline__ void offer(f32 other_distance, int other_code) {
        const bool nearer = other_distance < distance || (other_distance == distance && other_code < code);
        distance = nearer ? other_distance : distance;
        code = nearer ? other_code : code;
    }
};

extern "C" __global__ void __launch_bounds__(NEAREST_CODE_BLOCK, 2) nearest_code(const NearestCodeArgs args) {
    __shared__ TileStage stages[2];
    __shared__ f32 row_norms[tile_rows];
    __shared__ f32 code_norms[tile_columns];
    const int first_row = blockIdx.x * tile_rows;
    Nearest nearest[8];
    for (int first_code = 0; first_code < args.code_count; first_code += tile_columns) {
        TileSums products;
        f32 row_norm = 0, code_norm = 0;
        tile_product<true>(
            stages, args.width, products,
            [&](int first_depth, TileLoad& target) {
                const int c = first_depth + TileLoad::depth_of_quads();
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    target.rows[i] = load_quad(args.x, args.row_count, args.width, first_row + TileLoad::line(i), c);
                }
#pragma unroll
                for (int i = 0; i < 2; i++) {
                    target.columns[i] = load_quad(args.codebook, args.code_count, args.width, first_code + TileLoad::line(i), c);
                }
            },
            [&](const TileStage& stage) {
                row_norm = add_squares(row_norm, stage.rows, threadIdx.x);
                code_norm = add_squares(code_norm, stage.columns, threadIdx.x % tile_columns);
            });
        row_norms[threadIdx.x] = row_norm;
        if (threadIdx.x < tile_columns) {
            code_norms[threadIdx.x] = code_norm;  // the block's other half has the same
        }
        __syncthreads();  // the norms are there
#pragma unroll
        for (int i = 0; i < 8; i++) {
#pragma unroll
            for (int j = 0; j < 8; j++) {
                const int code = first_code + tile_column(j);
                const f32 product = products.values[i][j];
                const f32 distance = __fadd_rn(__fadd_rn(row_norms[tile_row(i)], -__fadd_rn(product, product)), code_norms[tile_column(j)]);
                if (code < args.code_count) {
                    nearest[i].offer(distance, code);
                }
            }
        }
        __syncthreads();  // the norms have been read
    }

    // Eight lanes have the codes of a row.
#pragma unroll
    for (int i = 0; i < 8; i++) {
#pragma unroll
        for (int offset = 4; offset > 0; offset >>= 1) {
            const f32 distance = __shfl_xor_sync(all_lanes, nearest[i].distance, offset);
            const int code = __shfl_xor_sync(all_lanes, nearest[i].code, offset);
            nearest[i].offer(distance, code);
        }
        const int row = first_row + tile_row(i);
        if (threadIdx.x % 8 == 0 && row < args.row_count) {
            args.codes[row] = nearest[i].code;
        }
    }
}

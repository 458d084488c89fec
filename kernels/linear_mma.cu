// linear_mma:  y = activation(norm(x) · W + b) + residual on tensor cores, for a step's few rows and a chunk's many
//
// Shapes     x (R, Cin) f32;  W packed as linear_pack says;  b (Cout) f32;  residual, y (R, Cout) f32;  gain, bias (Cin) of
//            any stored type;  caches (N, L, S) storage.  y may be the residual.
// Geometry   linear_mma_step: grid (Cout / 16), block 256: a warp for each segment of the channels.
//            linear_mma_chunk: grid (Cout / 128, R / 64), block 128: a warp has 64 outputs of 32 rows.
//            linear_mma_prepare, before a chunk, and before a step of more than 8 rows that has a norm: grid (R, up to
//            whole tiles of 8), block 256: a block has a row.
// Shared     step 19 KB, chunk 48 KB, prepare 320 bytes, static.
// Traffic    a step reads W once: bound by memory, 32 KB of it asked for ahead in each block. A chunk reads W for each
//            64 rows and x for each 128 outputs: bound by arithmetic.
// Precision  x rounded once to storage, exact products, f32 sums in the order of linear.cuh.
// Limits     any R, Cin, Cout >= 1; R <= 16 for a step, 64 · 65,535 for a chunk.
// Reference  ReferenceOps.Linear, ReferenceOps.LayerNorm.
#include "common/linear.cuh"
#include "common/mma.cuh"

static_assert(sizeof(LinearArgs) == LINEAR_MMA_STEP_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");

constexpr int tile_outputs = LINEAR_MMA_TILE;
constexpr int tile_rows = 8;
constexpr int matrix_pieces = 2;  // 16 bytes a lane of a group of a tile of the matrix; one of a tile of rows
constexpr int ahead = LINEAR_STEP_AHEAD_BYTES / (512 * matrix_pieces);  // groups

static_assert(LINEAR_MMA_STEP_BLOCK == 32 * segment_count, "a warp for each segment");
static_assert(LINEAR_MMA_PREPARE_BLOCK == 32 * row_slices, "a warp for each slice of a row");
static_assert(LINEAR_MMA_CHUNK_BLOCK == 128, "four warps");

// sums += the products of one group: outputs l / 4 (upper) and l / 4 + 8 (lower) of a tile by 8 rows of x. Each lane has
// eight neighbouring channels of each; the two mma take the first four and the last four as the depths that it has of them.
__device__ __forceinline__ void add_group(f32 (&sums)[4], const uint4& upper, const uint4& lower, const uint4& x) {
    mma<STORAGE>(sums, upper.x, lower.x, upper.y, lower.y, x.x, x.y);
    mma<STORAGE>(sums, upper.z, lower.z, upper.w, lower.w, x.z, x.w);
}

struct StepShared {
    RowNorms norms;
    alignas(16) STORAGE x[segment_count][step_rows][group_channels];  // each warp's group
    // Rows 20 apart, so that a warp's sums lie in different banks as it leaves them (eight neighbours of four rows two
    // apart) and as it takes them (sixteen of two rows four apart).
    f32 sums[segment_count][step_rows][20];
};

// Adds up the segments of a step and finishes the sums.
template <int tiles>
__device__ __forceinline__ void finish_step(const LinearArgs& args, const f32 (&sums)[tiles][4], StepShared& shared) {
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
#pragma unroll
    for (int tile = 0; tile < tiles; tile++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            shared.sums[warp][tile * tile_rows + 2 * (lane % 4) + i % 2][lane / 4 + 8 * (i / 2)] = sums[tile][i];
        }
    }
    __syncthreads();  // every segment's sums are there

    const int row = warp % 4 + 8 * (warp / 4) + 4 * (lane / 16), within = lane % 16, output = blockIdx.x * tile_outputs + within;
    if (row < args.rows && output < args.outputs) {
        f32 total = 0;
#pragma unroll
        for (int segment = 0; segment < segment_count; segment++) {
            total += shared.sums[segment][row][within];
        }
        LinearRow(args, row).store(args, output, total);
    }
}

// A step that takes its rows as they are, and normalises them itself.
template <int most_rows, bool normed>
__device__ __forceinline__ void step(const LinearArgs& args, StepShared& shared) {
    constexpr int tiles = (most_rows + tile_rows - 1) / tile_rows;
    const int lane = threadIdx.x & 31, segment = threadIdx.x >> 5, groups = group_count(args.inputs);
    const int first = segment_start(segment, groups), end = segment_start(segment + 1, groups);
    GroupStream<ahead, matrix_pieces> matrix(args.matrix, blockIdx.x, groups, first, end);  // on its way while rows are normalised
    constexpr int inputs_ahead = most_rows == 1 ? ahead : 1;  // as registers allow: each waits for the L2 cache
    StepInput<most_rows, normed> inputs[inputs_ahead];
#pragma unroll
    for (int slot = 0; slot < inputs_ahead; slot++) {
        inputs[slot].load(args, first + slot);
    }
    if constexpr (normed) {
        norm_rows<most_rows>(args.x, args.rows, args.inputs, shared.norms);
    }

    uint4* words = reinterpret_cast<uint4*>(shared.x[segment]);
#pragma unroll
    for (int tile = 0; tile < tiles; tile++) {
        words[tile * 32 + lane] = make_uint4(0, 0, 0, 0);  // rows that are not there
    }
    f32 sums[tiles][4] = {};
    for (int base = first; base < end; base += ahead) {
#pragma unroll
        for (int slot = 0; slot < ahead; slot++) {
            const int group = base + slot;
            if (group < end) {
                __syncwarp();  // the group before has been read
                inputs[slot % inputs_ahead].store(args.rows, shared.norms, shared.x[segment]);
                inputs[slot % inputs_ahead].load(args, group + inputs_ahead);
                __syncwarp();  // this one is there
#pragma unroll
                for (int tile = 0; tile < tiles; tile++) {
                    add_group(sums[tile], matrix.words[slot][0], matrix.words[slot][1], load_shared(words + tile * 32 + lane));
                }
                matrix.load(slot, group + ahead);
            }
        }
    }
    finish_step(args, sums, shared);
}

// A step whose two tiles of rows are prepared.
__device__ __forceinline__ void prepared_step(const LinearArgs& args, StepShared& shared) {
    const int segment = threadIdx.x >> 5, groups = group_count(args.inputs);
    const int first = segment_start(segment, groups), end = segment_start(segment + 1, groups);
    GroupStream<ahead, matrix_pieces> matrix(args.matrix, blockIdx.x, groups, first, end);
    GroupStream<ahead, 1> upper(args.prepared, 0, groups, first, end), lower(args.prepared, 1, groups, first, end);
    f32 sums[2][4] = {};
    for (int base = first; base < end; base += ahead) {
#pragma unroll
        for (int slot = 0; slot < ahead; slot++) {
            const int group = base + slot;
            if (group < end) {
                add_group(sums[0], matrix.words[slot][0], matrix.words[slot][1], upper.words[slot][0]);
                add_group(sums[1], matrix.words[slot][0], matrix.words[slot][1], lower.words[slot][0]);
                matrix.load(slot, group + ahead);
                upper.load(slot, group + ahead);
                lower.load(slot, group + ahead);
            }
        }
    }
    finish_step(args, sums, shared);
}

extern "C" __global__ void __launch_bounds__(LINEAR_MMA_STEP_BLOCK, 2) linear_mma_step(const LinearArgs args) {
    __shared__ StepShared shared;
    const bool normed = args.norm.gain != nullptr;
    if (args.prepared != nullptr) {
        prepared_step(args, shared);
    } else if (args.rows == 1) {
        normed ? step<1, true>(args, shared) : step<1, false>(args, shared);
    } else if (args.rows <= fused_rows) {
        normed ? step<fused_rows, true>(args, shared) : step<fused_rows, false>(args, shared);
    } else {
        step<step_rows, false>(args, shared);
    }
}

// x for a chunk, and for a step of more rows than it normalises itself: normalised if there is a norm, rounded to storage; tiles of 8 rows, in each group by group, row by
// row, 32 channels. Rows and channels past the last are zeros.
extern "C" __global__ void __launch_bounds__(LINEAR_MMA_PREPARE_BLOCK) linear_mma_prepare(const LinearArgs args) {
    __shared__ RowNorms norms;
    const int row = blockIdx.x, groups = group_count(args.inputs);
    const bool present = row < args.rows;
    const f32* x = args.x + (i64)row * args.inputs;
    RowNorm row_norm;
    if (present && args.norm.gain != nullptr) {  // a whole block or none of it
        norm_rows<1>(x, 1, args.inputs, norms);
        row_norm = norms.rows[0];
    }

    STORAGE* prepared = const_cast<STORAGE*>(args.prepared) + ((i64)(row / tile_rows) * groups * tile_rows + row % tile_rows) * group_channels;
#pragma unroll 2
    for (int channel = threadIdx.x; channel < groups * group_channels; channel += LINEAR_MMA_PREPARE_BLOCK) {
        f32 value = 0;
        if (present && channel < args.inputs) {
            ChannelNorm norm;
            norm.load(args, channel);
            value = normalised(x[channel], row_norm.mean, row_norm.scale, norm.gain, norm.bias);
        }
        prepared[(i64)(channel / group_channels) * tile_rows * group_channels + channel % group_channels] = from_f32<STORAGE>(value);
    }
}

constexpr int chunk_outputs = LINEAR_CHUNK_OUTPUTS;
constexpr int chunk_rows = LINEAR_CHUNK_ROWS;
constexpr int chunk_tiles = chunk_outputs / tile_outputs;
constexpr int chunk_row_tiles = chunk_rows / tile_rows;
constexpr int warp_tiles = chunk_tiles / 2;          // of outputs, and
constexpr int warp_row_tiles = chunk_row_tiles / 2;  // of rows: warps stand two by two
constexpr int stage_count = 4;

struct ChunkStage {
    uint4 matrix[chunk_tiles * matrix_pieces][32];
    uint4 x[chunk_row_tiles][32];
};

union ChunkShared {
    ChunkStage stages[stage_count];
    // Rows 132 apart, so that a warp's sums, eight neighbours of four rows two apart, lie in different banks.
    f32 sums[chunk_rows][chunk_outputs + 4];
};

// Copies a block's part of one group. Tiles past the last are copies of it: nobody reads what comes of them.
__device__ __forceinline__ void copy_group(const LinearArgs& args, ChunkStage& stage, int group, int groups) {
    const int last_tile = (args.outputs - 1) / tile_outputs, last_row_tile = (args.rows - 1) / tile_rows;
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    const uint4* matrix = reinterpret_cast<const uint4*>(args.matrix);
    const uint4* prepared = reinterpret_cast<const uint4*>(args.prepared);
#pragma unroll
    for (int first = 0; first < chunk_tiles * matrix_pieces; first += LINEAR_MMA_CHUNK_BLOCK / 32) {
        const int piece = first + warp;
        const i64 tile = min((int)blockIdx.x * chunk_tiles + piece / matrix_pieces, last_tile);
        copy_async(&stage.matrix[piece][lane], matrix + ((tile * groups + group) * matrix_pieces + piece % matrix_pieces) * 32 + lane);
    }
#pragma unroll
    for (int first = 0; first < chunk_row_tiles; first += LINEAR_MMA_CHUNK_BLOCK / 32) {
        const i64 tile = min((int)blockIdx.y * chunk_row_tiles + first + warp, last_row_tile);
        copy_async(&stage.x[first + warp][lane], prepared + (tile * groups + group) * 32 + lane);
    }
}

struct ChunkSums {
    f32 values[warp_tiles][warp_row_tiles][4] = {};

    // += the products of one group.
    __device__ __forceinline__ void add(const ChunkStage& stage, int first_tile, int first_row_tile) {
        const int lane = threadIdx.x & 31;
        uint4 x[warp_row_tiles];
#pragma unroll
        for (int r = 0; r < warp_row_tiles; r++) {
            x[r] = stage.x[first_row_tile + r][lane];
        }
#pragma unroll
        for (int t = 0; t < warp_tiles; t++) {
            const uint4 upper = stage.matrix[matrix_pieces * (first_tile + t)][lane], lower = stage.matrix[matrix_pieces * (first_tile + t) + 1][lane];
#pragma unroll
            for (int r = 0; r < warp_row_tiles; r++) {
                add_group(values[t][r], upper, lower, x[r]);
            }
        }
    }

    // The sums of a segment, which become zeros again.
    __device__ __forceinline__ void take(ChunkSums& segment) {
#pragma unroll
        for (int i = 0; i < warp_tiles * warp_row_tiles * 4; i++) {
            f32& sum = segment.values[i / 4 / warp_row_tiles][i / 4 % warp_row_tiles][i % 4];
            values[i / 4 / warp_row_tiles][i / 4 % warp_row_tiles][i % 4] += sum;
            sum = 0;
        }
    }
};

extern "C" __global__ void __launch_bounds__(LINEAR_MMA_CHUNK_BLOCK) linear_mma_chunk(const LinearArgs args) {
    __shared__ ChunkShared shared;
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, groups = group_count(args.inputs);
    const int first_tile = warp % 2 * warp_tiles, first_row_tile = warp / 2 * warp_row_tiles;
    ChunkSums sums, totals;
#pragma unroll
    for (int group = 0; group < stage_count - 1; group++) {
        if (group < groups) {
            copy_group(args, shared.stages[group], group, groups);
        }
        commit_copies();
    }

    int end = segment_end(0, groups);
    for (int group = 0; group < groups; group++) {
        wait_for_copies<stage_count - 2>();
        __syncthreads();  // this group is there, and everyone is done with the one before, whose stage is filled next
        if (group + stage_count - 1 < groups) {
            copy_group(args, shared.stages[(group + stage_count - 1) % stage_count], group + stage_count - 1, groups);
        }
        commit_copies();
        sums.add(shared.stages[group % stage_count], first_tile, first_row_tile);
        if (group + 1 == end) {
            end = segment_end(end, groups);
            totals.take(sums);
        }
    }

    __syncthreads();  // everyone is done with the stages, where the sums go
#pragma unroll
    for (int i = 0; i < warp_tiles * warp_row_tiles * 4; i++) {
        const int t = i / 4 / warp_row_tiles, r = i / 4 % warp_row_tiles, output = (first_tile + t) * tile_outputs + lane / 4 + i % 4 / 2 * 8;
        shared.sums[(first_row_tile + r) * tile_rows + 2 * (lane % 4) + i % 2][output] = totals.values[t][r][i % 4];
    }
    __syncthreads();  // every sum is there
    const int first_row = blockIdx.y * chunk_rows, first_output = blockIdx.x * chunk_outputs;
    for (int r = warp; r < min(chunk_rows, args.rows - first_row); r += LINEAR_MMA_CHUNK_BLOCK / 32) {
        const LinearRow row(args, first_row + r);
        for (int o = lane; o < min(chunk_outputs, args.outputs - first_output); o += 32) {
            row.store(args, first_output + o, shared.sums[r][o]);
        }
    }
}

// linear_fma:  y = activation(norm(x) · W + b) + residual without tensor cores, for a step's few rows and a chunk's many
//
// Shapes     x (R, Cin) f32;  W packed as linear_pack says;  b (Cout) f32;  residual, y (R, Cout) f32;  gain, bias (Cin) of
//            any stored type;  caches (N, L, S) storage.  y may be the residual.
// Geometry   linear_fma_step: grid (Cout / 32), block 256: a warp for each segment of the channels, a lane for each output.
//            linear_fma_chunk: grid (Cout / 64, R / 64), block 256: a thread has 4 outputs of 4 rows.  With more than 8 rows
//            neither takes a norm: layer_norm comes before.
// Shared     step 17 KB, chunk 17 KB, static.
// Traffic    a step reads W once: bound by memory, 32 KB of it asked for ahead in each block. A chunk reads W for each
//            64 rows and x for each 64 outputs: bound by arithmetic.
// Precision  f32, in the order of linear.cuh, fused multiply-adds in order of channels.
// Limits     any R, Cin, Cout >= 1; R <= 16 for a step, 64 · 65,535 for a chunk.
// Reference  ReferenceOps.Linear, ReferenceOps.LayerNorm.
#include "common/linear.cuh"

static_assert(sizeof(LinearArgs) == LINEAR_FMA_STEP_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");
static_assert(LINEAR_FMA_STEP_BLOCK == 32 * segment_count, "a warp for each segment");

constexpr int tile_outputs = LINEAR_FMA_TILE;
constexpr int piece_channels = packed<STORAGE>::count;                 // 16 bytes of one output
constexpr int group_pieces = group_channels / piece_channels;          // of a tile
constexpr int ahead = LINEAR_STEP_AHEAD_BYTES / (512 * group_pieces);  // groups

static_assert(tile_outputs == 32, "a lane for each output");

__device__ __forceinline__ void unpack(const uint4& words, f32 (&values)[piece_channels]) {
    const packed<STORAGE> piece = *reinterpret_cast<const packed<STORAGE>*>(&words);
#pragma unroll
    for (int i = 0; i < piece_channels; i++) {
        values[i] = to_f32(piece.values[i]);
    }
}

struct StepShared {
    RowNorms norms;
    // Of each warp: its group of x, and when it is done with those, its sums.
    alignas(16) f32 room[segment_count][step_rows][group_channels];
};

template <int most_rows, bool normed>
__device__ __forceinline__ void step(const LinearArgs& args, StepShared& shared) {
    const int lane = threadIdx.x & 31, segment = threadIdx.x >> 5, groups = group_count(args.inputs), rows = args.rows;
    const int first = segment_start(segment, groups), end = segment_start(segment + 1, groups);
    GroupStream<ahead, group_pieces> matrix(args.matrix, blockIdx.x, groups, first, end);  // on its way while rows are normalised
    StepInput<most_rows, normed> input;
    input.load(args, first);
    if constexpr (normed) {
        norm_rows<most_rows>(args.x, rows, args.inputs, shared.norms);
    }

    f32 (*room)[group_channels] = shared.room[segment];
    f32 sums[most_rows] = {};
    for (int base = first; base < end; base += ahead) {
#pragma unroll
        for (int slot = 0; slot < ahead; slot++) {
            const int group = base + slot;
            if (group < end) {
                __syncwarp();  // the group before has been read
                input.store(rows, shared.norms, room);
                input.load(args, group + 1);
                __syncwarp();  // this one is there
#pragma unroll
                for (int piece = 0; piece < group_pieces; piece++) {
                    f32 weights[piece_channels];
                    unpack(matrix.words[slot][piece], weights);
#pragma unroll
                    for (int row = 0; row < most_rows; row++) {
                        if (row < rows) {
#pragma unroll
                            for (int i = 0; i < piece_channels; i += 4) {
                                const float4 x4 = *reinterpret_cast<const float4*>(&room[row][piece * piece_channels + i]);
                                sums[row] = fmaf(x4.x, weights[i], sums[row]);
                                sums[row] = fmaf(x4.y, weights[i + 1], sums[row]);
                                sums[row] = fmaf(x4.z, weights[i + 2], sums[row]);
                                sums[row] = fmaf(x4.w, weights[i + 3], sums[row]);
                            }
                        }
                    }
                }
                matrix.load(slot, group + ahead);
            }
        }
    }

    __syncwarp();  // the last group has been read
#pragma unroll
    for (int row = 0; row < most_rows; row++) {
        room[row][lane] = sums[row];
    }
    __syncthreads();  // every segment's sums are there

    const int output = blockIdx.x * tile_outputs + lane;
    for (int row = segment; row < rows && output < args.outputs; row += segment_count) {
        f32 total = 0;
#pragma unroll
        for (int s = 0; s < segment_count; s++) {
            total += shared.room[s][row][lane];
        }
        LinearRow(args, row).store(args, output, total);
    }
}

extern "C" __global__ void __launch_bounds__(LINEAR_FMA_STEP_BLOCK, 1) linear_fma_step(const LinearArgs args) {
    __shared__ StepShared shared;
    const bool normed = args.norm.gain != nullptr;
    if (args.rows == 1) {
        normed ? step<1, true>(args, shared) : step<1, false>(args, shared);
    } else if (args.rows <= fused_rows) {
        normed ? step<fused_rows, true>(args, shared) : step<fused_rows, false>(args, shared);
    } else {
        step<step_rows, false>(args, shared);
    }
}

constexpr int chunk_outputs = LINEAR_CHUNK_OUTPUTS;
constexpr int chunk_rows = LINEAR_CHUNK_ROWS;
constexpr int thread_outputs = 4;
constexpr int thread_rows = 4;
constexpr int threads_across = chunk_outputs / thread_outputs;

static_assert(threads_across * (chunk_rows / thread_rows) == LINEAR_FMA_CHUNK_BLOCK, "a thread for each 4 by 4 sums");

struct ChunkStage {
    f32 matrix[group_channels][chunk_outputs];
    // Rows 36 apart, so that quads of neighbouring rows lie in different banks.
    f32 x[chunk_rows][group_channels + 4];
};

union alignas(16) ChunkShared {
    ChunkStage stage;
    f32 sums[chunk_rows][chunk_outputs + 4];
};

// A thread's part of one group, on its way into shared memory.
struct ChunkLoad {
    static constexpr int tile_pieces = group_pieces * 32;
    static constexpr int pieces = chunk_outputs / tile_outputs * tile_pieces / LINEAR_FMA_CHUNK_BLOCK;
    static constexpr int values = chunk_rows * group_channels / LINEAR_FMA_CHUNK_BLOCK;

    uint4 words[pieces];
    f32 x[values];

    // Tiles past the last are copies of it: nobody reads what comes of them.
    __device__ __forceinline__ void load(const LinearArgs& args, int group, int groups) {
        const i64 last_tile = (args.outputs - 1) / tile_outputs;
        const uint4* matrix = reinterpret_cast<const uint4*>(args.matrix);
#pragma unroll
        for (int i = 0; i < pieces; i++) {
            const int piece = i * LINEAR_FMA_CHUNK_BLOCK + threadIdx.x;
            const i64 tile = min((i64)blockIdx.x * (chunk_outputs / tile_outputs) + piece / tile_pieces, last_tile);
            words[i] = matrix[(tile * groups + group) * tile_pieces + piece % tile_pieces];
        }
        const int channel = group * group_channels + threadIdx.x % 32;
#pragma unroll
        for (int i = 0; i < values; i++) {
            const int row = blockIdx.y * chunk_rows + i * (LINEAR_FMA_CHUNK_BLOCK / 32) + threadIdx.x / 32;
            x[i] = row < args.rows && channel < args.inputs ? args.x[(i64)row * args.inputs + channel] : 0;
        }
    }

    __device__ __forceinline__ void store(ChunkStage& stage) const {
#pragma unroll
        for (int i = 0; i < pieces; i++) {
            const int piece = i * LINEAR_FMA_CHUNK_BLOCK + threadIdx.x;
            const int output = piece / tile_pieces * tile_outputs + piece % 32, channel = piece % tile_pieces / 32 * piece_channels;
            f32 weights[piece_channels];
            unpack(words[i], weights);
#pragma unroll
            for (int k = 0; k < piece_channels; k++) {
                stage.matrix[channel + k][output] = weights[k];
            }
        }
#pragma unroll
        for (int i = 0; i < values; i++) {
            stage.x[i * (LINEAR_FMA_CHUNK_BLOCK / 32) + threadIdx.x / 32][threadIdx.x % 32] = x[i];
        }
    }
};

struct ChunkSums {
    f32 values[thread_rows][thread_outputs] = {};

    // += the products of one group, in order of channels.
    __device__ __forceinline__ void add(const ChunkStage& stage, int first_row, int first_output) {
#pragma unroll
        for (int quad = 0; quad < group_channels; quad += 4) {
            f32 x[thread_rows][4];
#pragma unroll
            for (int r = 0; r < thread_rows; r++) {
                *reinterpret_cast<float4*>(x[r]) = *reinterpret_cast<const float4*>(&stage.x[first_row + r][quad]);
            }
#pragma unroll
            for (int k = 0; k < 4; k++) {
                f32 weights[thread_outputs];
                *reinterpret_cast<float4*>(weights) = *reinterpret_cast<const float4*>(&stage.matrix[quad + k][first_output]);
#pragma unroll
                for (int i = 0; i < thread_rows * thread_outputs; i++) {
                    f32& sum = values[i / thread_outputs][i % thread_outputs];
                    sum = fmaf(x[i / thread_outputs][k], weights[i % thread_outputs], sum);
                }
            }
        }
    }

    // The sums of a segment, which become zeros again.
    __device__ __forceinline__ void take(ChunkSums& segment) {
#pragma unroll
        for (int i = 0; i < thread_rows * thread_outputs; i++) {
            f32& sum = segment.values[i / thread_outputs][i % thread_outputs];
            values[i / thread_outputs][i % thread_outputs] += sum;
            sum = 0;
        }
    }
};

extern "C" __global__ void __launch_bounds__(LINEAR_FMA_CHUNK_BLOCK, 2) linear_fma_chunk(const LinearArgs args) {
    __shared__ ChunkShared shared;
    const int groups = group_count(args.inputs);
    const int first_output = threadIdx.x % threads_across * thread_outputs, first_row = threadIdx.x / threads_across * thread_rows;
    ChunkSums sums, totals;
    ChunkLoad load;
    load.load(args, 0, groups);
    int end = segment_end(0, groups);
    for (int group = 0; group < groups; group++) {
        __syncthreads();  // everyone is done with the group before
        load.store(shared.stage);
        __syncthreads();  // this one is there
        if (group + 1 < groups) {
            load.load(args, group + 1, groups);
        }
        sums.add(shared.stage, first_row, first_output);
        if (group + 1 == end) {
            end = segment_end(end, groups);
            totals.take(sums);
        }
    }

    __syncthreads();  // everyone is done with the stage, where the sums go
#pragma unroll
    for (int r = 0; r < thread_rows; r++) {
        const f32 (&sum)[thread_outputs] = totals.values[r];
        *reinterpret_cast<float4*>(&shared.sums[first_row + r][first_output]) = make_float4(sum[0], sum[1], sum[2], sum[3]);
    }
    __syncthreads();  // every sum is there
    const int block_row = blockIdx.y * chunk_rows, block_output = blockIdx.x * chunk_outputs;
    for (int r = threadIdx.x / 32; r < min(chunk_rows, args.rows - block_row); r += LINEAR_FMA_CHUNK_BLOCK / 32) {
        const LinearRow row(args, block_row + r);
        for (int o = threadIdx.x % 32; o < min(chunk_outputs, args.outputs - block_output); o += 32) {
            row.store(args, block_output + o, shared.sums[r][o]);
        }
    }
}

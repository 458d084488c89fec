// What the kernels of a linear layer share: packed matrices, the order of sums, norms of rows, and what becomes of a sum.
//
// The order of a sum depends on Cin alone, so a row's values are the same bits in a step, in a chunk and in any company.
// Channels come in groups of 32, groups in 8 segments of consecutive ones. A segment is one chain; segments are added in
// their order. Of a step each warp has a segment; a chunk's threads take all segments in turn.
#pragma once
#include "common/attention_pattern.cuh"
#include "common/reduce.cuh"
#include "common/stored.cuh"

constexpr int group_channels = 32;
constexpr int segment_count = 8;
constexpr int step_rows = LINEAR_STEP_ROWS;
constexpr int fused_rows = LINEAR_FUSED_ROWS;  // so many rows at most are normalised by the blocks of a step, each for itself

__device__ __forceinline__ int group_count(int inputs) { return (inputs + group_channels - 1) / group_channels; }

// First group of a segment.
__device__ __forceinline__ int segment_start(int segment, int groups) { return segment * groups / segment_count; }

// End of the segment that a group belongs to.
__device__ __forceinline__ int segment_end(int group, int groups) {
    return segment_start((segment_count * (group + 1) - 1) / groups + 1, groups);
}

// A layer norm of the input; its C# twin is LinearNormArgs.
struct LinearNormArgs {
    const void* gain;  // (Cin) of a stored type; none: no norm
    const void* bias;  // (Cin)
    int type;          // StoredType
};

// Caches that the last 2S output channels go to; its C# twin is LinearAppendArgs.
struct LinearAppendArgs {
    STORAGE* keys;      // (N, L, S); none: no caches
    STORAGE* values;    // (N, L, S)
    const int* cursor;  // (2): the first position
    int row_count;      // T: rows of an item
    int slot_count;     // L
    int width;          // S
    AttentionPatternArgs pattern;
};

struct LinearArgs {
    const f32* x;             // (R, Cin)
    const STORAGE* prepared;  // x as linear_mma_prepare leaves it: for chunks, and steps that do not norm for themselves; or none
    const STORAGE* matrix;    // packed
    const f32* bias;          // (Cout) or none
    const f32* residual;      // (R, Cout) or none; may be y
    f32* y;                   // (R, Cout)
    LinearNormArgs norm;
    LinearAppendArgs append;
    int rows;     // R
    int inputs;   // Cin
    int outputs;  // Cout
    int gelu;     // not 0: QuickGELU
};

// Where one row of the output goes.
struct LinearRow {
    f32* y;
    const f32* residual;
    STORAGE* keys;    // slot of its position, or none
    STORAGE* values;

    __device__ __forceinline__ LinearRow(const LinearArgs& args, int row) {
        const i64 start = (i64)row * args.outputs;  // R·Cout can pass 2³¹
        y = args.y + start;
        residual = args.residual == nullptr ? nullptr : args.residual + start;
        keys = values = nullptr;
        const LinearAppendArgs& append = args.append;
        if (append.keys != nullptr) {
            const int slot = append.pattern.slot(append.cursor[0] + row % append.row_count);
            if (slot >= 0) {
                const i64 place = ((i64)(row / append.row_count) * append.slot_count + slot) * append.width;
                keys = append.keys + place;
                values = append.values + place;
            }
        }
    }

    // Finishes one sum of products. What goes to the caches does not go to y.
    __device__ __forceinline__ void store(const LinearArgs& args, int output, f32 sum) const {
        if (args.bias != nullptr) {
            sum += args.bias[output];
        }
        if (args.gelu) {
            sum /= 1.0f + expf(-1.702f * sum);
        }
        if (residual != nullptr) {
            sum += residual[output];
        }
        const int width = args.append.width;
        if (args.append.keys == nullptr || output < args.outputs - 2 * width) {
            y[output] = sum;
        } else if (keys != nullptr) {
            const int channel = output - (args.outputs - 2 * width);
            (channel < width ? keys[channel] : values[channel - width]) = from_f32<STORAGE>(sum);
        }
    }
};

// Mean and scale of one row; at first those that change nothing.
struct RowNorm {
    f32 mean = 0;
    f32 scale = 1;
};

// Gain and bias of one channel; at first those that change nothing.
struct ChannelNorm {
    f32 gain = 1;
    f32 bias = 0;

    __device__ __forceinline__ void load(const LinearArgs& args, int channel) {
        if (args.norm.gain != nullptr && channel < args.inputs) {
            gain = load_stored(args.norm.gain, args.norm.type, channel);
            bias = load_stored(args.norm.bias, args.norm.type, channel);
        }
    }
};

// Norms of as many rows as a step normalises itself at most, found by a block.
struct RowNorms {
    f32 slices[fused_rows][row_slices];
    RowNorm rows[fused_rows];
};

// Sums of a step's rows over one slice, or of squared deviations from the means: a block of one warp per slice. Rows are
// taken side by side, so that their loads overlap. Ends with a barrier.
template <int most_rows, bool squares>
__device__ __forceinline__ void sum_slices(const f32* x, int rows, int width, RowNorms& norms) {
    static_assert(segment_count == row_slices, "the warps of a step are both");
    const int lane = threadIdx.x & 31, slice = threadIdx.x >> 5;
    f32 sums[most_rows] = {};
#pragma unroll(most_rows > 1 ? 2 : 8)
    for (int i = slice * 32 + lane; i < width; i += row_slices * 32) {
#pragma unroll
        for (int row = 0; row < most_rows; row++) {
            if (row < rows) {
                const f32 value = x[(i64)row * width + i];
                if constexpr (squares) {
                    const f32 deviation = value - norms.rows[row].mean;
                    sums[row] = fmaf(deviation, deviation, sums[row]);
                } else {
                    sums[row] += value;
                }
            }
        }
    }
#pragma unroll
    for (int row = 0; row < most_rows; row++) {
        sums[row] = warp_sum(sums[row]);
        if (lane == 0) {
            norms.slices[row][slice] = sums[row];
        }
    }
    __syncthreads();  // every slice's sums are there
}

// Fills the norms as layer_norm does. Ends with a barrier.
template <int most_rows>
__device__ __forceinline__ void norm_rows(const f32* x, int rows, int width, RowNorms& norms) {
    const int row = threadIdx.x;
    sum_slices<most_rows, false>(x, rows, width, norms);
    if (row < most_rows) {
        norms.rows[row].mean = slices_total(norms.slices[row]) / (f32)width;
    }
    __syncthreads();  // means are there; slices may be written again
    sum_slices<most_rows, true>(x, rows, width, norms);
    if (row < most_rows) {
        norms.rows[row].scale = row_scale(slices_total(norms.slices[row]), width);
    }
    __syncthreads();  // norms are there
}

// One group of a step's rows on its way into shared memory, a channel in each lane.
template <int most_rows, bool normed>
struct StepInput {
    f32 values[most_rows];
    ChannelNorm norm;

    // Channels past the last are zeros.
    __device__ __forceinline__ void load(const LinearArgs& args, int group) {
        const int channel = group * group_channels + (threadIdx.x & 31);
#pragma unroll
        for (int row = 0; row < most_rows; row++) {
            if (row < args.rows) {
                values[row] = channel < args.inputs ? args.x[(i64)row * args.inputs + channel] : 0;
            }
        }
        if constexpr (normed) {
            norm.load(args, channel);
        }
    }

    // Rows that are not there are left alone.
    template <typename T>
    __device__ __forceinline__ void store(int rows, const RowNorms& norms, T (*target)[group_channels]) const {
#pragma unroll
        for (int row = 0; row < most_rows; row++) {
            if (row < rows) {
                f32 value = values[row];
                if constexpr (normed) {
                    value = normalised(value, norms.rows[row].mean, norms.rows[row].scale, norm.gain, norm.bias);
                }
                target[row][threadIdx.x & 31] = from_f32<T>(value);
            }
        }
    }
};

// 16 bytes that a block reads once, in one access.
__device__ __forceinline__ uint4 load_words_once(const uint4* address) {
    const packed<u32> loaded = load_packed_once(reinterpret_cast<const u32*>(address));
    return make_uint4(loaded.values[0], loaded.values[1], loaded.values[2], loaded.values[3]);
}

// The groups of a tile that one warp of a step reads, of a packed matrix or of prepared rows, `ahead` of them under way.
// A group of a tile is `pieces` times 512 bytes, 16 for each lane, and a tile's groups lie one after the other.
template <int ahead, int pieces>
struct GroupStream {
    uint4 words[ahead][pieces];
    const uint4* next;  // this lane's first 16 bytes of the tile
    int end;            // group after the segment's last

    __device__ __forceinline__ GroupStream(const STORAGE* tiles, int tile, int groups, int first, int end_group) {
        next = reinterpret_cast<const uint4*>(tiles) + (i64)tile * groups * pieces * 32 + (threadIdx.x & 31);
        end = end_group;
#pragma unroll
        for (int slot = 0; slot < ahead; slot++) {
            load(slot, first + slot);
        }
    }

    __device__ __forceinline__ void load(int slot, int group) {
        if (group < end) {
#pragma unroll
            for (int piece = 0; piece < pieces; piece++) {
                words[slot][piece] = load_words_once(next + ((i64)group * pieces + piece) * 32);
            }
        }
    }
};

// conv1d:  y[n,t] = residual[n,t] + scale · (Σ_j f(x[n, t · stride − padding + j · dilation]) · W[j] + bias),  f = ReLU or nothing;
//          conv1d_transposed: y[n, s · stride − padding + j] += x[n,s] · W[j], plus bias;
//          conv1d_residual_block: y[n,t] = x[n, t + shift] + scale · (W₂ · ReLU(W₁ ∗ ReLU(x) + bias₁) + bias₂).
//
// Shapes     x (N, T, Cin), y and residual (N, T', Cout) f32;  W (taps, Cin, Cout) of any storage;  bias (Cout) f32.
//            T' is free: x is zero outside its T positions.
// Geometry   grid (T' / 128, Cout / 64, N), block 128: one block for each tile of the matrix product of unfolded inputs,
//            whose depth is taps · Cin, with the weights. The transposed one is `stride` such products, of the outputs
//            t ≡ phase: grid (stride · T' / stride / 128, …). A residual block keeps 128 positions of its hidden
//            signal: grid (T' / 128, 1, N).
// Shared     24 KB static; residual block 40 KB.
// Traffic    reads Cin · taps inputs of each position for every 64 outputs, from cache but for the first: bound by arithmetic.
// Precision  f32; the sum is one chain over taps, then channels.
// Limits     T' < 2³¹, Cout / 64 and N < 65,536; a residual block's hidden channels <= 64.
// Reference  ReferenceOps.Conv1d, ReferenceOps.TransposedConv1d.
#include "common/stored.cuh"
#include "common/tile.cuh"

struct Conv1dArgs {
    const f32* x;         // (N, T, Cin)
    const void* weight;   // (taps, Cin, Cout)
    const f32* bias;      // (Cout)
    const f32* residual;  // (N, T', Cout), or null
    f32* y;               // (N, T', Cout)
    i64 residual_item;    // elements from one item's residual to the next
    int weight_type;
    int input_length;   // T
    int output_length;  // T'
    int input_width;    // Cin
    int output_width;   // Cout
    int taps;
    int stride;
    int dilation;
    int padding;
    int relu;
    f32 scale;
    int input_quads;   // not 0: four channels of x can be loaded at once
    int weight_quads;  // the same for the weights
    int output_quads;  // the same for bias, residual and y
};

struct Conv1dTransposedArgs {
    Conv1dArgs conv;
};

struct Conv1dResidualBlockArgs {
    Conv1dArgs conv;           // the dilated filter: Cout is the hidden channels; the residual is x from the shift on
    const void* point_weight;  // (1, Cout, Cin)
    const f32* point_bias;     // (Cin)
    int point_type;
    int point_quads;
};

static_assert(sizeof(Conv1dArgs) == CONV1D_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");
static_assert(sizeof(Conv1dTransposedArgs) == CONV1D_TRANSPOSED_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");
static_assert(sizeof(Conv1dResidualBlockArgs) == CONV1D_RESIDUAL_BLOCK_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");
static_assert(CONV1D_BLOCK == tile_block && CONV1D_TRANSPOSED_BLOCK == tile_block && CONV1D_RESIDUAL_BLOCK_BLOCK == tile_block, "the tile's threads");

// Outputs that share their taps: all of a convolution's, or every stride-th of a transposed one's.
struct Phase {
    int row_count;
    int first_output;
    int output_step;
    int first_tap;
    int tap_step;
    int tap_count;
    int first_input;  // of the first output, at the first tap
    int input_step;   // from one output to the next
    int tap_input_step;
};

__device__ __forceinline__ Phase whole_convolution(const Conv1dArgs& args) {
    return Phase{args.output_length, 0, 1, 0, 1, args.taps, -args.padding, args.stride, args.dilation};
}

// Output t takes input s through tap t + padding − s · stride.
__device__ __forceinline__ Phase transposed_phase(const Conv1dArgs& args, int phase) {
    const int step = args.stride, first_tap = (phase + args.padding) % step;
    const int row_count = (args.output_length - phase + step - 1) / step;
    const int tap_count = max(0, (args.taps - first_tap + step - 1) / step);
    return Phase{row_count, phase, step, first_tap, step, tap_count, (phase + args.padding - first_tap) / step, 1, -1};
}

// Sixteen depths of unfolded inputs for 128 rows from first_row on.
struct InputLoader {
    const Conv1dArgs& args;
    const Phase& phase;
    const f32* x;  // one item's
    int first_row;

    __device__ __forceinline__ f32 element(int k, int row) const {
        const int tap = k / args.input_width, channel = k % args.input_width;
        const int position = phase.first_input + row * phase.input_step + tap * phase.tap_input_step;
        const bool inside = tap < phase.tap_count && row < phase.row_count && position >= 0 && position < args.input_length;
        return inside ? x[(i64)position * args.input_width + channel] : 0.0f;
    }

    __device__ __forceinline__ float4 quad(int k, int row) const {
        if (args.input_quads == 0) {
            return make_float4(element(k, row), element(k + 1, row), element(k + 2, row), element(k + 3, row));
        }
        const int tap = k / args.input_width, channel = k % args.input_width;
        const int position = phase.first_input + row * phase.input_step + tap * phase.tap_input_step;
        const bool inside = tap < phase.tap_count && row < phase.row_count && position >= 0 && position < args.input_length;
        return inside ? *reinterpret_cast<const float4*>(x + (i64)position * args.input_width + channel) : make_float4(0, 0, 0, 0);
    }

    __device__ __forceinline__ void operator()(int first_depth, TileLoad& target) const {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            float4 quad4 = quad(first_depth + TileLoad::depth_of_quads(), first_row + TileLoad::line(i));
            if (args.relu) {
                quad4 = make_float4(fmaxf(quad4.x, 0), fmaxf(quad4.y, 0), fmaxf(quad4.z, 0), fmaxf(quad4.w, 0));
            }
            target.rows[i] = quad4;
        }
    }
};

// Sixteen depths of a matrix (depth, width), 64 columns from first_column on. Depth k is the matrix's row
// row_of(k), or none when that is negative.
template <typename RowOf>
__device__ __forceinline__ void load_columns(
    const void* matrix, int type, int width, bool quads, int first_column, int first_depth, RowOf row_of, TileLoad& target) {
    const int column = first_column + TileLoad::column();
#pragma unroll
    for (int i = 0; i < 2; i++) {
        const i64 row = row_of(first_depth + TileLoad::column_depth(i));
        float4 loaded = make_float4(0, 0, 0, 0);
        if (row >= 0 && column < width) {
            if (quads) {
                loaded = load_stored_quad(matrix, type, row * width + column);
            } else {
                f32* elements = &loaded.x;
#pragma unroll
                for (int e = 0; e < 4; e++) {
                    elements[e] = column + e < width ? load_stored(matrix, type, row * width + column + e) : 0.0f;
                }
            }
        }
        target.columns[i] = loaded;
    }
}

// sums = unfolded inputs · weights for one tile.
__device__ __forceinline__ void convolve(
    const Conv1dArgs& args, const Phase& phase, int item, int first_row, int first_column, TileStage (&stages)[2], TileSums& sums) {
    const InputLoader inputs{args, phase, args.x + (i64)item * args.input_length * args.input_width, first_row};
    const int depth = phase.tap_count * args.input_width;
    tile_product<false>(stages, depth, sums, [&](int first_depth, TileLoad& target) {
        inputs(first_depth, target);
        load_columns(
            args.weight, args.weight_type, args.output_width, args.weight_quads != 0, first_column, first_depth,
            [&](int k) -> i64 {
                const int tap = phase.first_tap + k / args.input_width * phase.tap_step;
                return k < depth ? (i64)tap * args.input_width + k % args.input_width : -1;
            },
            target);
    }, [](const TileStage&) {});
}

// The one spelling of what becomes of a sum: each step rounds, and without a residual not even zero is added.
__device__ __forceinline__ f32 finished(f32 sum, f32 bias, f32 scale, bool has_residual, f32 residual) {
    const f32 value = __fmul_rn(__fadd_rn(sum, bias), scale);
    return has_residual ? __fadd_rn(value, residual) : value;
}

// Where a tile's sums go, and what is added to them.
struct TileTarget {
    const f32* bias;      // (width)
    const f32* residual;  // or null
    f32* y;
    i64 row_step;  // from row to row of the tile, for both
    int row_count;
    int width;
    f32 scale;
    bool quads;  // four channels can be accessed at once

    __device__ __forceinline__ void store(const TileSums& sums, int first_row, int first_column) const {
#pragma unroll
        for (int i = 0; i < 8; i++) {
            const int row = first_row + tile_row(i);
            if (row >= row_count) {
                continue;
            }
#pragma unroll
            for (int j = 0; j < 8; j += 4) {
                const int column = first_column + tile_column(j);
                const i64 place = row * row_step + column;
                if (quads && column < width) {
                    store_quad(&sums.values[i][j], place, column);
                } else {
                    store_elements(&sums.values[i][j], place, column);
                }
            }
        }
    }

private:
    __device__ __forceinline__ void store_quad(const f32* sums, i64 place, int column) const {
        const float4 b = *reinterpret_cast<const float4*>(bias + column);
        const bool add = residual != nullptr;
        const float4 r = add ? *reinterpret_cast<const float4*>(residual + place) : make_float4(0, 0, 0, 0);
        *reinterpret_cast<float4*>(y + place) = make_float4(
            finished(sums[0], b.x, scale, add, r.x), finished(sums[1], b.y, scale, add, r.y),
            finished(sums[2], b.z, scale, add, r.z), finished(sums[3], b.w, scale, add, r.w));
    }

    __device__ __forceinline__ void store_elements(const f32* sums, i64 place, int column) const {
#pragma unroll
        for (int e = 0; e < 4; e++) {
            if (column + e < width) {
                const bool add = residual != nullptr;
                y[place + e] = finished(sums[e], bias[column + e], scale, add, add ? residual[place + e] : 0.0f);
            }
        }
    }
};

__device__ __forceinline__ void convolve_and_store(const Conv1dArgs& args, const Phase& phase, int first_row) {
    __shared__ TileStage stages[2];
    const int item = blockIdx.z, first_column = blockIdx.y * tile_columns;
    TileSums sums;
    convolve(args, phase, item, first_row, first_column, stages, sums);
    const i64 first = (i64)phase.first_output * args.output_width;
    const TileTarget target{
        args.bias, args.residual == nullptr ? nullptr : args.residual + item * args.residual_item + first,
        args.y + (i64)item * args.output_length * args.output_width + first, (i64)phase.output_step * args.output_width, phase.row_count,
        args.output_width, args.scale, args.output_quads != 0};
    target.store(sums, first_row, first_column);
}

// hidden[channel][row] = ReLU(sum + bias), placed as the rows of a product whose depth the channels are.
__device__ __forceinline__ void store_hidden(const TileSums& sums, const f32* bias, int width, f32 (*hidden)[tile_rows]) {
#pragma unroll
    for (int j = 0; j < 8; j++) {
        const int channel = tile_column(j);
        const f32 added = channel < width ? bias[channel] : 0.0f;
#pragma unroll
        for (int i = 0; i < 8; i += 4) {
            *reinterpret_cast<float4*>(&hidden[channel][tile_place(channel, tile_row(i))]) = make_float4(
                fmaxf(__fadd_rn(sums.values[i][j], added), 0), fmaxf(__fadd_rn(sums.values[i + 1][j], added), 0),
                fmaxf(__fadd_rn(sums.values[i + 2][j], added), 0), fmaxf(__fadd_rn(sums.values[i + 3][j], added), 0));
        }
    }
}

extern "C" __global__ void __launch_bounds__(CONV1D_BLOCK, 3) conv1d(const Conv1dArgs args) {
    convolve_and_store(args, whole_convolution(args), blockIdx.x * tile_rows);
}

extern "C" __global__ void __launch_bounds__(CONV1D_TRANSPOSED_BLOCK, 2) conv1d_transposed(const Conv1dTransposedArgs args) {
    const int phase = blockIdx.x % args.conv.stride, tile = blockIdx.x / args.conv.stride;
    convolve_and_store(args.conv, transposed_phase(args.conv, phase), tile * tile_rows);
}

extern "C" __global__ void __launch_bounds__(CONV1D_RESIDUAL_BLOCK_BLOCK, 2) conv1d_residual_block(const Conv1dResidualBlockArgs args) {
    // The hidden signal takes the place of the stages, and of 16 KB more.
    __shared__ union {
        TileStage stages[2];
        struct {
            f32 hidden[tile_columns][tile_rows];
            f32 columns[tile_depth][tile_columns];
        };
    } room;
    const Conv1dArgs& conv = args.conv;
    const int item = blockIdx.z, first_row = blockIdx.x * tile_rows, hidden_width = conv.output_width, width = conv.input_width;
    TileSums sums;
    convolve(conv, whole_convolution(conv), item, first_row, 0, room.stages, sums);
    store_hidden(sums, conv.bias, hidden_width, room.hidden);
    const TileTarget target{
        args.point_bias, conv.residual + item * conv.residual_item, conv.y + (i64)item * conv.output_length * width,
        width, conv.output_length, width, conv.scale, conv.output_quads != 0};
    for (int first_column = 0; first_column < width; first_column += tile_columns) {
        TileSums points;
        for (int first_depth = 0; first_depth < hidden_width; first_depth += tile_depth) {
            TileLoad next;
            load_columns(
                args.point_weight, args.point_type, width, args.point_quads != 0, first_column, first_depth,
                [&](int k) -> i64 { return k < hidden_width ? k : -1; }, next);
            __syncthreads();  // the hidden signal is there; the columns before have been read
            next.store_columns<false>(room.columns);
            __syncthreads();  // the columns are there
            points.add(room.hidden, room.columns, first_depth);
        }
        target.store(points, first_row, first_column);
    }
}

// linear_pack:  the matrix of a linear layer in the order in which the kernels of its kind read it
//
// Shapes     source (Cin, Cout), or (Cout, Cin) if output_major, of any stored type;  packed storage, Cin padded with zeros
//            to groups of 32 channels, Cout to tiles.
// Layout     tile by tile, in a tile group by group, in a group piece by piece: 16 bytes for each of 32 lanes.
//            linear_fma: a tile is 32 outputs, lane l has output l; a piece is the 8 channels (4, as f32) that 16 bytes hold.
//            linear_mma: a tile is 16 outputs; a piece is 8 of them, one after the other: lane l has output l / 4 of it,
//            channels 8(l mod 4) and on.
// Geometry   grid over pieces, block 256: one thread for 16 bytes.
// Traffic    reads and writes the matrix once.
// Precision  rounds once where storage is narrower than the source.
// Limits     any Cin, Cout >= 1.
// Reference  LinearPackTests.
#include "common/linear.cuh"

struct LinearPackArgs {
    const void* source;
    STORAGE* packed_matrix;
    int type;  // StoredType of the source
    int inputs;
    int outputs;
    int output_major;  // not 0: (Cout, Cin)
};

static_assert(sizeof(LinearPackArgs) == LINEAR_PACK_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");

constexpr int piece_channels = packed<STORAGE>::count;
constexpr int group_pieces = TENSOR_CORES ? 2 : group_channels / piece_channels;

extern "C" __global__ void __launch_bounds__(LINEAR_PACK_BLOCK) linear_pack(const LinearPackArgs args) {
    constexpr int tile_outputs = TENSOR_CORES ? LINEAR_MMA_TILE : LINEAR_FMA_TILE;
    const int groups = group_count(args.inputs);
    const i64 piece = (i64)blockIdx.x * (LINEAR_PACK_BLOCK / 32) + threadIdx.x / 32;
    const int lane = threadIdx.x % 32;
    const int within = piece % group_pieces, group = piece / group_pieces % groups;
    const i64 tile = piece / group_pieces / groups;
    if (tile * tile_outputs >= args.outputs) {
        return;
    }

    const i64 output = tile * tile_outputs + (TENSOR_CORES ? 8 * within + lane / 4 : lane);
    const int channel = group * group_channels + piece_channels * (TENSOR_CORES ? lane % 4 : within);
    packed<STORAGE> values;
#pragma unroll
    for (int i = 0; i < piece_channels; i++) {
        const i64 place = args.output_major ? output * args.inputs + channel + i : (i64)(channel + i) * args.outputs + output;
        const bool inside = output < args.outputs && channel + i < args.inputs;
        values.values[i] = from_f32<STORAGE>(inside ? load_stored(args.source, args.type, place) : 0.0f);
    }
    store_packed(args.packed_matrix + (piece * 32 + lane) * piece_channels, values);
}

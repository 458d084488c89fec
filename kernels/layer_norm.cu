// layer_norm:  y[r,c] = (x[r,c] − mean(x[r])) · scale(x[r]) · gain[c] + bias[c],  scale = 1 / √(variance + 1e−5)
//
// Shapes     x, y (R, C) f32;  gain, bias (C) storage.  R = N·T.  y may be x.
// Geometry   grid (R), block 256: one block per row, one warp per slice of it.
// Shared     32 bytes static.
// Traffic    reads R·C f32 (three times, two of them from cache) and 2·C storage, writes R·C f32: bound by memory.
// Precision  sums in f32 in the order of reduce.cuh, two passes (mean, then squared deviations).
// Limits     any C ≥ 1, 1 ≤ R < 2³¹.
// Reference  ReferenceOps.LayerNorm.
#include "common/reduce.cuh"

struct LayerNormArgs {
    const f32* x;         // (R, C)
    const STORAGE* gain;  // (C)
    const STORAGE* bias;  // (C)
    f32* y;               // (R, C)
    int width;            // C
};

static_assert(sizeof(LayerNormArgs) == LAYER_NORM_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");
static_assert(LAYER_NORM_BLOCK == row_slices * 32, "one warp per slice");

extern "C" __global__ void __launch_bounds__(LAYER_NORM_BLOCK) layer_norm(const LayerNormArgs args) {
    __shared__ f32 slices[row_slices];
    const int lane = threadIdx.x & 31;
    const int slice = threadIdx.x >> 5;
    const i64 start = (i64)blockIdx.x * args.width;  // R·C can pass 2³¹
    const f32* x = args.x + start;
    f32* y = args.y + start;

    f32 sum = slice_sum(x, args.width, slice, lane);
    if (lane == 0) {
        slices[slice] = sum;
    }
    __syncthreads();  // every slice's sum is there
    const f32 mean = slices_total(slices) / (f32)args.width;
    __syncthreads();  // every thread has read them

    f32 square_sum = slice_square_sum(x, args.width, slice, lane, mean);
    if (lane == 0) {
        slices[slice] = square_sum;
    }
    __syncthreads();  // every slice's squares are there
    const f32 scale = row_scale(slices_total(slices), args.width);

    for (int c = threadIdx.x; c < args.width; c += LAYER_NORM_BLOCK) {
        y[c] = normalised(x[c], mean, scale, to_f32(args.gain[c]), to_f32(args.bias[c]));
    }
}

// elementwise:  elementwise_scaled_add: y = x + scale · delta;  elementwise_add_at: y[n,t] = x[n,t] + rows[n, p + t];
//               elementwise_convert: y = x in another storage;  elementwise_advance: cursor += count.
//
// Shapes     x, delta, y of one count, f32 (convert: any storage);  add_at: x, y (N, T, C), rows (N, P, C) f32;
//            cursor (2) i32, p its first.  y may be x, or delta.
// Geometry   grid (count / block), add_at (T·C / block, N), block 256: a thread for each element;  advance: one warp.
// Shared     none.
// Traffic    reads each input once, writes y once: bound by memory.
// Precision  one rounding for each element (scaled_add: fused).
// Limits     count < 2³⁹, N < 65,536, p + T <= P.
// Reference  the formulas, in RowTests and ConvertTests.
#include "common/stored.cuh"

struct ElementwiseScaledAddArgs {
    const f32* x;
    const f32* delta;
    f32* y;
    i64 count;
    f32 scale;
};

struct ElementwiseAddAtArgs {
    const f32* x;       // (N, T, C)
    const f32* rows;    // (N, P, C)
    const int* cursor;  // (2)
    f32* y;             // (N, T, C)
    i64 count;          // T · C
    int row_count;      // P
    int width;          // C
};

struct ElementwiseConvertArgs {
    const void* x;
    void* y;
    i64 count;
    int x_type;
    int y_type;
};

struct ElementwiseAdvanceArgs {
    int* cursor;  // (2)
    int count;
};

static_assert(sizeof(ElementwiseScaledAddArgs) == ELEMENTWISE_SCALED_ADD_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");
static_assert(sizeof(ElementwiseAddAtArgs) == ELEMENTWISE_ADD_AT_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");
static_assert(sizeof(ElementwiseConvertArgs) == ELEMENTWISE_CONVERT_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");
static_assert(sizeof(ElementwiseAdvanceArgs) == ELEMENTWISE_ADVANCE_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");

extern "C" __global__ void __launch_bounds__(ELEMENTWISE_SCALED_ADD_BLOCK) elementwise_scaled_add(const ElementwiseScaledAddArgs args) {
    const i64 i = (i64)blockIdx.x * ELEMENTWISE_SCALED_ADD_BLOCK + threadIdx.x;
    if (i >= args.count) {
        return;
    }
    args.y[i] = fmaf(args.scale, args.delta[i], args.x[i]);
}

extern "C" __global__ void __launch_bounds__(ELEMENTWISE_ADD_AT_BLOCK) elementwise_add_at(const ElementwiseAddAtArgs args) {
    const i64 i = (i64)blockIdx.x * ELEMENTWISE_ADD_AT_BLOCK + threadIdx.x;
    const int item = blockIdx.y;
    if (i >= args.count) {
        return;
    }
    const f32* rows = args.rows + ((i64)item * args.row_count + args.cursor[0]) * args.width;
    args.y[item * args.count + i] = args.x[item * args.count + i] + rows[i];
}

extern "C" __global__ void __launch_bounds__(ELEMENTWISE_CONVERT_BLOCK) elementwise_convert(const ElementwiseConvertArgs args) {
    const i64 i = (i64)blockIdx.x * ELEMENTWISE_CONVERT_BLOCK + threadIdx.x;
    if (i >= args.count) {
        return;
    }
    store_stored(args.y, args.y_type, i, load_stored(args.x, args.x_type, i));
}

extern "C" __global__ void __launch_bounds__(ELEMENTWISE_ADVANCE_BLOCK) elementwise_advance(const ElementwiseAdvanceArgs args) {
    if (threadIdx.x >= 2) {
        return;
    }
    args.cursor[threadIdx.x] += args.count;
}

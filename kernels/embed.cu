// embed:  y[n,t] = (p + t = 0 ? start[n] : table[tokens[n, p + t − 1]]) + positions[p + t] + condition[n, p + t];
//         embed_gather: y[r] = table[indices[r]].
//
// Shapes     tokens (N, P) i32;  table (K, C), start (N, C), positions (P, C) of any storage;  condition (N, P, C) f32 or
//            none;  indices (R) i32;  y (N, T, C), or (R, C), f32;  cursor (2) i32, p its first.
// Geometry   embed: grid (T, C / block, N);  embed_gather: grid (R, C / block);  block 256, a thread for each element.
// Shared     none.
// Traffic    reads one row of each table, and writes one, for each position: bound by memory.
// Precision  added in f32 in the order of the formula.
// Limits     C / 256, N < 65,536. A token or an index that is not in the table gives a row of NaN.
// Reference  ReferenceOps.Embed.
#include "common/stored.cuh"

struct EmbedArgs {
    const int* tokens;      // (N, P)
    const void* table;      // (K, C)
    const void* start;      // (N, C)
    const void* positions;  // (P, C)
    const f32* condition;   // (N, P, C), or null
    const int* cursor;      // (2)
    f32* y;                 // (N, T, C)
    int table_type;
    int start_type;
    int positions_type;
    int table_rows;        // K
    int token_count;       // P of the tokens
    int condition_length;  // P of the condition
    int width;             // C
};

struct EmbedGatherArgs {
    const int* indices;  // (R)
    const void* table;   // (K, C)
    f32* y;              // (R, C)
    int table_type;
    int table_rows;  // K
    int width;       // C
};

static_assert(sizeof(EmbedArgs) == EMBED_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");
static_assert(sizeof(EmbedGatherArgs) == EMBED_GATHER_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");

// One element of a table's row, NaN where there is no such row.
__device__ __forceinline__ f32 row_element(const void* table, int type, int rows, int width, int row, int c) {
    return (u32)row < (u32)rows ? load_stored(table, type, (i64)row * width + c) : __int_as_float(0x7FFFFFFF);
}

extern "C" __global__ void __launch_bounds__(EMBED_BLOCK) embed(const EmbedArgs args) {
    const int t = blockIdx.x, item = blockIdx.z;
    const int c = blockIdx.y * EMBED_BLOCK + threadIdx.x;
    if (c >= args.width) {
        return;
    }
    const int position = args.cursor[0] + t;
    f32 value;
    if (position == 0) {
        value = load_stored(args.start, args.start_type, (i64)item * args.width + c);
    } else {
        int token = args.tokens[(i64)item * args.token_count + position - 1];
        value = row_element(args.table, args.table_type, args.table_rows, args.width, token, c);
    }
    value += load_stored(args.positions, args.positions_type, (i64)position * args.width + c);
    if (args.condition != nullptr) {
        value += args.condition[((i64)item * args.condition_length + position) * args.width + c];
    }
    args.y[((i64)item * gridDim.x + t) * args.width + c] = value;
}

extern "C" __global__ void __launch_bounds__(EMBED_GATHER_BLOCK) embed_gather(const EmbedGatherArgs args) {
    const int row = blockIdx.x;
    const int c = blockIdx.y * EMBED_GATHER_BLOCK + threadIdx.x;
    if (c >= args.width) {
        return;
    }
    args.y[(i64)row * args.width + c] = row_element(args.table, args.table_type, args.table_rows, args.width, args.indices[row], c);
}

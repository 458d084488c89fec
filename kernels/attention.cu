// attention:  y[n,t] = Σ_i w_i · value_i,  w = softmax(query[n,t] · key_i / √D),  i over what position p + t sees, for each head;
//             the cache that it reads, and its softmax weights for alignment.
//
// Shapes     projected (N, T, columns) f32: queries in its first S channels, new keys and values in its last 2S;
//            keys, values (N, L, S) storage;  y (N, T, S) f32;  S = heads · D;  cursor (2) i32, p its first.
// Geometry   attention_step: grid (splits, heads, N), T = 1;  attention_chunk: grid (T, heads, N);  attention_weights:
//            grid (T, N);  attention_append: grid (T, S / block, N).  A split is 64 visible keys, 8 for each warp of a
//            block of 256; the splits of a step are blocks, of which the last to be done adds them up; a chunk's blocks
//            take them one after the other. Both add them in order, so a step and a chunk have the same bits.
// Shared     10 KB static; one row of a head (the query), a chunk two (its running sums), dynamic.
// Traffic    reads each visible key and value once, 16 bytes a lane (a chunk: once a query, from cache after the first):
//            bound by memory.
// Precision  sums and softmax in f32, the maximum subtracted first; one rounding of keys and values on their way in.
// Limits     0 <= p, p + T <= the pattern's context; heads, N < 65,536; two rows of a head fit into shared memory.
// Reference  ReferenceOps.AttentionWeights, ReferenceOps.VisiblePositions.
#include "common/attention_pattern.cuh"
#include "common/reduce.cuh"

// What queries are scored with.
struct AttentionInputs {
    const f32* projected;   // (N, T, columns)
    const STORAGE* keys;    // (N, L, S)
    const int* cursor;      // (2)
    int columns;            // of projected
    int query_count;        // T
    int slot_count;         // L
    int width;              // S
    int head_width;         // D
    int whole_chunks;       // not 0: every row of the cache is 16-byte aligned
    f32 scale;              // 1 / √D
    AttentionPatternArgs pattern;
};

struct AttentionStepArgs {
    AttentionInputs inputs;
    const STORAGE* values;  // (N, L, S)
    f32* y;                 // (N, 1, S)
    f32* partials;          // (N, heads, splits, 2 + D): maximum, total and sums of each split
    u32* arrived;           // (N, heads): splits that are done; zero between launches
};

struct AttentionChunkArgs {
    AttentionInputs inputs;
    const STORAGE* values;  // (N, L, S)
    f32* y;                 // (N, T, S)
};

struct AttentionWeightsArgs {
    AttentionInputs inputs;
    f32* y;  // (N, T, L)
    int head;
};

struct AttentionAppendArgs {
    const f32* projected;  // (N, T, columns)
    STORAGE* keys;         // (N, L, S)
    STORAGE* values;       // (N, L, S)
    const int* cursor;     // (2)
    int columns;
    int slot_count;  // L
    int width;       // S
    AttentionPatternArgs pattern;
};

static_assert(sizeof(AttentionStepArgs) == ATTENTION_STEP_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");
static_assert(sizeof(AttentionChunkArgs) == ATTENTION_CHUNK_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");
static_assert(sizeof(AttentionWeightsArgs) == ATTENTION_WEIGHTS_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");
static_assert(sizeof(AttentionAppendArgs) == ATTENTION_APPEND_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");

constexpr int warps = ATTENTION_STEP_BLOCK / 32;
constexpr int warp_keys = ATTENTION_SPLIT_KEYS / warps;
constexpr int whole_chunk = packed<STORAGE>::count;

static_assert(ATTENTION_CHUNK_BLOCK == ATTENTION_STEP_BLOCK && ATTENTION_WEIGHTS_BLOCK == ATTENTION_STEP_BLOCK, "one arithmetic");
static_assert(ATTENTION_SPLIT_KEYS == 64 && warp_keys == 8, "two scores a lane; warp_sums adds eight at once");

extern __shared__ float4 dynamic_shared[];

__device__ __forceinline__ f32 minus_infinity() { return __int_as_float(0xFF800000); }

// A lane takes its channels in chunks of 16 bytes where every row of the cache is aligned to them, and one by one
// elsewhere: chunk_width is whole_chunk or 1. Rows in shared memory are laid out for that.
template <int chunk_width>
struct Chunks {
    static constexpr int tile_width = 32 * chunk_width;  // channels of a warp's load

    // Quarters of a warp that each read one half of their 32-byte chunks would meet in the same banks, so every other
    // four chunks have their halves exchanged.
    static __device__ __forceinline__ int quad_of(int chunk, int part) {
        return chunk_width == 4 ? chunk : 2 * chunk + (part ^ ((chunk >> 2) & 1));
    }

    static __device__ __forceinline__ int place_of(int channel) {
        return chunk_width == 1 ? channel : 4 * quad_of(channel / chunk_width, channel % chunk_width / 4) + channel % 4;
    }

    static __device__ __forceinline__ void load(const f32* row, int chunk, f32 (&values)[chunk_width]) {
        if constexpr (chunk_width == 1) {
            values[0] = row[chunk];
        } else {
#pragma unroll
            for (int part = 0; part < chunk_width / 4; part++) {
                *reinterpret_cast<float4*>(values + 4 * part) = reinterpret_cast<const float4*>(row)[quad_of(chunk, part)];
            }
        }
    }

    static __device__ __forceinline__ void store(f32* row, int chunk, const f32 (&values)[chunk_width]) {
        if constexpr (chunk_width == 1) {
            row[chunk] = values[0];
        } else {
#pragma unroll
            for (int part = 0; part < chunk_width / 4; part++) {
                reinterpret_cast<float4*>(row)[quad_of(chunk, part)] = *reinterpret_cast<const float4*>(values + 4 * part);
            }
        }
    }
};

// A chunk as it is stored.
template <int chunk_width>
struct alignas(chunk_width * sizeof(STORAGE)) Stored {
    STORAGE values[chunk_width];
};

// One head's channels [first, end) of a row, cut into chunks along the row: origin is where the first chunk begins. What
// lies in the chunks before and behind the head meets zeros of the query, and sums that nobody reads.
template <int chunk_width>
struct HeadSpan {
    int first;
    int end;
    int origin;
    int chunk_count;

    __device__ __forceinline__ HeadSpan(int head, int head_width) {
        first = head * head_width;
        end = first + head_width;
        origin = first / chunk_width * chunk_width;
        chunk_count = (end - origin + chunk_width - 1) / chunk_width;
    }
};

// The keys of one split that one warp takes: the warp-th, then every warps-th.
struct WarpKeys {
    int slots[warp_keys];
    int count;

    __device__ __forceinline__ WarpKeys(const VisibleKeys& visible, int split, int warp) {
        int first = split * ATTENTION_SPLIT_KEYS + warp;
        count = (min(visible.count - first, ATTENTION_SPLIT_KEYS - warp) + warps - 1) / warps;
#pragma unroll
        for (int j = 0; j < warp_keys; j++) {
            slots[j] = j < count ? visible.slot(first + j * warps) : 0;
        }
    }

    // A lane's chunk of each key's row; zeros for keys and chunks that are not there.
    template <int chunk_width>
    __device__ __forceinline__ void load(
        const STORAGE* rows, int width, int chunk, const HeadSpan<chunk_width>& head, Stored<chunk_width> (&loaded)[warp_keys]) const {
#pragma unroll
        for (int j = 0; j < warp_keys; j++) {
            loaded[j] = Stored<chunk_width>{};
            if (j < count && chunk < head.chunk_count) {
                const STORAGE* address = rows + (i64)slots[j] * width + head.origin + chunk * chunk_width;
                if constexpr (chunk_width == 1) {
                    loaded[j].values[0] = *address;
                } else {
                    reinterpret_cast<packed<STORAGE>&>(loaded[j]) = load_packed(address);
                }
            }
        }
    }
};

// Puts a query's channels of one head into shared memory, zeros around them. Ends with a barrier.
template <int chunk_width>
__device__ __forceinline__ void load_query(const AttentionInputs& in, int item, int t, const HeadSpan<chunk_width>& head, f32* query) {
    const f32* row = in.projected + ((i64)item * in.query_count + t) * in.columns;
    for (int c = threadIdx.x; c < head.chunk_count * chunk_width; c += ATTENTION_STEP_BLOCK) {
        int channel = head.origin + c;
        query[Chunks<chunk_width>::place_of(c)] = channel >= head.first && channel < head.end ? row[channel] : 0.0f;
    }
    __syncthreads();  // the query is there
}

// Adds up eight sums over a warp at once: lane l gets the total of sum l / 4. Each is added in the same order.
__device__ __forceinline__ f32 warp_sums(f32 (&sums)[warp_keys], int lane) {
#pragma unroll
    for (int half = 4; half > 0; half >>= 1) {
        bool upper = (lane & (4 * half)) != 0;
#pragma unroll
        for (int j = 0; j < half; j++) {
            f32 sent = upper ? sums[j] : sums[j + half];
            f32 kept = upper ? sums[j + half] : sums[j];
            sums[j] = kept + __shfl_xor_sync(all_lanes, sent, 4 * half);
        }
    }
    f32 sum = sums[0];
    sum += __shfl_xor_sync(all_lanes, sum, 2);
    return sum + __shfl_xor_sync(all_lanes, sum, 1);
}

// scores[i] = scale · query · key_i for the keys of a split, −∞ where there is none. Ends with a barrier.
template <int chunk_width>
__device__ __forceinline__ void score_keys(
    const AttentionInputs& in, const STORAGE* item_keys, const HeadSpan<chunk_width>& head, const WarpKeys& keys, const f32* query, f32* scores) {
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    f32 sums[warp_keys] = {};
    for (int chunk = lane; chunk < head.chunk_count; chunk += 32) {
        Stored<chunk_width> rows[warp_keys];
        keys.load(item_keys, in.width, chunk, head, rows);
        f32 q[chunk_width];
        Chunks<chunk_width>::load(query, chunk, q);
#pragma unroll
        for (int i = 0; i < chunk_width; i++) {
#pragma unroll
            for (int j = 0; j < warp_keys; j++) {
                sums[j] = fmaf(q[i], to_f32(rows[j].values[i]), sums[j]);
            }
        }
    }
    f32 sum = warp_sums(sums, lane);
    if ((lane & 3) == 0) {
        int j = lane >> 2;
        scores[j * warps + warp] = j < keys.count ? sum * in.scale : minus_infinity();
    }
    __syncthreads();  // every warp's scores are there
}

// Softmax of one split's scores before it is put together with the others: every warp has all of it.
struct SplitSoftmax {
    f32 max;
    f32 total;   // Σ weights
    f32 first;   // weight of key `lane`
    f32 second;  // weight of key `lane` + 32

    __device__ __forceinline__ explicit SplitSoftmax(const f32* scores) {
        const int lane = threadIdx.x & 31;
        f32 score = scores[lane], other = scores[lane + 32];
        max = warp_max(fmaxf(score, other));
        first = expf(score - max);
        second = expf(other - max);
        total = warp_sum(first + second);
    }

    // Weights of a warp's keys.
    __device__ __forceinline__ void weights(f32 (&result)[warp_keys]) const {
        const int warp = threadIdx.x >> 5;
#pragma unroll
        for (int j = 0; j < warp_keys / 2; j++) {
            result[j] = __shfl_sync(all_lanes, first, j * warps + warp);
            result[j + warp_keys / 2] = __shfl_sync(all_lanes, second, j * warps + warp);
        }
    }
};

// Softmax over the splits so far, relative to their largest score. Zero keys come before the first split.
struct RunningSoftmax {
    f32 max;
    f32 total;

    __device__ __forceinline__ explicit RunningSoftmax(int zero_keys) : max(zero_keys > 0 ? 0.0f : minus_infinity()), total((f32)zero_keys) {}

    // Takes one more split in; what its sums, and the sums so far, are to be multiplied by.
    __device__ __forceinline__ float2 add(f32 split_max, f32 split_total) {
        f32 larger = fmaxf(max, split_max);
        float2 factors = make_float2(expf(max - larger), expf(split_max - larger));
        total = fmaf(split_total, factors.y, total * factors.x);
        max = larger;
        return factors;
    }

    __device__ __forceinline__ f32 mean(f32 sum) const { return total > 0 ? sum / total : 0.0f; }
};

__device__ __forceinline__ f32 folded(f32 running, f32 split, float2 factors) { return fmaf(split, factors.y, running * factors.x); }

// Scores one split's keys and hands each channel's Σ weight · value to sink(channel of the head, sum); begin(softmax)
// comes first. Ends with a barrier.
template <int chunk_width, typename Begin, typename Sink>
__device__ __forceinline__ void attend_split(
    const AttentionInputs& in, const STORAGE* item_keys, const STORAGE* item_values, const HeadSpan<chunk_width>& head,
    const VisibleKeys& visible, int split, const f32* query, Begin begin, Sink sink) {
    constexpr int tile_width = Chunks<chunk_width>::tile_width;
    __shared__ f32 scores[ATTENTION_SPLIT_KEYS];
    __shared__ float4 room[warps * tile_width / 4];
    f32* warp_sum_rows = reinterpret_cast<f32*>(room);
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    const WarpKeys keys(visible, split, warp);
    score_keys(in, item_keys, head, keys, query, scores);

    Stored<chunk_width> ahead[warp_keys];
    keys.load(item_values, in.width, lane, head, ahead);  // on their way during the softmax
    const SplitSoftmax softmax(scores);
    f32 weights[warp_keys];
    softmax.weights(weights);
    begin(softmax);
    for (int first = 0; first < head.chunk_count; first += 32) {
        f32 sums[chunk_width] = {};
#pragma unroll
        for (int j = 0; j < warp_keys; j++) {
#pragma unroll
            for (int i = 0; i < chunk_width; i++) {
                sums[i] = fmaf(weights[j], to_f32(ahead[j].values[i]), sums[i]);
            }
        }
        if (first + 32 < head.chunk_count) {
            keys.load(item_values, in.width, first + 32 + lane, head, ahead);
        }
        Chunks<chunk_width>::store(warp_sum_rows + warp * tile_width, lane, sums);
        __syncthreads();  // every warp's sums are there
        const int c = threadIdx.x, channel = head.origin + first * chunk_width + c;
        if (c < tile_width && channel >= head.first && channel < head.end) {
            const f32* place = warp_sum_rows + Chunks<chunk_width>::place_of(c);
            f32 sum = place[0];
#pragma unroll
            for (int other = 1; other < warps; other++) {
                sum += place[other * tile_width];
            }
            sink(channel - head.first, sum);
        }
        __syncthreads();  // the sums, and the scores, have been read
    }
}

static_assert(Chunks<whole_chunk>::tile_width <= ATTENTION_STEP_BLOCK, "a thread for each channel of a tile");

__device__ __forceinline__ int split_count(const VisibleKeys& visible) { return (visible.count + ATTENTION_SPLIT_KEYS - 1) / ATTENTION_SPLIT_KEYS; }

template <int chunk_width>
__device__ __forceinline__ void attend_chunk(const AttentionChunkArgs& args) {
    const AttentionInputs& in = args.inputs;
    const int t = blockIdx.x, item = blockIdx.z;
    const HeadSpan<chunk_width> head(blockIdx.y, in.head_width);
    const VisibleKeys visible = in.pattern.visible(in.cursor[0] + t);
    const i64 item_rows = (i64)item * in.slot_count * in.width;
    f32* query = reinterpret_cast<f32*>(dynamic_shared);
    f32* running = query + head.chunk_count * chunk_width;  // each thread adds to its own channels
    load_query(in, item, t, head, query);

    RunningSoftmax softmax(visible.zero_keys);
    for (int split = 0; split < split_count(visible); split++) {
        float2 factors;
        attend_split(
            in, in.keys + item_rows, args.values + item_rows, head, visible, split, query,
            [&](const SplitSoftmax& added) { factors = softmax.add(added.max, added.total); },
            [&](int c, f32 sum) { running[c] = folded(split == 0 ? 0.0f : running[c], sum, factors); });
    }
    f32* y = args.y + ((i64)item * in.query_count + t) * in.width + head.first;
    for (int c = threadIdx.x; c < in.head_width; c += ATTENTION_STEP_BLOCK) {
        y[c] = visible.count == 0 ? 0.0f : softmax.mean(running[c]);
    }
}

// Adds up the splits of one query as attend_chunk does, from what each of them left.
__device__ __forceinline__ void fold_splits(const f32* partials, int splits, int zero_keys, int head_width, f32* y) {
    for (int c = threadIdx.x; c < head_width; c += ATTENTION_STEP_BLOCK) {
        RunningSoftmax softmax(zero_keys);
        f32 running = 0;
        for (int split = 0; split < splits; split++) {
            // Written by other blocks: not to be taken from this multiprocessor's cache.
            const volatile f32* partial = partials + (i64)split * (2 + head_width);
            float2 factors = softmax.add(partial[0], partial[1]);
            running = folded(running, partial[2 + c], factors);
        }
        y[c] = softmax.mean(running);
    }
}

template <int chunk_width>
__device__ __forceinline__ void attend_step(const AttentionStepArgs& args) {
    const AttentionInputs& in = args.inputs;
    const int split = blockIdx.x, item = blockIdx.z, pair = item * gridDim.y + blockIdx.y;
    const HeadSpan<chunk_width> head(blockIdx.y, in.head_width);
    const VisibleKeys visible = in.pattern.visible(in.cursor[0]);
    const int splits = split_count(visible);
    f32* y = args.y + (i64)item * in.width + head.first;
    if (split >= splits) {
        // The grid is as large as the last position needs. Where nothing is seen but zeros, so is the output.
        for (int c = threadIdx.x; c < in.head_width && splits == 0 && split == 0; c += ATTENTION_STEP_BLOCK) {
            y[c] = 0;
        }
        return;
    }

    const i64 item_rows = (i64)item * in.slot_count * in.width;
    f32* partials = args.partials + (i64)pair * gridDim.x * (2 + in.head_width);
    f32* partial = partials + (i64)split * (2 + in.head_width);
    f32* query = reinterpret_cast<f32*>(dynamic_shared);
    load_query(in, item, 0, head, query);
    RunningSoftmax alone(visible.zero_keys);
    float2 factors;
    attend_split(
        in, in.keys + item_rows, args.values + item_rows, head, visible, split, query,
        [&](const SplitSoftmax& added) {
            factors = alone.add(added.max, added.total);
            if (splits > 1 && threadIdx.x == 0) {
                partial[0] = added.max;
                partial[1] = added.total;
            }
        },
        [&](int c, f32 sum) {
            if (splits > 1) {
                partial[2 + c] = sum;
            } else {
                y[c] = alone.mean(folded(0, sum, factors));
            }
        });
    if (splits == 1) {
        return;
    }

    __shared__ bool is_last;
    __threadfence();  // this thread's part of the partial before the block's arrival
    __syncthreads();  // every thread's part
    if (threadIdx.x == 0) {
        is_last = atomicAdd(args.arrived + pair, 1u) == (u32)splits - 1;
    }
    __syncthreads();  // the verdict is there
    if (is_last) {
        __threadfence();  // the arrivals before the partials
        fold_splits(partials, splits, visible.zero_keys, in.head_width, y);
        if (threadIdx.x == 0) {
            args.arrived[pair] = 0;
        }
    }
}

template <int chunk_width>
__device__ __forceinline__ void weigh_keys(const AttentionWeightsArgs& args) {
    __shared__ f32 scores[ATTENTION_SPLIT_KEYS];
    const AttentionInputs& in = args.inputs;
    const int t = blockIdx.x, item = blockIdx.y;
    const HeadSpan<chunk_width> head(args.head, in.head_width);
    const VisibleKeys visible = in.pattern.visible(in.cursor[0] + t);
    f32* y = args.y + ((i64)item * in.query_count + t) * in.slot_count;
    for (int slot = threadIdx.x; slot < in.slot_count; slot += ATTENTION_STEP_BLOCK) {
        y[slot] = 0;
    }
    f32* query = reinterpret_cast<f32*>(dynamic_shared);
    load_query(in, item, t, head, query);  // its barrier also separates the zeros

    RunningSoftmax softmax(visible.zero_keys);
    for (int split = 0; split < split_count(visible); split++) {
        const WarpKeys keys(visible, split, threadIdx.x >> 5);
        score_keys(in, in.keys + (i64)item * in.slot_count * in.width, head, keys, query, scores);
        const SplitSoftmax added(scores);
        softmax.add(added.max, added.total);
        int key = split * ATTENTION_SPLIT_KEYS + threadIdx.x;
        if (threadIdx.x < ATTENTION_SPLIT_KEYS && key < visible.count) {
            y[visible.slot(key)] = scores[threadIdx.x];
        }
        __syncthreads();  // the scores have been read, and lie in y
    }
    for (int key = threadIdx.x; key < visible.count; key += ATTENTION_STEP_BLOCK) {
        f32* weight = y + visible.slot(key);
        *weight = expf(*weight - softmax.max) / softmax.total;
    }
}

extern "C" __global__ void __launch_bounds__(ATTENTION_STEP_BLOCK, 2) attention_step(const AttentionStepArgs args) {
    if (args.inputs.whole_chunks) {
        attend_step<whole_chunk>(args);
    } else {
        attend_step<1>(args);
    }
}

extern "C" __global__ void __launch_bounds__(ATTENTION_CHUNK_BLOCK, 1) attention_chunk(const AttentionChunkArgs args) {
    if (args.inputs.whole_chunks) {
        attend_chunk<whole_chunk>(args);
    } else {
        attend_chunk<1>(args);
    }
}

extern "C" __global__ void __launch_bounds__(ATTENTION_WEIGHTS_BLOCK, 1) attention_weights(const AttentionWeightsArgs args) {
    if (args.inputs.whole_chunks) {
        weigh_keys<whole_chunk>(args);
    } else {
        weigh_keys<1>(args);
    }
}

extern "C" __global__ void __launch_bounds__(ATTENTION_APPEND_BLOCK) attention_append(const AttentionAppendArgs args) {
    const int t = blockIdx.x, item = blockIdx.z;
    const int c = blockIdx.y * ATTENTION_APPEND_BLOCK + threadIdx.x;
    const int slot = args.pattern.slot(args.cursor[0] + t);
    if (c >= args.width || slot < 0) {
        return;
    }
    // The row's end: keys, then values.
    const f32* row = args.projected + ((i64)item * gridDim.x + t + 1) * args.columns - 2 * args.width;
    const i64 target = ((i64)item * args.slot_count + slot) * args.width + c;
    args.keys[target] = from_f32<STORAGE>(row[c]);
    args.values[target] = from_f32<STORAGE>(row[args.width + c]);
}

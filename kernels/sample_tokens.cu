// sample_tokens:  tokens[n, p] = drawn[p mod R, n] = a draw from softmax(filter(logits[n] / temperature)) by the uniform
//                 number of (seed, items[n], level, cursor[1]).
//
// Shapes     logits (N, K) f32;  items (N), cursor (2), tokens (N, P), drawn (R, N) i32;  p = cursor[0].
// Geometry   grid (N), block 256: one block for each row.
// Shared     4 KB static; the row, dynamic, where it fits.
// Traffic    reads the logits once (a dozen times, or two dozen with a filter, from shared memory): bound by latency.
// Precision  weights f32 as on the host; sums f64. The cumulative distribution is summed in index order within 256
//            segments, then over them.
// Limits     any K ≥ 1. Logits of which one is NaN or +∞, or none finite, draw token 0 and leave NOT_FINITE in drawn.
// Reference  TokenDraw.Draw, TokenDraw.Filter.
#include "common/reduce.cuh"

typedef double f64;

struct SampleTokensArgs {
    const f32* logits;  // (N, K)
    const int* items;   // (N)
    const int* cursor;  // (2)
    int* tokens;        // (N, P)
    int* drawn;         // (R, N)
    u64 seed;
    f32 temperature;
    f32 top_p;  // 0 for none
    int top_k;  // 0 for none
    int level;
    int count;        // K
    int token_count;  // P
    int ring_length;  // R
    int in_shared;    // not 0: the row has room in shared memory
};

static_assert(sizeof(SampleTokensArgs) == SAMPLE_TOKENS_ARGS_BYTES, "differs from its twin in Jukebox.Cuda/Kernels");

constexpr int NOT_FINITE = -2147483647 - 1;  // IBackend.NotFinite
constexpr int block = SAMPLE_TOKENS_BLOCK;
constexpr int warps = block / 32;

extern __shared__ f32 dynamic_shared[];

// Ten rounds of Philox4x32 over a 128-bit counter with a 64-bit key (CounterRandom.cs): 53 bits in [0, 1).
__device__ __forceinline__ f64 uniform(u64 seed, int item, int level, u64 token) {
    u32 x0 = (u32)token, x1 = (u32)(token >> 32), x2 = (u32)item, x3 = (u32)level;
    u32 key0 = (u32)seed, key1 = (u32)(seed >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++) {
        u64 product0 = 0xD2511F53ull * x0, product1 = 0xCD9E8D57ull * x2;
        x0 = (u32)(product1 >> 32) ^ x1 ^ key0;
        x1 = (u32)product1;
        x2 = (u32)(product0 >> 32) ^ x3 ^ key1;
        x3 = (u32)product0;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return (f64)((((u64)x0 << 32) | x1) >> 11) * (1.0 / 9007199254740992.0);
}

// Totals of the threads before this one, over the block. Ends with a barrier.
template <typename T>
__device__ __forceinline__ T total_before(T value) {
    __shared__ T room[warps];
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    T upto = value;
#pragma unroll
    for (int offset = 1; offset < 32; offset <<= 1) {
        T other = __shfl_up_sync(all_lanes, upto, offset);
        upto = lane >= offset ? upto + other : upto;
    }
    T before = __shfl_up_sync(all_lanes, upto, 1);
    before = lane == 0 ? (T)0 : before;
    if (lane == 31) {
        room[warp] = upto;
    }
    __syncthreads();  // every warp's total is there
    T total = 0;
    for (int other = 0; other < warp; other++) {
        total += room[other];
    }
    __syncthreads();  // every thread has read them
    return total + before;
}

// One row of logits over the temperature.
struct Row {
    const f32* logits;
    f32 temperature;
    int count;
    bool in_shared;

    __device__ __forceinline__ f32 operator[](int i) const { return in_shared ? dynamic_shared[i] : logits[i] / temperature; }
};

// What a filter leaves: entries above the limit, and those equal to it from index first_tie on.
struct Filter {
    f32 limit;
    int first_tie;

    __device__ __forceinline__ bool keeps(f32 value, int i) const { return value > limit || (value == limit && i >= first_tie); }
};

// Larger floats have larger keys.
__device__ __forceinline__ u32 key_of(f32 value) {
    u32 bits = __float_as_uint(value);
    return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
}

__device__ __forceinline__ f32 value_of(u32 key) { return __uint_as_float((key & 0x80000000u) != 0 ? key & 0x7FFFFFFFu : ~key); }

// The largest key that enough(key) holds for, bit by bit; enough() is the same in every thread and never regained.
template <typename Enough>
__device__ __forceinline__ u32 largest_key(Enough enough) {
    u32 key = 0;
    for (int bit = 31; bit >= 0; bit--) {
        u32 tried = key | (1u << bit);
        key = enough(tried) ? tried : key;
    }
    return key;
}

// The k-th largest, with all its ties.
__device__ __forceinline__ Filter top_k_filter(const Row& row, int k, f32 max) {
    if (k == 1) {
        return Filter{max, 0};
    }
    u32 key = largest_key([&](u32 tried) {
        int larger = 0;
        for (int i = threadIdx.x; i < row.count; i += block) {
            larger += key_of(row[i]) >= tried;
        }
        return block_sum<warps>(larger) >= k;
    });
    return Filter{value_of(key), 0};
}

// Index of the last-but-(ties − 1) entry equal to the limit: the ties kept are the later ones.
__device__ __forceinline__ int tie_from_the_end(const Row& row, f32 limit, int ties, int first, int end) {
    __shared__ int found;
    int here = 0;
    for (int i = first; i < end; i++) {
        here += row[i] == limit;
    }
    int all = block_sum<warps>(here);
    int skipped = max(all - ties, 0);  // ties that go
    int before = total_before(here);
    for (int i = first; i < end && before <= skipped && skipped < before + here; i++) {
        if (row[i] == limit && before++ == skipped) {
            found = i;
            break;
        }
    }
    __syncthreads();  // found is there
    return found;
}

// The most probable entries up to and including the one whose mass passes p.
__device__ __forceinline__ Filter top_p_filter(const Row& row, f32 p, f32 max, int first, int end) {
    f64 mass = 0;
    for (int i = threadIdx.x; i < row.count; i += block) {
        mass += expf(row[i] - max);
    }
    const f64 unit = 1.0 / block_sum<warps>(mass);
    auto share_from = [&](u32 tried) {
        f64 sum = 0;
        for (int i = threadIdx.x; i < row.count; i += block) {
            f32 value = row[i];
            sum += key_of(value) >= tried ? expf(value - max) * unit : 0.0;
        }
        return block_sum<warps>(sum);
    };
    u32 key = largest_key([&](u32 tried) { return share_from(tried) > p; });
    if (key == 0) {
        return Filter{-__int_as_float(0x7F800000), 0};
    }

    const f32 limit = value_of(key);
    f64 above = 0;
    for (int i = threadIdx.x; i < row.count; i += block) {
        f32 value = row[i];
        above += value > limit ? expf(value - max) * unit : 0.0;
    }
    f64 share = block_sum<warps>(above), each = expf(limit - max) * unit;
    int ties = 0;
    do {
        share += each;
        ties++;
    } while (share <= p && ties < row.count);
    return Filter{limit, tie_from_the_end(row, limit, ties, first, end)};
}

// The token whose stretch of the cumulative distribution holds uniform · total. Every thread calls it, thread 0's
// result counts.
__device__ __forceinline__ int draw(const Row& row, const Filter& filter, f32 max, f64 uniform, int first, int end) {
    __shared__ int thread_of_draw, last_thread, result;
    if (threadIdx.x == 0) {
        thread_of_draw = block;
        last_thread = 0;
    }
    f64 here = 0;
    bool has_weight = false;
    for (int i = first; i < end; i++) {
        f32 value = row[i];
        f32 weight = filter.keeps(value, i) ? expf(value - max) : 0.0f;
        here += weight;
        has_weight = has_weight || weight > 0;
    }
    const f64 before = total_before(here);  // its barriers separate thread 0's initial values, too
    const f64 target = uniform * block_sum<warps>(here);
    if (has_weight) {
        atomicMax(&last_thread, (int)threadIdx.x);
        if (before + here > target) {
            atomicMin(&thread_of_draw, (int)threadIdx.x);
        }
    }
    __syncthreads();  // the segment of the draw is known
    if (threadIdx.x == (thread_of_draw < block ? thread_of_draw : last_thread)) {
        f64 sum = before;
        for (int i = first; i < end; i++) {
            f32 value = row[i];
            f32 weight = filter.keeps(value, i) ? expf(value - max) : 0.0f;
            sum += weight;
            if (weight > 0) {
                result = i;
                if (sum > target) {
                    break;
                }
            }
        }
    }
    __syncthreads();  // the result is there
    return result;
}

extern "C" __global__ void __launch_bounds__(SAMPLE_TOKENS_BLOCK, 1) sample_tokens(const SampleTokensArgs args) {
    __shared__ f32 room[warps];
    const int item = blockIdx.x;
    const Row row{args.logits + (i64)item * args.count, args.temperature, args.count, args.in_shared != 0};
    // A segment for each thread, of odd length: neighbours read different banks.
    const int length = ((args.count + block - 1) / block) | 1;
    const int first = min((int)threadIdx.x * length, args.count), end = min(first + length, args.count);

    f32 max = -__int_as_float(0x7F800000);
    bool is_number = true;
    for (int i = threadIdx.x; i < args.count; i += block) {
        f32 value = row.logits[i] / row.temperature;
        if (row.in_shared) {
            dynamic_shared[i] = value;
        }
        max = fmaxf(max, value);
        is_number = is_number && value == value;
    }
    max = block_max<warps>(max, room);  // its barriers separate the row in shared memory, too
    is_number = __syncthreads_and(is_number);

    int token = NOT_FINITE;
    if (is_number && fabsf(max) < __int_as_float(0x7F800000)) {
        Filter filter{-__int_as_float(0x7F800000), 0};
        if (args.top_k > 0) {
            filter = args.top_k < args.count ? top_k_filter(row, args.top_k, max) : filter;
        } else if (args.top_p > 0) {
            filter = top_p_filter(row, args.top_p, max, first, end);
        }
        token = draw(row, filter, max, uniform(args.seed, args.items[item], args.level, (u64)(i64)args.cursor[1]), first, end);
    }
    if (threadIdx.x == 0) {
        const int position = args.cursor[0];
        args.tokens[(i64)item * args.token_count + position] = token == NOT_FINITE ? 0 : token;
        args.drawn[(i64)(position % args.ring_length) * gridDim.x + item] = token;
    }
}

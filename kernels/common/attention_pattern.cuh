// attention_pattern:  who sees whom, and where in the cache a position's key lives.
//
// The only device-side statement of the patterns, line by line that of AttentionPattern.cs, with which a test compares
// it position by position. The kinds and what they see are described there.
#pragma once

// The published numbers (the checkpoint's attn_func).
enum AttentionKind {
    ATTENTION_DENSE = 0,
    ATTENTION_BLOCK = 1,
    ATTENTION_TRANSPOSED_BLOCK = 2,
    ATTENTION_PREVIOUS_BLOCK = 3,
    ATTENTION_SUMMARY = 4,
    ATTENTION_SUMMARY_SPREAD = 5,
    ATTENTION_LYRICS_CROSS = 6,
    ATTENTION_LYRICS_PREFIX = 7,
};

// The cache slots that one query sees: count slots in runs of run_length consecutive ones, whose starts lie run_stride
// apart; and zero_keys keys and values of zero beside them, which weigh exp(0) in the softmax.
struct VisibleKeys {
    int first_slot;
    int count;
    int run_length;
    int run_stride;
    int zero_keys;

    // Slot of the i-th visible key, 0 <= i < count.
    __device__ __forceinline__ int slot(int i) const {
        // Every pattern but the spread one is a single run: no division there.
        return run_length >= count ? first_slot + i : first_slot + i / run_length * run_stride + i % run_length;
    }
};

// One layer's pattern; its C# twin is AttentionPatternArgs.
struct AttentionPatternArgs {
    int kind;
    int context_length;  // positions of the sequence
    int block_count;
    int block_length;
    int spread;        // positions of each block that the spread summary keeps
    int key_length;    // keys of the two lyrics patterns
    int cache_length;  // slots that the pattern needs; a cache may have more

    // Cache slot of a position's key, or -1 where the pattern keeps none. For LYRICS_CROSS the position is the encoder's.
    __device__ __forceinline__ int slot(int position) const {
        switch (kind) {
            case ATTENTION_BLOCK:
            case ATTENTION_PREVIOUS_BLOCK:
                return position % cache_length;
            case ATTENTION_TRANSPOSED_BLOCK:
                return position % block_length * block_count + position / block_length;
            case ATTENTION_LYRICS_CROSS:
            case ATTENTION_LYRICS_PREFIX:
                return position < key_length ? position : -1;
            default:
                return position;
        }
    }

    // What the query at a position sees, all positions up to its own having been appended.
    __device__ __forceinline__ VisibleKeys visible(int position) const {
        int block = position / block_length;
        int offset = position % block_length;
        switch (kind) {
            case ATTENTION_BLOCK:
                return one_run(block * block_length % cache_length, offset + 1);
            case ATTENTION_TRANSPOSED_BLOCK:
                return one_run(offset * block_count, block + 1);
            case ATTENTION_PREVIOUS_BLOCK:
                return block == 0 ? VisibleKeys{0, 0, 1, 1, block_length} : one_run((block - 1) * block_length % cache_length, block_length);
            case ATTENTION_SUMMARY:
                return summaries(block, offset, 1);
            case ATTENTION_SUMMARY_SPREAD:
                return summaries(block, offset, spread);
            case ATTENTION_LYRICS_CROSS:
                return one_run(0, key_length);
            case ATTENTION_LYRICS_PREFIX:
                return one_run(0, min(position + 1, key_length));
            default:
                return one_run(0, position + 1);
        }
    }

private:
    static __device__ __forceinline__ VisibleKeys one_run(int first_slot, int count) {
        return VisibleKeys{first_slot, count, max(count, 1), max(count, 1), 0};
    }

    // The last `kept` positions of every block but the last, up to the one at `offset` in `block`.
    __device__ __forceinline__ VisibleKeys summaries(int block, int offset, int kept) const {
        int count = min(block, block_count - 1) * kept;
        if (block < block_count - 1) {
            count += max(0, offset - (block_length - kept) + 1);
        }

        return VisibleKeys{block_length - kept, count, kept, block_length, kept};
    }
};

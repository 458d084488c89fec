// bugs: one kernel for each kind of mistake that the check mode finds, and one without for each where that is not obvious.
// Each bug is on the line that says BUG. Launched with 2 blocks of 64 threads unless a test says otherwise; n is 100.

extern "C" __global__ void past_the_end(const float *x, float *y, int n)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    y[i] = 1.0f; // BUG OutOfBounds
}

extern "C" __global__ void before_the_start(const float *x, float *y, int n)
{
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = x[(int)threadIdx.x - 1]; // BUG OutOfBounds
    }
}

extern "C" __global__ void into_the_neighbour(const float *x, float *y, int n)
{
    if (blockIdx.x == 0 && threadIdx.x == 0)
    {
        y[0] = x[n]; // BUG OutOfBounds
    }
}

extern "C" __global__ void null_pointer(const float *x, float *y, int n)
{
    if (blockIdx.x == 0 && threadIdx.x == 5)
    {
        float *nowhere = (float *)(long long)(n - 100);
        *nowhere = 1.0f; // BUG OutOfBounds
    }
}

extern "C" __global__ void misaligned(const float *x, float *y, int n)
{
    if (blockIdx.x == 0 && threadIdx.x < 16)
    {
        float4 v = *(const float4 *)(x + threadIdx.x); // BUG Misaligned
        y[threadIdx.x] = v.x + v.y + v.z + v.w;
    }
}

extern "C" __global__ void uninitialised_global(const float *x, float *y, const float *never)
{
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = never[threadIdx.x]; // BUG UninitialisedGlobal
    }
}

extern "C" __global__ void uninitialised_shared(const float *x, float *y, int n)
{
    __shared__ float s[64];
    if (threadIdx.x < 50)
    {
        s[threadIdx.x] = 1.0f;
    }

    __syncthreads();
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = s[threadIdx.x]; // BUG UninitialisedShared
    }
}

extern "C" __global__ void shared_left_over(const float *x, float *y, int n)
{
    __shared__ float s[64];
    if (blockIdx.x == 0)
    {
        s[threadIdx.x] = 1.0f;
    }

    __syncthreads();
    if (blockIdx.x == 1)
    {
        y[threadIdx.x] = s[threadIdx.x]; // BUG UninitialisedShared
    }
}

extern "C" __global__ void uninitialised_local(const float *x, float *y, int n)
{
    float values[16];
    for (int k = 0; k < n - 90; k++)
    {
        values[(k * 3) & 15] = x[k];
    }

    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = values[threadIdx.x & 15]; // BUG UninitialisedLocal
    }
}

extern "C" __global__ void past_local(const float *x, float *y, int n)
{
    float values[8];
    for (int k = 0; k < 8; k++)
    {
        values[k] = x[k];
    }

    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = values[n - 92 + (threadIdx.x & 31)]; // BUG OutOfBounds
    }
}

extern "C" __global__ void past_shared(const float *x, float *y, int n)
{
    __shared__ float s[64];
    s[threadIdx.x + (n - 99)] = x[threadIdx.x]; // BUG OutOfBounds
    __syncthreads();
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = s[63];
    }
}

extern "C" __global__ void missing_barrier(const float *x, float *y, int n)
{
    __shared__ float s[64];
    s[63 - threadIdx.x] = x[threadIdx.x]; // BUG SharedRace
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = s[threadIdx.x]; // BUG SharedRace
    }
}

extern "C" __global__ void missing_second_barrier(const float *x, float *y, int n)
{
    __shared__ float s[64];
    float sum = 0;
#pragma unroll 1
    for (int k = 0; k < 4; k++)
    {
        s[threadIdx.x] = x[threadIdx.x] + k; // BUG SharedRace
        __syncthreads();
        sum += s[63 - threadIdx.x]; // BUG SharedRace
    }

    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = sum;
    }
}

extern "C" __global__ void two_writers(const float *x, float *y, int n)
{
    __shared__ float s[32];
    s[threadIdx.x & 31] = x[threadIdx.x]; // BUG SharedRace
    __syncthreads();
    if (blockIdx.x == 0 && threadIdx.x < 32)
    {
        y[threadIdx.x] = s[threadIdx.x];
    }
}

extern "C" __global__ void plain_beside_atomic(const float *x, float *y, int n)
{
    __shared__ int s[1];
    if (threadIdx.x == 0)
    {
        s[0] = 0;
    }

    __syncthreads();
    if (threadIdx.x < 32)
    {
        atomicAdd(s, 1);
    }
    else if (threadIdx.x == 40)
    {
        s[0] = 7; // BUG SharedRace
    }

    __syncthreads();
    if (blockIdx.x == 0 && threadIdx.x == 0)
    {
        y[0] = s[0];
    }
}

extern "C" __global__ void lanes_disagree(const float *x, float *y, int n)
{
    __shared__ float s[64];
    s[threadIdx.x & ~1] = threadIdx.x; // BUG RaceInWarp
    __syncthreads();
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = s[threadIdx.x & ~1];
    }
}

extern "C" __global__ void blocks_write_the_same(const float *x, float *y, int n)
{
    y[threadIdx.x] = x[threadIdx.x] + blockIdx.x; // BUG GlobalRaceBetweenBlocks
}

extern "C" __global__ void block_reads_what_another_writes(const float *x, float *y, int n)
{
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = x[threadIdx.x];
    }
    else
    {
        y[threadIdx.x + 64 - 28] = y[threadIdx.x & 31]; // BUG GlobalRaceBetweenBlocks
    }
}

extern "C" __global__ void block_writes_what_another_read(float *x, float *y, int n)
{
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = x[threadIdx.x];
    }
    else
    {
        x[threadIdx.x] = 1.0f; // BUG GlobalRaceBetweenBlocks
    }
}

extern "C" __global__ void warps_write_the_same(const float *x, float *y, int n)
{
    if (blockIdx.x == 0)
    {
        y[threadIdx.x & 31] = x[threadIdx.x]; // BUG GlobalRaceBetweenWarps
    }
}

extern "C" __global__ void warp_reads_what_another_writes(const float *x, float *y, int n)
{
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = x[threadIdx.x]; // BUG GlobalRaceBetweenWarps
        __threadfence();
        y[threadIdx.x + 32] = y[threadIdx.x ^ 63]; // BUG GlobalRaceBetweenWarps
    }
}

extern "C" __global__ void warp_writes_what_another_read(float *x, float *y, int n)
{
    if (blockIdx.x == 0)
    {
        float v = x[threadIdx.x];
        if (threadIdx.x >= 32)
        {
            x[threadIdx.x - 32] = v + 1; // BUG GlobalRaceBetweenWarps
        }
        else
        {
            y[threadIdx.x] = v;
        }
    }
}

extern "C" __global__ void missing_second_barrier_in_global(const float *x, float *y, int n)
{
    float sum = 0;
#pragma unroll 1
    for (int k = 0; k < 4 && blockIdx.x == 0; k++)
    {
        y[threadIdx.x] = x[threadIdx.x] + k; // BUG GlobalRaceBetweenWarps
        __syncthreads();
        sum += y[63 - threadIdx.x]; // BUG GlobalRaceBetweenWarps
    }

    if (blockIdx.x == 0 && sum > 0)
    {
        y[threadIdx.x] = sum; // BUG GlobalRaceBetweenWarps
    }
}

extern "C" __global__ void plain_beside_atomic_in_global(const float *x, float *y, int n)
{
    if (blockIdx.x == 0)
    {
        if (threadIdx.x < 32)
        {
            atomicAdd(y, 1.0f);
        }
        else if (threadIdx.x == 40)
        {
            y[0] = 7; // BUG GlobalRaceBetweenWarps
        }
    }
}

extern "C" __global__ void count_read_too_early(const float *x, float *y, int n)
{
    __shared__ int s[64];
    s[threadIdx.x] = 0;
    __syncthreads();
    atomicAdd(s + (threadIdx.x & 7), 1); // BUG SharedRace
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = s[threadIdx.x & 7]; // BUG SharedRace
    }
}

extern "C" __global__ void count_in_global_read_too_early(const float *x, float *y, int n)
{
    if (blockIdx.x == 0)
    {
        atomicAdd(y + (threadIdx.x & 7), 1.0f); // BUG GlobalRaceBetweenWarps
        y[threadIdx.x + 8] = y[threadIdx.x & 7]; // BUG GlobalRaceBetweenWarps
    }
}

__device__ unsigned int arrived_without_fence;

extern "C" __global__ void last_block_adds_without_fence(const float *x, float *y, float *partial)
{
    __shared__ bool is_last;
    if (threadIdx.x == 0)
    {
        partial[blockIdx.x] = x[blockIdx.x];
        __threadfence_block();
        is_last = atomicAdd(&arrived_without_fence, 1) == gridDim.x - 1;
    }

    __syncthreads();
    if (is_last && threadIdx.x == 0)
    {
        y[0] = partial[0] + 1; // BUG GlobalRaceBetweenBlocks
    }
}

__device__ unsigned int warps_arrived_without_fence;

extern "C" __global__ void last_warp_adds_without_fence(const float *x, float *y, int n)
{
    if (blockIdx.x == 0 && threadIdx.x % 32 == 0)
    {
        y[threadIdx.x] = x[threadIdx.x];
        if (atomicAdd(&warps_arrived_without_fence, 1) == 1)
        {
            y[96] = y[threadIdx.x ^ 32]; // BUG GlobalRaceBetweenWarps
        }
    }
}

extern "C" __global__ void divergent_barrier(const float *x, float *y, int n)
{
    __shared__ float s[64];
    float v = x[threadIdx.x];
    s[threadIdx.x] = v;
    if (threadIdx.x & 1)
    {
        __syncthreads(); // BUG DivergentBarrier
        v = s[63 - threadIdx.x];
    }

    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = v;
    }
}

extern "C" __global__ void barrier_never_complete(const float *x, float *y, int n)
{
    if (threadIdx.x < 32)
    {
        asm volatile("bar.sync 1, 64;"); // BUG BarrierNeverComplete
    }

    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = 1.0f;
    }
}

extern "C" __global__ void absent_lanes(const float *x, float *y, int n)
{
    float v = x[threadIdx.x];
    if (threadIdx.x & 1)
    {
        v += __shfl_xor_sync(0xFFFFFFFFu, v, 1); // BUG AbsentLanes
    }

    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = v;
    }
}

extern "C" __global__ void absent_source(const float *x, float *y, int n)
{
    if (threadIdx.x < 20 && blockIdx.x == 0)
    {
        y[threadIdx.x] = __shfl_down_sync(0x000FFFFFu, x[threadIdx.x], 4); // BUG AbsentLanes
    }
}

extern "C" __global__ void use_after_free(const float *x, float *y, const float *freed)
{
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = freed[threadIdx.x]; // BUG UseAfterFree
    }
}

__constant__ float constants[4] = {1, 2, 3, 4};

extern "C" __global__ void writes_a_constant(const float *x, float *y, int n)
{
    float *target = const_cast<float *>(constants);
    if (n == 100 && threadIdx.x == 0 && blockIdx.x == 0)
    {
        asm volatile("st.f32 [%0], 0f00000000;" ::"l"(target)); // BUG ReadOnly
    }
}

extern "C" __global__ void past_the_jump_table(const float *x, float *y, int n)
{
    asm volatile("{ WAYS: .branchtargets HERE, THERE; brx.idx %0, WAYS; HERE: THERE: }" ::"r"(threadIdx.x / 21)); // BUG OutOfBounds
}

extern "C" __global__ void trap(const float *x, float *y, int n)
{
    if (threadIdx.x == 33)
    {
        asm volatile("trap;"); // BUG Trap
    }
}

extern "C" __global__ void hang(const float *x, float *y, int n)
{
    for (volatile int k = 0; n == 100; k = 1) // BUG Hang
    {
    }
}

// Correct: the last block adds up what all have written, told by an atomic counter.
__device__ unsigned int arrived;

extern "C" __global__ void last_block_adds(const float *x, float *y, float *partial)
{
    __shared__ bool is_last;
    if (threadIdx.x == 0)
    {
        partial[blockIdx.x] = x[blockIdx.x];
        __threadfence();
        is_last = atomicAdd(&arrived, 1) == gridDim.x - 1;
    }

    __syncthreads();
    if (is_last && threadIdx.x == 0)
    {
        float sum = 0;
        for (int k = 0; k < gridDim.x; k++)
        {
            sum += partial[k];
        }

        y[0] = sum;
    }
}

// Correct: the last warp adds up what both have written, told by an atomic counter.
__device__ unsigned int warps_arrived;

extern "C" __global__ void last_warp_adds(const float *x, float *y, int n)
{
    if (blockIdx.x == 0 && threadIdx.x % 32 == 0)
    {
        y[threadIdx.x] = x[threadIdx.x];
        __threadfence_block();
        if (atomicAdd(&warps_arrived, 1) == 1)
        {
            y[96] = y[0] + y[32];
        }
    }
}

// Correct: the same, where the counter itself orders what was written before it.
__device__ unsigned int warps_released;

extern "C" __global__ void last_warp_adds_behind_a_release(const float *x, float *y, int n)
{
    if (blockIdx.x == 0 && threadIdx.x % 32 == 0)
    {
        unsigned int before;
        y[threadIdx.x] = x[threadIdx.x];
        asm volatile("atom.acq_rel.cta.global.add.u32 %0, [%1], 1;" : "=r"(before) : "l"(&warps_released) : "memory");
        if (before == 1)
        {
            y[96] = y[0] + y[32];
        }
    }
}

// Correct: warps exchange through global memory, a barrier between each write and what reads or overwrites it.
extern "C" __global__ void exchange_in_global(const float *x, float *y, int n)
{
#pragma unroll 1
    for (int k = 0; k < 4 && blockIdx.x == 0; k++)
    {
        y[threadIdx.x] = x[threadIdx.x] + k;
        __syncthreads();
        float other = y[63 - threadIdx.x];
        __syncthreads();
        y[threadIdx.x] = other;
        __syncthreads();
    }
}

// Correct: loops of compare-and-swap begin with a plain read.
extern "C" __global__ void largest(const float *x, float *y, int n)
{
    __shared__ int s[1];
    if (threadIdx.x == 0)
    {
        s[0] = 0;
    }

    __syncthreads();
    for (int *target = s; target != nullptr; target = target == s && blockIdx.x == 0 ? (int *)y : nullptr)
    {
        int seen = *target, before;
        do
        {
            before = seen;
            seen = atomicCAS(target, before, max(before, __float_as_int(x[threadIdx.x])));
        } while (seen != before);
    }
}

// Correct: two halves of the block meet at barriers of their own.
extern "C" __global__ void halves(const float *x, float *y, int n)
{
    __shared__ float s[64];
    s[threadIdx.x] = x[threadIdx.x];
    asm volatile("bar.sync %0, 32;" ::"r"(threadIdx.x / 32 + 1));
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = s[threadIdx.x ^ 1];
    }
}

// Correct: threads that have left do not keep the others from a barrier.
extern "C" __global__ void early_exit(const float *x, float *y, int n)
{
    __shared__ float s[64];
    if (threadIdx.x >= 40 || blockIdx.x > 0)
    {
        return;
    }

    s[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    y[threadIdx.x] = s[39 - threadIdx.x];
}

// Correct: the same, where the threads that leave have something to do first.
extern "C" __global__ void late_exit(const float *x, float *y, int n)
{
    __shared__ float s[64];
    if (blockIdx.x > 0)
    {
        return;
    }

    if (threadIdx.x % 3 == 1)
    {
        y[threadIdx.x] = x[threadIdx.x] * n;
        return;
    }

    s[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    y[threadIdx.x] = s[threadIdx.x < 3 ? 63 : threadIdx.x - 3];
}

// Correct: lanes that have left by the way do not keep the others from meeting again, so all that are left shuffle together.
extern "C" __global__ void shuffle_after_exits(const float *x, float *y, int n)
{
    float v = x[threadIdx.x];
    if (threadIdx.x & 1)
    {
        if (threadIdx.x >= 32 || blockIdx.x > 0)
        {
            return;
        }

        v += n;
    }

    unsigned int members = threadIdx.x >= 32 || blockIdx.x > 0 ? 0x55555555u : 0xFFFFFFFFu;
    v += __shfl_xor_sync(members, v, 2);
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = v;
    }
}

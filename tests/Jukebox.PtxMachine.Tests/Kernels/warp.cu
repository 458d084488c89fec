// warp: exchange between threads. One block unless a test says otherwise.

extern "C" __global__ void shuffles(const int *x, int *up, int *down, int *butterfly, int *index, int width_log2)
{
    int i = threadIdx.x;
    switch (width_log2)
    {
    case 5:
        up[i] = __shfl_up_sync(0xFFFFFFFFu, x[i], 3, 32);
        down[i] = __shfl_down_sync(0xFFFFFFFFu, x[i], 3, 32);
        butterfly[i] = __shfl_xor_sync(0xFFFFFFFFu, x[i], 5, 32);
        index[i] = __shfl_sync(0xFFFFFFFFu, x[i], 37 + i, 32);
        break;
    case 3:
        up[i] = __shfl_up_sync(0xFFFFFFFFu, x[i], 3, 8);
        down[i] = __shfl_down_sync(0xFFFFFFFFu, x[i], 3, 8);
        butterfly[i] = __shfl_xor_sync(0xFFFFFFFFu, x[i], 5, 8);
        index[i] = __shfl_sync(0xFFFFFFFFu, x[i], 37 + i, 8);
        break;
    }
}

extern "C" __global__ void votes(const int *x, int *any, int *all, unsigned int *ballot, unsigned int *same, int limit)
{
    int i = threadIdx.x;
    unsigned int members = __ballot_sync(0xFFFFFFFFu, i % 32 < limit);
    if (i % 32 < limit)
    {
        any[i] = __any_sync(members, x[i] > 90);
        all[i] = __all_sync(members, x[i] >= 0);
        ballot[i] = __ballot_sync(members, x[i] & 1);
        same[i] = __match_any_sync(members, x[i] % 5);
    }
}

extern "C" __global__ void block_votes(const int *x, int *count, int *all, int *any)
{
    int i = threadIdx.x;
    count[i] = __syncthreads_count(x[i] & 1);
    all[i] = __syncthreads_and(x[i] < 50);
    any[i] = __syncthreads_or(x[i] == 17);
}

// result: sum, largest, smallest, or-ed bits, sum of floats, exchanged once by each block, sum by compare-and-swap (8 bytes).
extern "C" __global__ void atomics(const int *x, int *result, float *float_sum, double *double_sum)
{
    __shared__ int shared_sum;
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (threadIdx.x == 0)
    {
        shared_sum = 0;
    }

    __syncthreads();
    atomicAdd(&shared_sum, x[i]);
    atomicMax(result + 1, x[i]);
    atomicMin(result + 2, x[i]);
    atomicOr(result + 3, x[i]);
    atomicAdd(float_sum, 0.5f);
    unsigned long long *bits = (unsigned long long *)double_sum, old = *bits, assumed;
    do
    {
        assumed = old;
        old = atomicCAS(bits, assumed, __double_as_longlong(__longlong_as_double(assumed) + x[i]));
    } while (assumed != old);
    __syncthreads();
    if (threadIdx.x == 0)
    {
        atomicAdd(result, shared_sum);
        atomicExch(result + 4, blockIdx.x + 1);
    }
}

// A reduction whose warps part in every way, and a loop that each thread leaves when it likes.
extern "C" __global__ void collatz(const int *x, int *steps)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x, n = x[i], count = 0;
    while (n != 1)
    {
        if (n & 1)
        {
            n = 3 * n + 1;
        }
        else
        {
            n /= 2;
        }

        if (++count > 1000)
        {
            break;
        }
    }

    int sum = count;
    for (int offset = 16; offset > 0; offset /= 2)
    {
        sum += __shfl_xor_sync(0xFFFFFFFFu, sum, offset);
    }

    steps[i] = (i & 31) == 0 ? sum : count;
}

// A jump table. Lanes go every way that it has, some of them round a loop there, and meet behind it.
extern "C" __global__ void jumps(const int *x, int *y)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x, r;
    asm volatile("{\n"
                 ".reg .pred more;\n"
                 ".reg .b32 left;\n"
                 "mov.u32 %0, 1;\n"
                 "WAYS: .branchtargets TRIPLE, LOOP, NEGATE, LOOP, BEHIND;\n"
                 "brx.idx %1, WAYS;\n"
                 "TRIPLE:\n"
                 "mul.lo.s32 %0, %2, 3;\n"
                 "bra.uni BEHIND;\n"
                 "LOOP:\n"
                 "and.b32 left, %2, 7;\n"
                 "AGAIN:\n"
                 "add.s32 %0, %0, %0;\n"
                 "sub.s32 left, left, 1;\n"
                 "setp.ge.s32 more, left, 0;\n"
                 "@more bra AGAIN;\n"
                 "NEGATE:\n" // where loops end, too
                 "sub.s32 %0, %0, %2;\n"
                 "BEHIND:\n"
                 "}"
                 : "=&r"(r)
                 : "r"(x[i]), "r"(i));
    y[i] = r + __shfl_xor_sync(0xFFFFFFFFu, r, 1);
}

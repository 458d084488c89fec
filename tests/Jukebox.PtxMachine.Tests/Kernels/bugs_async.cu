// bugs_async: mistakes with asynchronous copies, which compute_80 brought. As bugs.cu otherwise.

__device__ __forceinline__ void copy_async(float *target, const float *source)
{
    unsigned int shared_address = (unsigned int)__cvta_generic_to_shared(target);
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(shared_address), "l"(source) : "memory");
}

__device__ __forceinline__ void commit()
{
    asm volatile("cp.async.commit_group;" ::: "memory");
}

template <int PENDING>
__device__ __forceinline__ void await()
{
    asm volatile("cp.async.wait_group %0;" ::"n"(PENDING) : "memory");
}

extern "C" __global__ void read_before_wait(const float *x, float *y, int n)
{
    __shared__ float s[64];
    copy_async(s + threadIdx.x, x + threadIdx.x);
    commit();
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = s[threadIdx.x]; // BUG AsyncCopyNotAwaited
    }

    await<0>();
}

extern "C" __global__ void waits_for_too_few(const float *x, float *y, int n)
{
    __shared__ float s[2][64];
    copy_async(s[0] + threadIdx.x, x + threadIdx.x);
    commit();
    copy_async(s[1] + threadIdx.x, x + threadIdx.x);
    commit();
    await<1>();
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = s[0][threadIdx.x] + s[1][threadIdx.x]; // BUG AsyncCopyNotAwaited
    }
}

extern "C" __global__ void written_over(const float *x, float *y, int n)
{
    __shared__ float s[64];
    copy_async(s + threadIdx.x, x + threadIdx.x);
    commit();
    s[threadIdx.x] = 1.0f; // BUG AsyncCopyNotAwaited
    await<0>();
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = s[threadIdx.x];
    }
}

extern "C" __global__ void wait_without_barrier(const float *x, float *y, int n)
{
    __shared__ float s[64];
    copy_async(s + threadIdx.x, x + threadIdx.x);
    commit();
    __syncthreads();
    await<0>();
    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = s[63 - threadIdx.x]; // BUG SharedRace AsyncCopyNotAwaited
    }
}

extern "C" __global__ void copies_from_outside(const float *x, float *y, int n)
{
    __shared__ float s[64];
    unsigned int target = (unsigned int)__cvta_generic_to_shared(s + threadIdx.x);
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(target), "l"(x + n + threadIdx.x)); // BUG OutOfBounds
    commit();
    await<0>();
    __syncthreads();
}

// Correct: two buffers, one filled while the other is read.
extern "C" __global__ void double_buffered(const float *x, float *y, int n)
{
    __shared__ float s[2][64];
    float sum = 0;
    copy_async(s[0] + threadIdx.x, x + threadIdx.x);
    commit();
#pragma unroll 1
    for (int k = 0; k < 4; k++)
    {
        if (k < 3)
        {
            copy_async(s[(k + 1) & 1] + threadIdx.x, x + threadIdx.x);
        }

        commit();
        await<1>();
        __syncthreads();
        sum += s[k & 1][63 - threadIdx.x];
        __syncthreads();
    }

    if (blockIdx.x == 0)
    {
        y[threadIdx.x] = sum;
    }
}

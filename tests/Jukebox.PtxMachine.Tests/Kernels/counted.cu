// counted: kernels whose cost is known by hand. n is a multiple of the block everywhere; blocks of 256 unless said.

extern "C" __global__ void copy(const float *input, float *output)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    output[i] = input[i];
}

extern "C" __global__ void copy_wide(const float4 *input, float4 *output)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    output[i] = input[i];
}

extern "C" __global__ void copy_strided(const float *input, float *output, int stride)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    output[i] = input[(long long)i * stride];
}

extern "C" __global__ void broadcast(const float *input, float *output)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    output[i] = input[0];
}

// 32 × 32 tiles, block (32, 8). PITCH is the tile's row length in floats.
template <int PITCH>
__device__ void transpose_tile(const float *input, float *output, int width, int height)
{
    __shared__ float tile[32 * PITCH];
    int x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 32 + threadIdx.y;
    for (int j = 0; j < 32; j += 8)
    {
        tile[(threadIdx.y + j) * PITCH + threadIdx.x] = input[(y + j) * width + x];
    }

    __syncthreads();
    x = blockIdx.y * 32 + threadIdx.x;
    y = blockIdx.x * 32 + threadIdx.y;
    for (int j = 0; j < 32; j += 8)
    {
        output[(y + j) * height + x] = tile[threadIdx.x * PITCH + threadIdx.y + j];
    }
}

extern "C" __global__ void transpose(const float *input, float *output, int width, int height)
{
    transpose_tile<32>(input, output, width, height);
}

extern "C" __global__ void transpose_padded(const float *input, float *output, int width, int height)
{
    transpose_tile<33>(input, output, width, height);
}

// One warp. Each thread reads its WORDS words of shared memory at word thread · stride.
template <typename T>
__device__ void read_shared(float *output, int stride)
{
    extern __shared__ float values[];
    for (int i = threadIdx.x; i < 32 * stride + 4; i += 32)
    {
        values[i] = i;
    }

    __syncthreads();
    T value = *reinterpret_cast<const T *>(values + threadIdx.x * stride);
    *reinterpret_cast<T *>(output + threadIdx.x * (sizeof(T) / 4)) = value;
}

extern "C" __global__ void read_shared_4(float *output, int stride)
{
    read_shared<float>(output, stride);
}

extern "C" __global__ void read_shared_8(float *output, int stride)
{
    read_shared<float2>(output, stride);
}

extern "C" __global__ void read_shared_16(float *output, int stride)
{
    read_shared<float4>(output, stride);
}

// 2 · terms flops per thread.
extern "C" __global__ void multiply_add(float *output, float factor, int terms)
{
    float sum = threadIdx.x;
#pragma unroll 1
    for (int k = 0; k < terms; k++)
    {
        sum = fmaf(sum, factor, 1.0f);
    }

    output[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

// Threads below limit take the longer way.
extern "C" __global__ void diverge(float *output, int limit)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (threadIdx.x < limit)
    {
        for (int k = 0; k < 3; k++)
        {
            atomicAdd(output, 1.0f);
        }
    }

    output[i + 1] = i;
}

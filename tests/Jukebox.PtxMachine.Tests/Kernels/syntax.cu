// syntax: what a module may hold besides plain kernels, for the reader and the layout.

__constant__ float table[4] = {1, 2, 3, 4};
__device__ int counter = 5;
__device__ const float *pointer = table;

struct Arguments
{
    const float *input;
    float *output;
    int count;
    short step;
    unsigned char flag;
    float values[6];
};

extern __shared__ float dynamic_values[];

__device__ __noinline__ float sum_of_local(float factor, int count)
{
    float values[8];
    for (int i = 0; i < 8; i++)
    {
        values[i] = factor * i;
    }

    float sum = 0;
    for (int i = 0; i < count; i++)
    {
        sum += values[(i * 3) & 7];
    }

    return sum;
}

extern "C" __global__ void __launch_bounds__(128, 2) first(const Arguments a)
{
    __shared__ float tile[33];
    __shared__ double wide[3];
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    tile[threadIdx.x] = a.values[i % 6];
    wide[threadIdx.x % 3] = i;
    dynamic_values[threadIdx.x] = table[i & 3];
    __syncthreads();
    if (i < a.count)
    {
        a.output[i] = sum_of_local(tile[i % 33], i) + dynamic_values[i % a.step] + (float)wide[a.flag] + *pointer;
        atomicAdd(&counter, 1);
    }
}

extern "C" __global__ void second(float *output, int count, double scale, unsigned char byte, short half)
{
    if (threadIdx.x < count)
    {
        output[threadIdx.x] = (float)(scale * byte + half);
    }
}

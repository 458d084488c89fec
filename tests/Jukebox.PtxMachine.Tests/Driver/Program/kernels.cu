// What program.c runs. kernels.ptx beside it is NVRTC's output for compute_70:
//   nvrtcCompileProgram(kernels.cu, --gpu-architecture=compute_70 --std=c++17)

extern "C" __global__ void vector_add(const float* a, const float* b, float* y, int count) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) {
        y[i] = a[i] + b[i];
    }
}

// One sum per block of 256, to be added up by a second launch of one block.
extern "C" __global__ void __launch_bounds__(256) reduce_sum(const float* x, float* sums, int count) {
    __shared__ float warps[8];
    float sum = 0;
    for (int i = blockIdx.x * 256 + threadIdx.x; i < count; i += gridDim.x * 256) {
        sum += x[i];
    }
    for (int offset = 16; offset > 0; offset >>= 1) {
        sum += __shfl_down_sync(0xFFFFFFFFu, sum, offset);
    }
    if ((threadIdx.x & 31) == 0) {
        warps[threadIdx.x >> 5] = sum;
    }
    __syncthreads();
    if (threadIdx.x < 32) {
        sum = threadIdx.x < 8 ? warps[threadIdx.x] : 0;
        for (int offset = 4; offset > 0; offset >>= 1) {
            sum += __shfl_down_sync(0xFFFFFFFFu, sum, offset);
        }
        if (threadIdx.x == 0) {
            sums[blockIdx.x] = sum;
        }
    }
}

// c (m, n) = a (m, k) · b (k, n), any extents, tiles of 16 in dynamic shared memory.
extern "C" __global__ void __launch_bounds__(256) gemm_tiled(const float* a, const float* b, float* c, int m, int n, int k) {
    extern __shared__ float tiles[];
    float* tile_a = tiles;
    float* tile_b = tiles + 256;
    const int x = threadIdx.x, y = threadIdx.y;
    const int row = blockIdx.y * 16 + y, column = blockIdx.x * 16 + x;
    float sum = 0;
    for (int start = 0; start < k; start += 16) {
        tile_a[y * 16 + x] = row < m && start + x < k ? a[row * k + start + x] : 0;
        tile_b[y * 16 + x] = start + y < k && column < n ? b[(start + y) * n + column] : 0;
        __syncthreads();
        for (int i = 0; i < 16; i++) {
            sum += tile_a[y * 16 + i] * tile_b[i * 16 + x];
        }
        __syncthreads();
    }
    if (row < m && column < n) {
        c[row * n + column] = sum;
    }
}

// Faults: the address is nobody's.
extern "C" __global__ void store_far_away(float* y) {
    y[(1ll << 40) + threadIdx.x] = 1;
}

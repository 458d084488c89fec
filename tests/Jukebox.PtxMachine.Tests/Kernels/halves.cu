// halves: atomic sums of 16-bit numbers and of pairs of them, and matrices of them stored from fragments. For compute capability 9.0.

typedef unsigned short H;
typedef unsigned int R;
#define CONSTRAINT_H "h"
#define CONSTRAINT_R "r"

__device__ __forceinline__ R shared_address(const void *pointer)
{
    return (R)__cvta_generic_to_shared(pointer);
}

// One block of 128: each thread adds to an element of its own, in global memory and in shared memory, and tells what was there. NAME_sum: all threads add to one.
#define ATOMIC_ADD(NAME, T, TYPE) \
    extern "C" __global__ void NAME(T *in_global, const T *x, T *before_global, T *in_shared, T *before_shared) \
    { \
        __shared__ T s[128]; \
        int i = threadIdx.x; \
        T before; \
        s[i] = in_global[i]; \
        asm volatile("atom.global.add.noftz." TYPE " %0, [%1], %2;" : "=" CONSTRAINT_##T(before) : "l"(in_global + i), CONSTRAINT_##T(x[i]) : "memory"); \
        before_global[i] = before; \
        asm volatile("atom.shared.add.noftz." TYPE " %0, [%1], %2;" : "=" CONSTRAINT_##T(before) : "r"(shared_address(s + i)), CONSTRAINT_##T(x[i]) : "memory"); \
        before_shared[i] = before; \
        in_shared[i] = s[i]; \
    } \
    extern "C" __global__ void NAME##_sum(T *sum, const T *x) \
    { \
        asm volatile("red.global.add.noftz." TYPE " [%0], %1;" ::"l"(sum), CONSTRAINT_##T(x[blockIdx.x * blockDim.x + threadIdx.x]) : "memory"); \
    }

ATOMIC_ADD(add_f16, H, "f16")
ATOMIC_ADD(add_bf16, H, "bf16")
ATOMIC_ADD(add_f16x2, R, "f16x2")
ATOMIC_ADD(add_bf16x2, R, "bf16x2")

// Four matrices of 8 × 8, one below the other, from what each lane holds of them: x has 4 registers per lane. y gets them row by row.
#define STORE_MATRICES(NAME, SUFFIX) \
    extern "C" __global__ void NAME(const R *x, R *y) \
    { \
        __shared__ __align__(16) R s[128]; \
        int lane = threadIdx.x; \
        asm volatile("stmatrix.sync.aligned.m8n8.x4" SUFFIX ".shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(shared_address(s + 4 * lane)), "r"(x[lane]), "r"(x[32 + lane]), "r"(x[64 + lane]), "r"(x[96 + lane]) : "memory"); \
        __syncwarp(); \
        for (int k = 0; k < 4; k++) \
        { \
            y[32 * k + lane] = s[32 * k + lane]; \
        } \
    }

STORE_MATRICES(store_matrices, "")
STORE_MATRICES(store_matrices_transposed, ".trans")

// One and two matrices, in the first 8 and 16 rows: the addresses of other lanes are not looked at.
extern "C" __global__ void store_fewer_matrices(const R *x, R *y)
{
    __shared__ __align__(16) R one[32], two[64];
    int lane = threadIdx.x;
    asm volatile("stmatrix.sync.aligned.m8n8.x1.shared.b16 [%0], {%1};" ::"r"(lane < 8 ? shared_address(one + 4 * lane) : 0xFFFFFFF1u), "r"(x[lane]) : "memory");
    asm volatile("stmatrix.sync.aligned.m8n8.x2.trans.shared.b16 [%0], {%1, %2};" ::"r"(lane < 16 ? shared_address(two + 4 * lane) : 0xFFFFFFF1u), "r"(x[32 + lane]), "r"(x[64 + lane]) : "memory");
    __syncwarp();
    y[lane] = one[lane];
    y[32 + lane] = two[lane];
    y[64 + lane] = two[32 + lane];
}

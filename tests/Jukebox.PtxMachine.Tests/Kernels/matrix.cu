// matrix: tensor cores and asynchronous copies by the instruction, one warp. A is 16 × K, B is K × 8 and C, D are 16 × 8, all row-major.

typedef unsigned int R;

__device__ __forceinline__ R shared_address(const void *pointer)
{
    return (R)__cvta_generic_to_shared(pointer);
}

#define MMA16(TYPES) \
    asm volatile("mma.sync.aligned.m16n8k16.row.col." TYPES " {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};" \
                 : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3]) \
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "f"(c0[0]), "f"(c0[1]), "f"(c0[2]), "f"(c0[3]))

// 16-bit elements through shared memory: cp.async, ldmatrix, ldmatrix.trans.
template <bool BRAIN>
__device__ void multiply_16(const unsigned short *A, const unsigned short *B, const float *C, float *D)
{
    __shared__ __align__(16) unsigned short sa[16 * 16], sb[16 * 8];
    int lane = threadIdx.x, row = lane / 4, column = lane % 4 * 2;
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(sa + 8 * lane)), "l"(A + 8 * lane));
    if (lane < 16)
    {
        asm volatile("cp.async.ca.shared.global [%0], [%1], 16;" ::"r"(shared_address(sb + 8 * lane)), "l"(B + 8 * lane));
    }

    asm volatile("cp.async.commit_group;");
    asm volatile("cp.async.wait_group 0;" ::: "memory");
    __syncwarp();
    R a[4], b[2];
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(a[0]), "=r"(a[1]), "=r"(a[2]), "=r"(a[3]) : "r"(shared_address(sa + lane % 16 * 16 + lane / 16 * 8)));
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];" : "=r"(b[0]), "=r"(b[1]) : "r"(shared_address(sb + lane % 16 * 8)));
    float c0[4] = {C[row * 8 + column], C[row * 8 + column + 1], C[(row + 8) * 8 + column], C[(row + 8) * 8 + column + 1]}, d[4];
    if (BRAIN)
    {
        MMA16("f32.bf16.bf16.f32");
    }
    else
    {
        MMA16("f32.f16.f16.f32");
    }

    D[row * 8 + column] = d[0];
    D[row * 8 + column + 1] = d[1];
    D[(row + 8) * 8 + column] = d[2];
    D[(row + 8) * 8 + column + 1] = d[3];
}

extern "C" __global__ void multiply_f16(const unsigned short *A, const unsigned short *B, const float *C, float *D)
{
    multiply_16<false>(A, B, C, D);
}

extern "C" __global__ void multiply_bf16(const unsigned short *A, const unsigned short *B, const float *C, float *D)
{
    multiply_16<true>(A, B, C, D);
}

// Bytes, fragments gathered by hand: K is 32.
extern "C" __global__ void multiply_s8(const signed char *A, const signed char *B, const int *C, int *D)
{
    int lane = threadIdx.x, row = lane / 4, quad = lane % 4;
    R a[4], b[2];
    for (int k = 0; k < 4; k++)
    {
        a[k] = *(const R *)(A + (row + k % 2 * 8) * 32 + quad * 4 + k / 2 * 16);
    }

    for (int k = 0; k < 2; k++)
    {
        b[k] = 0;
        for (int j = 0; j < 4; j++)
        {
            b[k] |= (R)(unsigned char)B[(quad * 4 + j + k * 16) * 8 + row] << (8 * j);
        }
    }

    int at = row * 8 + quad * 2, d[4];
    asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};"
                 : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(C[at]), "r"(C[at + 1]), "r"(C[at + 64]), "r"(C[at + 65]));
    D[at] = d[0];
    D[at + 1] = d[1];
    D[at + 64] = d[2];
    D[at + 65] = d[3];
}

// What is not read is zero.
extern "C" __global__ void copy_part(const float *x, float *y, int read_bytes)
{
    __shared__ __align__(16) float s[128];
    for (int k = 0; k < 4; k++)
    {
        s[4 * threadIdx.x + k] = 7.0f;
    }

    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(s + 4 * threadIdx.x)), "l"(x + 4 * threadIdx.x), "r"(read_bytes) : "memory");
    asm volatile("cp.async.wait_all;" ::: "memory");
    for (int k = 0; k < 4; k++)
    {
        y[4 * threadIdx.x + k] = s[4 * threadIdx.x + k];
    }
}

// Folds of a warp's lanes.
extern "C" __global__ void fold(const int *x, int *sum, int *smallest, unsigned int *largest, unsigned int *common)
{
    int i = threadIdx.x, r;
    R u;
    asm volatile("redux.sync.add.s32 %0, %1, 0xFFFFFFFF;" : "=r"(r) : "r"(x[i]));
    sum[i] = r;
    asm volatile("redux.sync.min.s32 %0, %1, 0xFFFFFFFF;" : "=r"(r) : "r"(x[i]));
    smallest[i] = r;
    asm volatile("redux.sync.max.u32 %0, %1, 0xFFFFFFFF;" : "=r"(u) : "r"(x[i]));
    largest[i] = u;
    asm volatile("redux.sync.and.b32 %0, %1, 0xFFFFFFFF;" : "=r"(u) : "r"(x[i]));
    common[i] = u;
}

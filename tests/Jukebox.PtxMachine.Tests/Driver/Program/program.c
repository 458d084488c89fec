/* A program as any other that uses the CUDA driver: it declares what it calls and knows nothing of who answers. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st *CUcontext;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
typedef struct CUstream_st *CUstream;
typedef struct CUevent_st *CUevent;
typedef struct CUgraph_st *CUgraph;
typedef struct CUgraphExec_st *CUgraphExec;

CUresult cuInit(unsigned int flags);
CUresult cuDriverGetVersion(int *version);
CUresult cuGetErrorName(CUresult error, const char **name);
CUresult cuDeviceGetCount(int *count);
CUresult cuDeviceGet(CUdevice *device, int ordinal);
CUresult cuDeviceGetName(char *name, int length, CUdevice device);
CUresult cuDeviceGetAttribute(int *value, int attribute, CUdevice device);
CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device);
CUresult cuCtxCreate_v2(CUcontext *context, unsigned int flags, CUdevice device);
CUresult cuCtxSynchronize(void);
CUresult cuCtxDestroy_v2(CUcontext context);
CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned int count, int *options, void **values);
CUresult cuModuleUnload(CUmodule module);
CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name);
CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t bytes);
CUresult cuMemFree_v2(CUdeviceptr address);
CUresult cuMemcpyHtoD_v2(CUdeviceptr destination, const void *source, size_t bytes);
CUresult cuMemcpyDtoH_v2(void *destination, CUdeviceptr source, size_t bytes);
CUresult cuMemsetD32_v2(CUdeviceptr destination, unsigned int value, size_t count);
CUresult cuStreamCreate(CUstream *stream, unsigned int flags);
CUresult cuStreamSynchronize(CUstream stream);
CUresult cuStreamDestroy_v2(CUstream stream);
CUresult cuStreamBeginCapture_v2(CUstream stream, int mode);
CUresult cuStreamEndCapture(CUstream stream, CUgraph *graph);
CUresult cuEventCreate(CUevent *event, unsigned int flags);
CUresult cuEventRecord(CUevent event, CUstream stream);
CUresult cuEventSynchronize(CUevent event);
CUresult cuEventElapsedTime(float *milliseconds, CUevent start, CUevent end);
CUresult cuEventDestroy_v2(CUevent event);
CUresult cuLaunchKernel(CUfunction function, unsigned int grid_x, unsigned int grid_y, unsigned int grid_z, unsigned int block_x,
    unsigned int block_y, unsigned int block_z, unsigned int shared_bytes, CUstream stream, void **parameters, void **extra);
CUresult cuGraphInstantiateWithFlags(CUgraphExec *executable, CUgraph graph, unsigned long long flags);
CUresult cuGraphLaunch(CUgraphExec executable, CUstream stream);
CUresult cuGraphExecDestroy(CUgraphExec executable);
CUresult cuGraphDestroy(CUgraph graph);
CUresult cuGetProcAddress_v2(const char *symbol, void **function, int version, unsigned long long flags, int *status);

static void check(CUresult result, const char *call, int line) {
    if (result != 0) {
        const char *name = "?";
        cuGetErrorName(result, &name);
        printf("line %d: %s: %s (%d)\n", line, call, name, result);
        exit(1);
    }
}

#define CHECK(call) check(call, #call, __LINE__)

static void require(int holds, const char *what) {
    printf("%s %s\n", holds ? "ok" : "WRONG", what);
    if (!holds) {
        exit(1);
    }
}

static char *read_text(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    long length = ftell(file);
    rewind(file);
    char *text = calloc(1, length + 1);
    if (fread(text, 1, length, file) != (size_t)length) {
        exit(1);
    }
    fclose(file);
    return text;
}

static float *random_floats(size_t count) {
    static unsigned int state = 12345;
    float *values = malloc(count * sizeof(float));
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = (int)(state >> 8) / 8388608.0f - 1.0f;
    }
    return values;
}

static CUdeviceptr upload(const float *values, size_t count) {
    CUdeviceptr address;
    CHECK(cuMemAlloc_v2(&address, count * sizeof(float)));
    CHECK(cuMemcpyHtoD_v2(address, values, count * sizeof(float)));
    return address;
}

static CUfunction function(CUmodule module, const char *name) {
    CUfunction result;
    CHECK(cuModuleGetFunction(&result, module, name));
    return result;
}

static void vector_add(CUmodule module) {
    int count = 100003;
    float *a = random_floats(count), *b = random_floats(count), *y = malloc(count * sizeof(float));
    CUdeviceptr da = upload(a, count), db = upload(b, count), dy;
    CHECK(cuMemAlloc_v2(&dy, count * sizeof(float)));
    CHECK(cuMemsetD32_v2(dy, 0x7FC00000u, count));
    void *parameters[] = {&da, &db, &dy, &count};
    CHECK(cuLaunchKernel(function(module, "vector_add"), (count + 127) / 128, 1, 1, 128, 1, 1, 0, 0, parameters, 0));
    CHECK(cuMemcpyDtoH_v2(y, dy, count * sizeof(float)));
    int wrong = 0;
    for (int i = 0; i < count; i++) {
        wrong += y[i] != a[i] + b[i];
    }
    require(wrong == 0, "vector addition");
    CHECK(cuMemFree_v2(da));
    CHECK(cuMemFree_v2(db));
    CHECK(cuMemFree_v2(dy));
}

static void reduction(CUmodule module) {
    int count = 777777, blocks = 37, one = 1;
    float *x = random_floats(count), sum;
    double expected = 0, magnitude = 0;
    for (int i = 0; i < count; i++) {
        expected += x[i];
        magnitude += fabs(x[i]);
    }
    CUdeviceptr dx = upload(x, count), dsums, dsum;
    CHECK(cuMemAlloc_v2(&dsums, blocks * sizeof(float)));
    CHECK(cuMemAlloc_v2(&dsum, sizeof(float)));
    CUstream stream;
    CUevent start, end;
    CHECK(cuStreamCreate(&stream, 1));
    CHECK(cuEventCreate(&start, 0));
    CHECK(cuEventCreate(&end, 0));
    CHECK(cuEventRecord(start, stream));
    void *first[] = {&dx, &dsums, &count};
    void *second[] = {&dsums, &dsum, &blocks};
    CHECK(cuLaunchKernel(function(module, "reduce_sum"), blocks, 1, 1, 256, 1, 1, 0, stream, first, 0));
    CHECK(cuLaunchKernel(function(module, "reduce_sum"), one, 1, 1, 256, 1, 1, 0, stream, second, 0));
    CHECK(cuEventRecord(end, stream));
    CHECK(cuEventSynchronize(end));
    float milliseconds = -1;
    CHECK(cuEventElapsedTime(&milliseconds, start, end));
    require(milliseconds > 0, "time between events");
    CHECK(cuMemcpyDtoH_v2(&sum, dsum, sizeof(float)));
    require(fabs(sum - expected) <= 1e-6 * magnitude, "reduction");
    CHECK(cuEventDestroy_v2(start));
    CHECK(cuEventDestroy_v2(end));
    CHECK(cuStreamDestroy_v2(stream));
    CHECK(cuMemFree_v2(dx));
    CHECK(cuMemFree_v2(dsums));
    CHECK(cuMemFree_v2(dsum));
}

static void gemm(CUmodule module) {
    int m = 67, n = 50, k = 83;
    float *a = random_floats(m * k), *b = random_floats(k * n), *c = malloc(m * n * sizeof(float));
    CUdeviceptr da = upload(a, m * k), db = upload(b, k * n), dc;
    CHECK(cuMemAlloc_v2(&dc, m * n * sizeof(float)));
    CUstream stream;
    CUgraph graph;
    CUgraphExec executable;
    CHECK(cuStreamCreate(&stream, 0)); /* waits for the default stream, which sets the memory below */
    void *parameters[] = {&da, &db, &dc, &m, &n, &k};
    CHECK(cuStreamBeginCapture_v2(stream, 0));
    CHECK(cuLaunchKernel(function(module, "gemm_tiled"), (n + 15) / 16, (m + 15) / 16, 1, 16, 16, 1, 2048, stream, parameters, 0));
    CHECK(cuStreamEndCapture(stream, &graph));
    CHECK(cuGraphInstantiateWithFlags(&executable, graph, 0));
    for (int replay = 0; replay < 2; replay++) {
        CHECK(cuMemsetD32_v2(dc, 0x7FC00000u, m * n));
        CHECK(cuGraphLaunch(executable, stream));
        CHECK(cuStreamSynchronize(stream));
        CHECK(cuMemcpyDtoH_v2(c, dc, m * n * sizeof(float)));
        int wrong = 0;
        for (int row = 0; row < m; row++) {
            for (int column = 0; column < n; column++) {
                double sum = 0;
                for (int i = 0; i < k; i++) {
                    sum += (double)a[row * k + i] * b[i * n + column];
                }
                wrong += !(fabs(c[row * n + column] - sum) <= 1e-5);
            }
        }
        require(wrong == 0, "tiled matrix product, recorded");
    }
    CHECK(cuGraphExecDestroy(executable));
    CHECK(cuGraphDestroy(graph));
    CHECK(cuStreamDestroy_v2(stream));
    CHECK(cuMemFree_v2(da));
    CHECK(cuMemFree_v2(db));
    CHECK(cuMemFree_v2(dc));
}

static void failures(CUmodule module, CUdevice device) {
    const unsigned char machine_code[] = {0x7F, 'E', 'L', 'F', 2, 1, 1, 0x33, 7, 0, 0, 0};
    char log[256] = "";
    int options[] = {5, 6};
    void *values[] = {log, (void *)sizeof log};
    CUmodule none;
    require(cuModuleLoadDataEx(&none, machine_code, 2, options, values) == 209 && strlen(log) > 0, "machine code is refused with a reason");
    CUdeviceptr address;
    size_t total;
    CHECK(cuDeviceTotalMem_v2(&total, device));
    require(cuMemAlloc_v2(&address, total + 1) == 2, "too much memory is refused");
    CHECK(cuMemAlloc_v2(&address, 4));
    void *parameters[] = {&address};
    CHECK(cuLaunchKernel(function(module, "store_far_away"), 1, 1, 1, 32, 1, 1, 0, 0, parameters, 0));
    require(cuCtxSynchronize() == 700, "a fault is heard of when the host waits");
    require(cuMemFree_v2(address) == 700, "and at every call from then on");
}

int main(int count, char **arguments) {
    if (count != 2) {
        return 2;
    }
    int version, devices, capability;
    char name[100];
    CUdevice device;
    CUcontext context;
    CUmodule module;
    require(cuDeviceGetCount(&devices) == 3, "nothing works before cuInit");
    CHECK(cuInit(0));
    CHECK(cuDriverGetVersion(&version));
    CHECK(cuDeviceGetCount(&devices));
    CHECK(cuDeviceGet(&device, 0));
    CHECK(cuDeviceGetName(name, sizeof name, device));
    CHECK(cuDeviceGetAttribute(&capability, 75, device));
    printf("CUDA %d, %d device, %s, compute capability %d\n", version, devices, name, capability);
    void *found = 0;
    int status = -1;
    CHECK(cuGetProcAddress_v2("cuMemAlloc", &found, version, 0, &status));
    require(found == (void *)cuMemAlloc_v2 && status == 0, "functions are found by name");
    CHECK(cuCtxCreate_v2(&context, 0, device));
    CHECK(cuModuleLoadDataEx(&module, read_text(arguments[1]), 0, 0, 0));
    vector_add(module);
    reduction(module);
    gemm(module);
    failures(module, device);
    puts("done");
    return 0;
}

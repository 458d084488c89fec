using System.Runtime.CompilerServices;
using Jukebox.Cpu.Linear;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Rows;

/// <summary>
/// A linear layer of one row: bound by reading the weights, which pass once, several input channels at a time, against
/// a strip of sums in the first-level cache.
/// </summary>
internal static unsafe class StreamKernels<TSimd, TVector, TStorage>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
    where TStorage : IStorage
{
    /// <summary>Input channels at a time: as many streams as the prefetchers follow comfortably.</summary>
    private const int Streams = 8;

    /// <summary>One part: a range of output channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(void* argument, int part, int worker)
    {
        ref LinearJob job = ref *(LinearJob*)argument;
        int column = part * job.ColumnsPerPart, count = Math.Min(job.ColumnsPerPart, job.OutputWidth - column);
        float* sums = job.WorkerScratch + (worker * job.WorkerScratchFloats);
        byte* weight = job.Weight + ((long)column * TStorage.LengthBytes);
        long stride = (long)job.OutputWidth * TStorage.LengthBytes;
        new Span<float>(sums, count + TSimd.Width).Clear();
        int k = 0;
        for (; k + Streams <= job.InputWidth; k += Streams, weight += Streams * stride)
        {
            AddStreams(job.Input + k, weight, stride, sums, count);
        }

        for (; k < job.InputWidth; k++, weight += stride)
        {
            AddOne(job.Input[k], weight, sums, count);
        }

        LinearEpilogue<TSimd, TVector>.StoreRow(ref job, sums, 0, column, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddStreams(float* x, byte* weight, long stride, float* sums, int count)
    {
        TVector x0 = TSimd.Splat(x[0]), x1 = TSimd.Splat(x[1]), x2 = TSimd.Splat(x[2]), x3 = TSimd.Splat(x[3]);
        TVector x4 = TSimd.Splat(x[4]), x5 = TSimd.Splat(x[5]), x6 = TSimd.Splat(x[6]), x7 = TSimd.Splat(x[7]);
        byte* upper = weight + (4 * stride);
        int body = count - (count % TSimd.Width);
        for (int c = 0; c < body; c += TSimd.Width)
        {
            byte* w = weight + ((long)c * TStorage.LengthBytes), v = upper + ((long)c * TStorage.LengthBytes);
            Prefetch(w + (Streams * stride), stride);
            Prefetch(v + (Streams * stride), stride);
            TVector sum = TSimd.Load(sums + c);
            sum = TSimd.MultiplyAdd(x0, TStorage.Load<TSimd, TVector>(w), sum);
            sum = TSimd.MultiplyAdd(x1, TStorage.Load<TSimd, TVector>(w + stride), sum);
            sum = TSimd.MultiplyAdd(x2, TStorage.Load<TSimd, TVector>(w + (2 * stride)), sum);
            sum = TSimd.MultiplyAdd(x3, TStorage.Load<TSimd, TVector>(w + (3 * stride)), sum);
            sum = TSimd.MultiplyAdd(x4, TStorage.Load<TSimd, TVector>(v), sum);
            sum = TSimd.MultiplyAdd(x5, TStorage.Load<TSimd, TVector>(v + stride), sum);
            sum = TSimd.MultiplyAdd(x6, TStorage.Load<TSimd, TVector>(v + (2 * stride)), sum);
            sum = TSimd.MultiplyAdd(x7, TStorage.Load<TSimd, TVector>(v + (3 * stride)), sum);
            TSimd.Store(sums + c, sum);
        }

        for (int k = 0; k < Streams && body < count; k++)
        {
            AddTail(TSimd.Splat(x[k]), weight + (k * stride) + ((long)body * TStorage.LengthBytes), sums + body, count - body);
        }
    }

    /// <summary>Asks for the next input channels at the same columns: a strip is too short for the hardware to foresee.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* weight, long stride)
    {
        TSimd.Prefetch(weight);
        TSimd.Prefetch(weight + stride);
        TSimd.Prefetch(weight + (2 * stride));
        TSimd.Prefetch(weight + (3 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddOne(float x, byte* weight, float* sums, int count)
    {
        TVector splat = TSimd.Splat(x);
        int body = count - (count % TSimd.Width);
        for (int c = 0; c < body; c += TSimd.Width)
        {
            TVector w = TStorage.Load<TSimd, TVector>(weight + ((long)c * TStorage.LengthBytes));
            TSimd.Store(sums + c, TSimd.MultiplyAdd(splat, w, TSimd.Load(sums + c)));
        }

        if (body < count)
        {
            AddTail(splat, weight + ((long)body * TStorage.LengthBytes), sums + body, count - body);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddTail(TVector splat, byte* weight, float* sums, int count)
    {
        TVector w = Storage.LoadPartial<TSimd, TVector, TStorage>(weight, count);
        TSimd.Store(sums, TSimd.MultiplyAdd(splat, w, TSimd.Load(sums)));
    }
}

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Backend;

/// <summary>Measures the two limits that every figure is compared with: own loops, on the backend's own threads.</summary>
public static unsafe class MachineProbe
{
    private const int Repeats = 5;
    private const int MultiplyAdds = 1 << 21;

    /// <summary>Measures both limits: the best of a few runs, about two seconds in all.</summary>
    /// <param name="backend">Its threads and instruction set are used.</param>
    /// <param name="bufferBytes">Memory read in each run; several times the last-level cache.</param>
    public static MachineLimits Measure(CpuBackend backend, long bufferBytes = 1L << 30)
    {
        using DeviceBuffer buffer = backend.Allocate(bufferBytes);
        buffer.Fill(0);
        var job = new ProbeJob { Memory = ((CpuBuffer)buffer).Pointer, LengthBytes = bufferBytes, PartCount = backend.ThreadCount };
        ProbeKernels kernels = KernelsOf(backend.InstructionSet);
        double readSeconds = Best(backend, kernels.Read, &job);
        double multiplySeconds = Best(backend, kernels.Multiply, &job);
        double flops = 2.0 * kernels.Width * ProbeKernels.Chains * MultiplyAdds * backend.ThreadCount;
        return new MachineLimits(bufferBytes / readSeconds, flops / multiplySeconds);
    }

    private static ProbeKernels KernelsOf(CpuInstructionSet instructionSet) => instructionSet switch
    {
        CpuInstructionSet.Avx512 => ProbeKernels.For<Avx512Simd, Vector512<float>>(),
        CpuInstructionSet.Avx2 => ProbeKernels.For<Avx2Simd, Vector256<float>>(),
        _ => ProbeKernels.For<PortableSimd, Vector128<float>>(),
    };

    private static double Best(CpuBackend backend, Kernel kernel, ProbeJob* job)
    {
        double best = double.PositiveInfinity;
        for (int i = 0; i < Repeats; i++)
        {
            long start = Stopwatch.GetTimestamp();
            backend.RunKernel(kernel, job, job->PartCount);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private struct ProbeJob
    {
        public byte* Memory;
        public long LengthBytes;
        public int PartCount;

        /// <summary>Somewhere to put results, so that the loops cannot be left out.</summary>
        public float Sink;
    }

    private struct ProbeKernels
    {
        /// <summary>Independent sums: enough to hide the latency of two multiply-adds per cycle.</summary>
        public const int Chains = 12;

        /// <summary>Memory is read in several streams of a page's length: measured 12 % faster than in one.</summary>
        private const int Streams = 8;
        private const int RowFloats = 1024;

        public Kernel Read, Multiply;
        public int Width;

        public static ProbeKernels For<TSimd, TVector>()
            where TSimd : ISimd<TVector>
            where TVector : unmanaged => new()
            {
                Read = &ReadAll<TSimd, TVector>,
                Multiply = &MultiplyAll<TSimd, TVector>,
                Width = TSimd.Width,
            };

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void ReadAll<TSimd, TVector>(void* argument, int part, int worker)
            where TSimd : ISimd<TVector>
            where TVector : unmanaged
        {
            ref ProbeJob job = ref *(ProbeJob*)argument;
            long count = job.LengthBytes / job.PartCount / sizeof(float) / (Streams * RowFloats) * (Streams * RowFloats);
            float* source = (float*)job.Memory + (part * count), end = source + count;
            TVector a = TSimd.Zero, b = TSimd.Zero, c = TSimd.Zero, d = TSimd.Zero;
            for (; source < end; source += Streams * RowFloats)
            {
                for (float* at = source; at < source + RowFloats; at += TSimd.Width)
                {
                    a = TSimd.Add(TSimd.Add(a, TSimd.Load(at)), TSimd.Load(at + RowFloats));
                    b = TSimd.Add(TSimd.Add(b, TSimd.Load(at + (2 * RowFloats))), TSimd.Load(at + (3 * RowFloats)));
                    c = TSimd.Add(TSimd.Add(c, TSimd.Load(at + (4 * RowFloats))), TSimd.Load(at + (5 * RowFloats)));
                    d = TSimd.Add(TSimd.Add(d, TSimd.Load(at + (6 * RowFloats))), TSimd.Load(at + (7 * RowFloats)));
                }
            }

            job.Sink = TSimd.Sum(TSimd.Add(TSimd.Add(a, b), TSimd.Add(c, d)));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void MultiplyAll<TSimd, TVector>(void* argument, int part, int worker)
            where TSimd : ISimd<TVector>
            where TVector : unmanaged
        {
            TVector x = TSimd.Splat(0.5f), y = TSimd.Splat(1);
            TVector a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
            for (int n = 0; n < MultiplyAdds; n++)
            {
                a = TSimd.MultiplyAdd(a, x, y);
                b = TSimd.MultiplyAdd(b, x, y);
                c = TSimd.MultiplyAdd(c, x, y);
                d = TSimd.MultiplyAdd(d, x, y);
                e = TSimd.MultiplyAdd(e, x, y);
                f = TSimd.MultiplyAdd(f, x, y);
                g = TSimd.MultiplyAdd(g, x, y);
                h = TSimd.MultiplyAdd(h, x, y);
                i = TSimd.MultiplyAdd(i, x, y);
                j = TSimd.MultiplyAdd(j, x, y);
                k = TSimd.MultiplyAdd(k, x, y);
                l = TSimd.MultiplyAdd(l, x, y);
            }

            TVector sum = TSimd.Add(TSimd.Add(TSimd.Add(a, b), TSimd.Add(c, d)), TSimd.Add(TSimd.Add(e, f), TSimd.Add(g, h)));
            ((ProbeJob*)argument)->Sink = TSimd.Sum(TSimd.Add(sum, TSimd.Add(TSimd.Add(i, j), TSimd.Add(k, l))));
        }
    }
}

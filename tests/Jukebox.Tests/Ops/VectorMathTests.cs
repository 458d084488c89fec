using System.Runtime.Intrinsics;
using Jukebox.Cpu.Backend;
using Jukebox.Cpu.Simd;
using Xunit;

namespace Jukebox.Tests.Ops;

public sealed unsafe class VectorMathTests
{
    private static readonly float[] Ends = [0, -0f, -104, -103.5f, -87.5f, -87, 88, 88.7f, 88.8f, 1e30f, -1e30f, float.PositiveInfinity, float.NegativeInfinity];

    [Fact]
    public void ExpIsAccurateOnEveryInstructionSet()
    {
        Check<PortableSimd, Vector128<float>>();
        if (CpuOptions.Supported.Contains(CpuInstructionSet.Avx2))
        {
            Check<Avx2Simd, Vector256<float>>();
        }

        if (CpuOptions.Supported.Contains(CpuInstructionSet.Avx512))
        {
            Check<Avx512Simd, Vector512<float>>();
        }
    }

    private static void Check<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        var random = new TestRandom(51);
        float[] inputs = [.. Ends, .. Enumerable.Range(0, 20_000).Select(_ => 100 * random.Signed())];
        float* lanes = stackalloc float[TSimd.Width];
        foreach (float x in inputs)
        {
            TSimd.Store(lanes, VectorMath<TSimd, TVector>.Exp(TSimd.Splat(x)));
            double expected = Math.Exp(x), rounded = (float)expected;
            double error = rounded == lanes[0] ? 0 : Math.Abs(lanes[0] - expected) / Math.Max(expected, float.Epsilon);
            bool subnormal = expected < 1.2e-38;
            Assert.True(error <= Tolerances.Exp || (subnormal && Math.Abs(lanes[0] - expected) <= 2 * float.Epsilon), $"{typeof(TSimd).Name}: exp({x}) = {lanes[0]}, not {expected}");
        }

        TSimd.Store(lanes, VectorMath<TSimd, TVector>.Exp(TSimd.Splat(float.NaN)));
        Assert.True(float.IsNaN(lanes[0]));
    }
}

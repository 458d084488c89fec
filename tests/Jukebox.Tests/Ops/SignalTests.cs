using Jukebox.Core;
using Jukebox.Tests.Golden;
using Jukebox.Tests.Reference;
using Xunit;

namespace Jukebox.Tests.Ops;

public sealed class SignalTests
{
    /// <summary>Batch, samples, transform, hop, window.</summary>
    private static readonly (int, int, int, int, int)[] Spectra =
    [
        (1, 2, 2, 1, 1),
        (1, 3, 4, 2, 3),
        (2, 9, 8, 3, 7),
        (3, 37, 16, 5, 16),
        (2, 101, 32, 7, 21),
        (1, 130, 64, 16, 60),
        (5, 211, 128, 25, 60),
        (2, 300, 256, 64, 200),
    ];

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void SpectralDistancesMatchTheReferenceAtAwkwardShapes(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach ((int batch, int length, int transform, int hop, int window) in Spectra)
        {
            using var contract = new OpContract(backend, (ulong)length);
            float[] before = contract.Random.Floats(batch * length);
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(batch * length), batch, length);
            Tensor y = contract.Input(ElementType.F32, contract.Random.Floats(batch * length), batch, length);
            Tensor norms = contract.Output(ElementType.F32, batch, 2), dy = contract.Input(ElementType.F32, before, batch, length);
            const float Scale = 0.75f;
            backend.SpectralDistance(x, y, new SpectralResolution(transform, hop, window), norms, Scale, dy);
            double[] expectedNorms = new double[2 * batch], expected = new double[batch * length];
            for (int n = 0; n < batch; n++)
            {
                double[] xs = OpContract.Stored(x)[(n * length)..((n + 1) * length)], ys = OpContract.Stored(y)[(n * length)..((n + 1) * length)];
                (expectedNorms[2 * n], expectedNorms[(2 * n) + 1]) = ReferenceOps.SpectralDistance(xs, ys, transform, hop, window);
                double[] gradient = ReferenceOps.SpectralDistanceGradient(xs, ys, transform, hop, window);
                for (int t = 0; t < length; t++)
                {
                    expected[(n * length) + t] = before[(n * length) + t] + (Scale * gradient[t]);
                }
            }

            contract.Matches(norms, expectedNorms, Tolerances.SpectralNorm(transform));
            contract.Matches(dy, expected, Tolerances.SpectralGradient(transform));
            Tensor alone = contract.Output(ElementType.F32, batch, 2);
            backend.SpectralDistance(x, y, new SpectralResolution(transform, hop, window), alone, Scale, null);
            Assert.Equal(norms.ToArray<float>(), alone.ToArray<float>());
        }
    }

    /// <summary>Norms that the original computed of uniform noise; from itself it is a rounding away.</summary>
    [Theory]
    [InlineData(2048, 240, 1200, 831.8057f, 826.4072f)]
    [InlineData(1024, 120, 600, 579.8701f, 576.3768f)]
    [InlineData(512, 50, 240, 397.3976f, 395.065f)]
    [InlineData(2048, 256, 1536, 914.6592f, 908.5238f)]
    public void SpectralNormsAreTheOriginals(int transform, int hop, int window, float first, float second)
    {
        foreach (string name in TestBackends.AllNames)
        {
            using ITrainingBackend backend = TestBackends.OpenForTraining(name);
            using var contract = new OpContract(backend, 0);
            float[] noise = Array.ConvertAll(SyntheticWeights.Uniform("input", 8192), v => 0.5f * v);
            Tensor x = contract.Input(ElementType.F32, noise, 2, 4096), norms = contract.Output(ElementType.F32, 2, 2);
            backend.SpectralDistance(x, x, new SpectralResolution(transform, hop, window), norms, 1, null);
            float[] values = norms.ToArray<float>();
            Assert.Equal(first, values[1], first * Tolerances.SyntheticVectors);
            Assert.Equal(second, values[3], second * Tolerances.SyntheticVectors);
            Assert.InRange(values[0], 0, first * Tolerances.SpectralNorm(transform));
            Assert.InRange(values[2], 0, second * Tolerances.SpectralNorm(transform));
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void SampleDistancesMatchTheReference(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach ((int batch, int length, int count) in (ReadOnlySpan<(int, int, int)>)[(1, 1, 1), (2, 7, 7), (3, 101, 10), (2, 3000, 2048)])
        {
            using var contract = new OpContract(backend, (ulong)length);
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(batch * length), batch, length);
            Tensor y = contract.Input(ElementType.F32, contract.Random.Floats(batch * length), batch, length);
            Tensor losses = contract.Output(ElementType.F32, 3), dy = contract.Output(ElementType.F32, batch, length);
            backend.SampleDistance(x, y, count, new SampleDistanceScales(0.5f, 3, 2), losses, dy);
            double[] xs = OpContract.Stored(x), ys = OpContract.Stored(y);
            contract.Matches(losses, ReferenceOps.SampleDistance(xs, ys, batch, count), Tolerances.SampleDistance);
            contract.Matches(dy, ReferenceOps.SampleDistanceGradient(xs, ys, batch, count, 0.5, 3, 2), Tolerances.SampleDistance);
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void CodesAreCountedAndSummed(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach ((int rows, int codeCount, int width) in (ReadOnlySpan<(int, int, int)>)[(1, 1, 1), (300, 7, 17), (1000, 513, 64), (40, 600, 33)])
        {
            using var contract = new OpContract(backend, (ulong)rows);
            int[] chosen = contract.Random.Ints(rows, codeCount);
            float[] values = contract.Random.Floats(rows * width);
            Tensor codes = contract.Input(chosen, rows), x = contract.Input(ElementType.F32, values, rows, width);
            Tensor counts = contract.Output(ElementType.F32, codeCount), sums = contract.Output(ElementType.F32, codeCount, width);
            backend.CodeSums(codes, x, counts, sums);
            double[] expectedCounts = new double[codeCount], expectedSums = new double[codeCount * width];
            for (int i = 0; i < values.Length; i++)
            {
                expectedCounts[chosen[i / width]] += i % width == 0 ? 1 : 0;
                expectedSums[(chosen[i / width] * width) + (i % width)] += values[i];
            }

            contract.Matches(counts, expectedCounts, 0);
            contract.Matches(sums, expectedSums, Tolerances.Sum(rows));
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void SquaresAreSummedInDoublePrecision(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach (int count in (int[])[1, 7, 65_535, 65_537, 200_003])
        {
            using var contract = new OpContract(backend, (ulong)count);
            float[] values = contract.Random.Floats(count);
            double expected = values.Sum(v => (double)v * v);
            Assert.Equal(expected, backend.SumOfSquares(contract.Input(ElementType.F32, values, count)), expected * Tolerances.DoubleSum);
        }
    }
}

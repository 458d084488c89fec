using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Golden;
using Jukebox.Testing.Reference;
using Xunit;

namespace Jukebox.Tests.Training.Ops;

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

    /// <summary>Samples, transform, hop, window.</summary>
    [Theory]
    [InlineData(3, 4, 2, 3)]
    [InlineData(11, 8, 3, 8)]
    [InlineData(37, 32, 7, 21)]
    public void TheReferencesAreTheSlopesOfTheirDistances(int length, int transform, int hop, int window)
    {
        var random = new TestRandom(3);
        double[] x = CentralDifferences.Values(random, 2 * length), y = CentralDifferences.Values(random, 2 * length);
        double[] gradient = ReferenceGradients.SpectralDistance(x[..length], y[..length], transform, hop, window);
        CentralDifferences.Check(
            v => [ReferenceOps.SpectralDistance(x[..length], v, transform, hop, window).Distance], y[..length], [1], gradient);
        gradient = ReferenceGradients.SampleDistance(x, y, 2, 3, 0.5, 3, 2);
        CentralDifferences.Check(v => ReferenceOps.SampleDistance(x, v, 2, 3), y, [0.5, 3, 2], gradient);
    }

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
                double[] gradient = ReferenceGradients.SpectralDistance(xs, ys, transform, hop, window);
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

    /// <summary>Norms that the original computed of uniform noise; from itself it is no distance away.</summary>
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
            Assert.Equal((0, 0), (values[0], values[2]));
        }
    }

    /// <summary>A published resolution: every stage of a transform, and a window that is no whole number of vectors.</summary>
    [Fact]
    public void APublishedResolutionMatchesTheReference()
    {
        const int length = 1100, transform = 2048, hop = 240, window = 1201;
        var random = new TestRandom(4);
        float[] xs = random.Floats(length), ys = random.Floats(length);
        double[] x = Array.ConvertAll(xs, v => (double)v), y = Array.ConvertAll(ys, v => (double)v);
        (double distance, double energy) = ReferenceOps.SpectralDistance(x, y, transform, hop, window);
        double[] gradient = ReferenceGradients.SpectralDistance(x, y, transform, hop, window);
        foreach (string name in TestBackends.AllNames)
        {
            using ITrainingBackend backend = TestBackends.OpenForTraining(name);
            using var contract = new OpContract(backend, 4);
            Tensor norms = contract.Output(ElementType.F32, 1, 2), dy = contract.Input(ElementType.F32, new float[length], 1, length);
            Tensor first = contract.Input(ElementType.F32, xs, 1, length), second = contract.Input(ElementType.F32, ys, 1, length);
            backend.SpectralDistance(first, second, new SpectralResolution(transform, hop, window), norms, 1, dy);
            contract.Matches(norms, [distance, energy], Tolerances.SpectralNorm(transform));
            contract.Matches(dy, gradient, Tolerances.SpectralGradient(transform));
        }
    }

    /// <summary>Silence has no direction to go in: neither where both are silent nor where only y is.</summary>
    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void SilenceHasNoGradient(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        using var contract = new OpContract(backend, 5);
        const int length = 50;
        float[] before = contract.Random.Floats(2 * length), sound = [.. new float[length], .. contract.Random.Floats(length)];
        Tensor x = contract.Input(ElementType.F32, sound, 2, length), y = contract.Input(ElementType.F32, new float[2 * length], 2, length);
        Tensor norms = contract.Output(ElementType.F32, 2, 2), dy = contract.Input(ElementType.F32, before, 2, length);
        backend.SpectralDistance(x, y, new SpectralResolution(32, 8, 32), norms, 1, dy);
        float[] values = norms.ToArray<float>();
        Assert.Equal([0, 0], values[..2]);
        Assert.True(values[3] > 1);
        Assert.Equal(values[3], values[2], values[3] * Tolerances.SpectralNorm(32));
        Assert.Equal(before, dy.ToArray<float>());
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
            contract.Matches(dy, ReferenceGradients.SampleDistance(xs, ys, batch, count, 0.5, 3, 2), Tolerances.SampleDistance);
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void OfEqualErrorsTheFirstAreTheLargest(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        using var contract = new OpContract(backend, 6);
        float[] errors = [0, -1, 1, 2, -1, 0, 1, 1, 1, 0, .. new float[11]];
        Tensor x = contract.Input(ElementType.F32, new float[2 * errors.Length], 2, errors.Length);
        Tensor y = contract.Input(ElementType.F32, [.. errors, .. new float[errors.Length]], 2, errors.Length);
        Tensor losses = contract.Output(ElementType.F32, 3), dy = contract.Output(ElementType.F32, 2, errors.Length);
        backend.SampleDistance(x, y, 4, new SampleDistanceScales(0, 0, 4), losses, dy);
        Assert.Equal([0, -1, 1, 2, -1, 0, 0, 0, 0, 0, .. new float[11 + errors.Length]], dy.ToArray<float>());
        Assert.Equal(7f / 8, losses.ToArray<float>()[2]);
    }

    /// <summary>A run that has diverged must see it in its losses.</summary>
    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void WhatIsNotANumberShowsInTheLosses(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach (float bad in (float[])[float.NaN, -float.NaN, float.PositiveInfinity])
        {
            foreach (int at in (int[])[3, 18])
            {
                using var contract = new OpContract(backend, 8);
                var values = new float[19];
                values[at] = bad;
                Tensor x = contract.Input(ElementType.F32, new float[19], 1, 19), y = contract.Input(ElementType.F32, values, 1, 19);
                Tensor losses = contract.Output(ElementType.F32, 3), norms = contract.Output(ElementType.F32, 1, 2);
                Tensor dy = contract.Output(ElementType.F32, 1, 19);
                backend.SampleDistance(x, y, 2, new SampleDistanceScales(1, 1, 1), losses, dy);
                Assert.All(losses.ToArray<float>(), loss => Assert.False(float.IsFinite(loss)));
                Assert.False(float.IsFinite(dy.ToArray<float>()[at]));
                backend.SpectralDistance(x, y, new SpectralResolution(16, 4, 12), norms, 1, dy);
                Assert.False(float.IsFinite(norms.ToArray<float>()[0]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void WhatDoesNotFitIsRefused(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        using var contract = new OpContract(backend, 7);
        Tensor x = contract.Output(ElementType.F32, 2, 8), norms = contract.Output(ElementType.F32, 2, 2), losses = contract.Output(ElementType.F32, 3);
        Assert.Throws<ArgumentException>(() => backend.SpectralDistance(x, x, new SpectralResolution(12, 2, 8), norms, 1, null));
        Assert.Throws<ArgumentException>(() => backend.SpectralDistance(x, x, new SpectralResolution(16, 2, 8), norms, 1, null));
        Assert.Throws<ArgumentException>(() => backend.SpectralDistance(x, x, new SpectralResolution(8, 2, 9), norms, 1, null));
        Assert.Throws<ArgumentException>(() => backend.SpectralDistance(x, x, new SpectralResolution(8, 2, 8), losses, 1, null));
        Assert.Throws<ArgumentException>(() => backend.SampleDistance(x, x, 9, default, losses, null));
        Tensor codes = contract.Input([0, 3], 2), counts = contract.Output(ElementType.F32, 3), sums = contract.Output(ElementType.F32, 3, 8);
        Assert.Throws<ArgumentException>(() => backend.CodeSums(codes, x, counts, sums));
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

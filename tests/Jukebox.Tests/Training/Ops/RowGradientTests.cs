using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Reference;
using Xunit;

namespace Jukebox.Tests.Training.Ops;

public sealed class RowGradientTests
{
    /// <summary>Rows and channels: around every vector's width, and enough rows for several pieces.</summary>
    private static readonly (int Rows, int Width)[] Shapes = [(1, 1), (1, 15), (3, 16), (2, 17), (7, 97), (5, 480), (1, 1920), (37, 33), (530, 8)];

    [Fact]
    public void ReferencesAreTheSlopesOfTheirForwardPasses()
    {
        var random = new TestRandom(2);
        const int rows = 3, width = 5;
        double[] x = CentralDifferences.Values(random, rows * width), dy = CentralDifferences.Values(random, rows * width);
        double[] gain = CentralDifferences.Values(random, width), bias = CentralDifferences.Values(random, width);
        CentralDifferences.Check(ReferenceOps.QuickGelu, x, dy, ReferenceGradients.QuickGelu(x, dy));
        (double[] dx, double[] dgain, double[] dbias) = ReferenceGradients.LayerNorm(x, gain, dy);
        CentralDifferences.Check(v => ReferenceOps.LayerNorm(v, gain, bias), x, dy, dx);
        CentralDifferences.Check(v => ReferenceOps.LayerNorm(x, v, bias), gain, dy, dgain);
        CentralDifferences.Check(v => ReferenceOps.LayerNorm(x, gain, v), bias, dy, dbias);
        int[] targets = [4, 0, 2];
        double[] scales = CentralDifferences.Values(random, rows);
        CentralDifferences.Check(v => ReferenceOps.CrossEntropy(v, targets, width), x, scales, ReferenceGradients.CrossEntropy(x, targets, scales, width));
    }

    [Fact]
    public void TheEmbeddingsReferenceIsTheSlopeOfItsForwardPass()
    {
        var random = new TestRandom(3);
        const int batch = 2, count = 4, width = 3, entries = 3;
        int[] tokens = random.Ints(batch * count, entries);
        double[] table = CentralDifferences.Values(random, entries * width), start = CentralDifferences.Values(random, batch * width);
        double[] positions = CentralDifferences.Values(random, count * width), dy = CentralDifferences.Values(random, batch * count * width);
        (double[] dtable, double[] dstart, double[] dpositions) = ReferenceGradients.Embed(tokens, dy, batch, entries, width);
        CentralDifferences.Check(v => ReferenceOps.Embed(tokens, v, start, positions, null, batch, 0, count, width), table, dy, dtable);
        CentralDifferences.Check(v => ReferenceOps.Embed(tokens, table, v, positions, null, batch, 0, count, width), start, dy, dstart);
        CentralDifferences.Check(v => ReferenceOps.Embed(tokens, table, start, v, null, batch, 0, count, width), positions, dy, dpositions);
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void QuickGeluMatchesTheReferenceAndTheLinearLayer(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach ((int rows, int width) in Shapes)
        {
            using var contract = new OpContract(backend, (ulong)((rows * 10_000) + width));
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(rows * width), rows, width);
            Tensor dy = contract.Input(ElementType.F32, contract.Random.Floats(rows * width), rows, width);
            Tensor y = contract.Output(ElementType.F32, rows, width), dx = contract.Output(ElementType.F32, rows, width);
            backend.QuickGelu(x, y);
            contract.Matches(y, ReferenceOps.QuickGelu(OpContract.Stored(x)), Tolerances.QuickGelu);
            backend.QuickGeluGradient(x, dy, dx);
            contract.Matches(dx, ReferenceGradients.QuickGelu(OpContract.Stored(x), OpContract.Stored(dy)), Tolerances.QuickGelu);
            backend.QuickGeluGradient(x, dy, dy);
            Assert.Equal(dx.ToArray<int>(), dy.ToArray<int>());

            // A linear layer that only activates: one channel in, its weight 1.
            Tensor one = contract.Input(ElementType.F32, [1], 1, 1), activated = contract.Output(ElementType.F32, rows * width, 1);
            using PackedMatrix packed = backend.PackCopy(new LinearWeights(one, null));
            backend.Linear(x.Reshape(rows * width, 1), packed, Activation.QuickGelu, null, activated);
            Assert.Equal(activated.ToArray<int>(), y.ToArray<int>());
            backend.QuickGelu(x, x);
            Assert.Equal(y.ToArray<int>(), x.ToArray<int>());
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void QuickGeluStaysFiniteFarFromZero(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        using var contract = new OpContract(backend, 4);
        Tensor x = contract.Input(ElementType.F32, [-1e4f, -60, 60, 1e4f], 4), dy = contract.Input(ElementType.F32, [2, 2, 2, 2], 4);
        Tensor y = contract.Output(ElementType.F32, 4), dx = contract.Output(ElementType.F32, 4);
        backend.QuickGelu(x, y);
        contract.Matches(y, [0, 0, 60, 1e4], Tolerances.QuickGelu);
        backend.QuickGeluGradient(x, dy, dx);
        contract.Matches(dx, [0, 0, 2, 2], Tolerances.QuickGelu);
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void LayerNormsMatchTheReference(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach ((int rows, int width) in Shapes)
        {
            using var contract = new OpContract(backend, (ulong)((rows * 10_000) + width));
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(rows * width), rows, width);
            Tensor dy = contract.Input(ElementType.F32, contract.Random.Floats(rows * width), rows, width);
            Tensor? added = rows % 2 == 1 ? contract.Input(ElementType.F32, contract.Random.Floats(rows * width), rows, width) : null;
            Tensor gain = contract.Input(ElementType.F32, contract.Random.Floats(width), width);
            Tensor dgain = contract.Input(ElementType.F32, contract.Random.Floats(width), width);
            Tensor dbias = contract.Input(ElementType.F32, contract.Random.Floats(width), width);
            Tensor dx = contract.Output(ElementType.F32, rows, width);
            (double[] input, double[] gains, double[] biases) = ReferenceGradients.LayerNorm(
                OpContract.Stored(x), OpContract.Stored(gain), OpContract.Stored(dy));
            (input, gains, biases) = (OpContract.Plus(added, input), OpContract.Plus(dgain, gains), OpContract.Plus(dbias, biases));
            backend.LayerNormGradient(x, gain, dy, added, dx, new LayerNormWeights(dgain, dbias));
            contract.Matches(dx, input, Tolerances.LayerNormGradient(width));
            contract.Matches(dgain, gains, Tolerances.Sum(rows));
            contract.Matches(dbias, biases, Tolerances.Sum(rows));
            Tensor place = added ?? dy;
            backend.LayerNormGradient(x, gain, dy, added, place, new LayerNormWeights(dgain, dbias));
            Assert.Equal(dx.ToArray<int>(), place.ToArray<int>());
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void CrossEntropiesMatchTheReference(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach ((int rows, int width) in Shapes)
        {
            using var contract = new OpContract(backend, (ulong)((rows * 10_000) + width));
            int[] chosen = contract.Random.Ints(rows, width);
            Tensor logits = contract.Input(ElementType.F32, contract.Random.Floats(rows * width, 3), rows, width);
            Tensor targets = contract.Input(chosen, rows), scales = contract.Input(ElementType.F32, contract.Random.Floats(rows), rows);
            Tensor losses = contract.Output(ElementType.F32, rows), again = contract.Output(ElementType.F32, rows);
            Tensor dlogits = contract.Output(ElementType.F32, rows, width);
            double[] values = OpContract.Stored(logits);
            backend.CrossEntropy(logits, targets, scales, losses, dlogits);
            contract.Matches(losses, ReferenceOps.CrossEntropy(values, chosen, width), Tolerances.CrossEntropy(width));
            double[] gradient = ReferenceGradients.CrossEntropy(values, chosen, OpContract.Stored(scales), width);
            contract.Matches(dlogits, gradient, Tolerances.CrossEntropy(width));
            backend.CrossEntropy(logits, targets, scales, again, null);
            Assert.Equal(losses.ToArray<int>(), again.ToArray<int>());
            backend.CrossEntropy(logits, targets, scales, again, logits);
            Assert.Equal(losses.ToArray<int>(), again.ToArray<int>());
            Assert.Equal(dlogits.ToArray<int>(), logits.ToArray<int>());
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void CrossEntropyStaysFiniteWithLargeLogits(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        using var contract = new OpContract(backend, 5);
        Tensor logits = contract.Input(ElementType.F32, [1e4f, -1e4f, 0, 1e4f, -1e4f, 0], 2, 3), dlogits = contract.Output(ElementType.F32, 2, 3);
        Tensor targets = contract.Input([0, 1], 2), scales = contract.Input(ElementType.F32, [1, 1], 2), losses = contract.Output(ElementType.F32, 2);
        backend.CrossEntropy(logits, targets, scales, losses, dlogits);
        contract.Matches(losses, [0, 2e4 / Math.Log(2)], Tolerances.CrossEntropy(3));
        contract.Matches(dlogits, [0, 0, 0, 1 / Math.Log(2), -1 / Math.Log(2), 0], Tolerances.CrossEntropy(3));
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void EmbeddingsGrowByTheReference(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach ((int batch, int count, int entries, int width) in (ReadOnlySpan<(int, int, int, int)>)[(1, 1, 1, 1), (3, 7, 5, 33), (2, 13, 3, 129), (1, 2, 2, 16)])
        {
            using var contract = new OpContract(backend, (ulong)((count * 10_000) + width));
            int[] ids = contract.Random.Ints(batch * count, entries);
            Tensor tokens = contract.Input(ids, batch, count), dy = contract.Input(ElementType.F32, contract.Random.Floats(batch * count * width), batch, count, width);
            Tensor dtable = contract.Input(ElementType.F32, contract.Random.Floats(entries * width), entries, width);
            Tensor dpositions = contract.Input(ElementType.F32, contract.Random.Floats(count * width), count, width);
            Tensor dstart = contract.Output(ElementType.F32, batch, width);
            (double[] table, double[] start, double[] positions) = ReferenceGradients.Embed(ids, OpContract.Stored(dy), batch, entries, width);
            (table, positions) = (OpContract.Plus(dtable, table), OpContract.Plus(dpositions, positions));
            backend.EmbedGradient(tokens, dy, dtable, dstart, dpositions);
            contract.Matches(dtable, table, Tolerances.Sum(batch * count));
            contract.Matches(dpositions, positions, Tolerances.Sum(batch));
            contract.Matches(dstart, start, 0);
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void GatheredRowsGrowInOrder(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach (int width in (int[])[1, 15, 17, 200])
        {
            using var contract = new OpContract(backend, (ulong)width);
            int[] ids = contract.Random.Ints(2 * 9, 4);
            Tensor dy = contract.Input(ElementType.F32, contract.Random.Floats(18 * width), 2, 9, width);
            Tensor dtable = contract.Input(ElementType.F32, contract.Random.Floats(4 * width), 4, width);
            float[] expected = dtable.ToArray<float>(), rows = dy.ToArray<float>();
            for (int i = 0; i < rows.Length; i++)
            {
                expected[(ids[i / width] * width) + (i % width)] += rows[i];
            }

            backend.GatherGradient(contract.Input(ids, 2, 9), dy, dtable);
            Assert.Equal(expected, dtable.ToArray<float>());
            Tensor beyond = contract.Input([0, 4], 2);
            Assert.Throws<ArgumentException>(() => backend.GatherGradient(beyond, dy.Reshape(18, width).Slice(0, 2), dtable));
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void StepsOfAdamAndAveragesMatchTheReference(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        var rule = new AdamRule(0.9f, 0.95f, 1e-8f, 3e-2f, 0.01f, 7);
        foreach (int count in (int[])[1, 15, 16, 33, 16 * 1024, (16 * 1024) + 1])
        {
            using var contract = new OpContract(backend, (ulong)count);
            Tensor parameters = contract.Input(ElementType.F32, contract.Random.Floats(count), count);
            Tensor gradients = contract.Input(ElementType.F32, contract.Random.Floats(count), count);
            Tensor first = contract.Input(ElementType.F32, contract.Random.Floats(count), count);
            Tensor second = contract.Input(ElementType.F32, Array.ConvertAll(contract.Random.Floats(count), Math.Abs), count);
            (double[] p, double[] m, double[] v) = ReferenceOps.Adam(
                OpContract.Stored(parameters), OpContract.Stored(gradients), OpContract.Stored(first), OpContract.Stored(second), rule);
            backend.AdamStep(parameters, gradients, first, second, rule);
            contract.Matches(first, m, Tolerances.Adam);
            contract.Matches(second, v, Tolerances.Adam);
            contract.Matches(parameters, p, Tolerances.Adam);
            double[] expected = [.. OpContract.Stored(second).Zip(OpContract.Stored(first), (average, x) => (average * 0.9f) + ((1 - (double)0.9f) * x))];
            backend.Average(first, 0.9f, second);
            contract.Matches(second, expected, Tolerances.Adam);
        }
    }

    [Fact]
    public void WrongShapesAndIndicesAreRefused()
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(TestBackends.AllNames[0]);
        using var contract = new OpContract(backend, 6);
        Tensor x = contract.Output(ElementType.F32, 2, 3), y = contract.Output(ElementType.F32, 2, 4), gain = contract.Output(ElementType.F32, 3);
        Tensor row = contract.Output(ElementType.F32, 2), one = contract.Output(ElementType.F32, 1, 2, 3), indices = contract.Input([0, 3], 1, 2);
        var norm = new LayerNormWeights(gain, gain);
        Action[] calls =
        [
            () => backend.QuickGelu(x, y),
            () => backend.QuickGeluGradient(x, y, x),
            () => backend.LayerNormGradient(x, gain, y, null, x, norm),
            () => backend.LayerNormGradient(x, gain, x, y, x, norm),
            () => backend.LayerNormGradient(x, row, x, null, x, norm),
            () => backend.CrossEntropy(x, indices, row, gain, null),
            () => backend.CrossEntropy(x, indices, row, row, y),
            () => backend.CrossEntropy(x, indices, row, row, null),
            () => backend.GatherGradient(indices, y, x),
            () => backend.EmbedGradient(indices, one, x, row, x),
            () => backend.AdamStep(x, y, x, x, default),
            () => backend.Average(x, 0.5f, y),
        ];
        foreach (Action call in calls)
        {
            Assert.Throws<ArgumentException>(call);
        }
    }
}

using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Reference;
using Xunit;

namespace Jukebox.Tests.Training.Ops;

public sealed class AttentionGradientTests
{
    private const int Spread = 2, LyricsLength = 5;

    /// <summary>Context, blocks, batch, heads, channels: heads of 1, of odd widths, and of more than two vectors.</summary>
    private static readonly (int Context, int Blocks, int Batch, int Heads, int Width)[] Shapes =
        [(1, 1, 1, 1, 1), (12, 4, 1, 1, 5), (15, 3, 3, 2, 34), (24, 4, 1, 3, 201), (21, 7, 3, 1, 64), (70, 2, 1, 2, 40), (136, 2, 1, 3, 51)];

    public static TheoryData<AttentionKind> Kinds => [.. Enum.GetValues<AttentionKind>()];

    public static TheoryData<string, AttentionKind> Cases
    {
        get
        {
            var cases = new TheoryData<string, AttentionKind>();
            foreach (string name in TestBackends.AllNames)
            {
                foreach (AttentionKind kind in Enum.GetValues<AttentionKind>())
                {
                    cases.Add(name, kind);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TheReferenceIsTheSlopeOfItsForwardPass(AttentionKind kind)
    {
        var random = new TestRandom(6);
        var shape = new ReferenceAttention(kind, 6, 2, 2, 2, 6, Spread, LyricsLength);
        double[] queries = CentralDifferences.Values(random, shape.Batch * shape.Length * shape.Width), dy = CentralDifferences.Values(random, queries.Length);
        double[] keys = CentralDifferences.Values(random, shape.Batch * shape.KeyCount * shape.Width), values = CentralDifferences.Values(random, keys.Length);
        (double[] dq, double[] dk, double[] dv) = ReferenceGradients.Attend(shape, queries, keys, values, dy);
        CentralDifferences.Check(v => ReferenceOps.Attend(shape, v, keys, values), queries, dy, dq);
        CentralDifferences.Check(v => ReferenceOps.Attend(shape, queries, v, values), keys, dy, dk);
        CentralDifferences.Check(v => ReferenceOps.Attend(shape, queries, keys, v), values, dy, dv);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void MatchesTheReference(string name, AttentionKind kind)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        foreach ((int context, int blocks, int batch, int heads, int width) in Shapes)
        {
            using var contract = new OpContract(backend, (ulong)((context * 1000) + width));
            var shape = new ReferenceAttention(kind, context, blocks, batch, heads, width, Math.Min(Spread, context / blocks), LyricsLength);
            var sample = new AttentionGradientCase(contract, shape);
            (double[] dprojected, double[] dsources) = sample.Expected();
            sample.Run();
            double tolerance = Tolerances.AttentionGradient(width / heads, context);
            contract.Matches(sample.ProjectedGradient, dprojected, tolerance);
            contract.Matches(sample.SourceGradient, dsources, tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void OnlyQueriesAreWrittenAmongTheProjected(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        using var contract = new OpContract(backend, 14);
        const int context = 6, width = 5;
        var pattern = AttentionPattern.Create(AttentionKind.PreviousBlock, context, 2, context);
        Tensor Random(int channels) => contract.Input(ElementType.F32, contract.Random.Floats(context * channels), 1, context, channels);
        Tensor keys = Random(width), dkeys = contract.Output(ElementType.F32, 1, context, width), dvalues = contract.Output(ElementType.F32, 1, context, width);
        Tensor dprojected = contract.Output(ElementType.F32, 1, context, 3 * width);
        backend.AttendGradient(Random(3 * width), keys, keys, pattern, 1, Random(width), dprojected, dkeys, dvalues);
        float[] values = dprojected.ToArray<float>();
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(i % (3 * width) >= width, float.IsNaN(values[i]));
        }
    }

    /// <summary>The gradients of many equal keys and of one that outweighs all.</summary>
    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void LargeScoresDoNotOverflow(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        using var contract = new OpContract(backend, 12);
        var pattern = AttentionPattern.Create(AttentionKind.Dense, 2, 1, 2);
        Tensor projected = contract.Input(ElementType.F32, [1e4f, 1e4f, 3, 1e4f, -1e4f, 5], 1, 2, 3), dprojected = contract.Input(ElementType.F32, new float[6], 1, 2, 3);
        Tensor keys = contract.Output(ElementType.F32, 1, 2, 1), values = contract.Output(ElementType.F32, 1, 2, 1);
        Tensor dkeys = contract.Output(ElementType.F32, 1, 2, 1), dvalues = contract.Output(ElementType.F32, 1, 2, 1);
        Tensor dy = contract.Input(ElementType.F32, [2, 3], 1, 2, 1);
        backend.AppendToCache(projected, keys, values, pattern, contract.Cursor(0));
        backend.AttendGradient(projected, keys, values, pattern, 1, dy, dprojected, dkeys, dvalues);
        backend.AppendToCacheGradient(dkeys, dvalues, pattern, dprojected);
        contract.Matches(dprojected, [0, 0, 5, 0, 0, 0], Tolerances.AttentionGradient(1, 2));
    }

    [Fact]
    public void ARingOfBlocksIsRefused()
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(TestBackends.AllNames[0]);
        using var contract = new OpContract(backend, 13);
        var pattern = AttentionPattern.Create(AttentionKind.Block, 8, 4, 1);
        Tensor cache = contract.Output(ElementType.F32, 1, 8, 2), projected = contract.Output(ElementType.F32, 1, 8, 6), dy = contract.Output(ElementType.F32, 1, 8, 2);
        Assert.Throws<ArgumentException>(() => backend.AttendGradient(projected, cache, cache, pattern, 1, dy, projected, cache, cache));
    }
}

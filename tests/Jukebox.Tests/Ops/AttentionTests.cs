using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Xunit;

namespace Jukebox.Tests.Ops;

public sealed class AttentionTests
{
    /// <summary>Context, blocks, batch, heads, channels: heads of 1, of odd widths, and of the published ones.</summary>
    private static readonly (int Context, int Blocks, int Batch, int Heads, int Width)[] Shapes =
        [(1, 1, 1, 1, 1), (12, 4, 1, 1, 5), (15, 3, 2, 2, 34), (24, 4, 1, 8, 1200), (21, 7, 2, 1, 480), (20, 2, 1, 4, 320), (18, 3, 1, 2, 512)];

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
    [MemberData(nameof(Cases))]
    public void StepsAndChunksMatchTheReferenceAndEachOther(string name, AttentionKind kind)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach ((int context, int blocks, int batch, int heads, int width) in Shapes)
        {
            using var contract = new OpContract(backend, (ulong)((context * 1000) + width));
            var sample = new AttentionCase(contract, kind, context, blocks, 7, batch, heads, width, Math.Min(2, context / blocks));
            float[] steps = sample.Run(Enumerable.Repeat(1, context).ToList());
            float[] chunks = sample.Run(Chunks(context, 7, 3, 1, 5));
            Assert.Equal(steps, chunks);
            Tensor actual = contract.Input(ElementType.F32, steps, steps.Length);
            contract.Matches(actual, sample.Expected(), Tolerances.Attention(width / heads, context));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void WeightsMatchTheReference(string name, AttentionKind kind)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach ((int context, int blocks, int batch, int heads, int width) in Shapes)
        {
            using var contract = new OpContract(backend, (ulong)((context * 1000) + width));
            var sample = new AttentionCase(contract, kind, context, blocks, 7, batch, heads, width, Math.Min(2, context / blocks));
            float[] weights = sample.Run(Chunks(context, 1, 7), heads - 1);
            Tensor actual = contract.Input(ElementType.F32, weights, weights.Length);
            contract.Matches(actual, sample.Expected(heads - 1), Tolerances.Attention(width / heads, context));
        }
    }

    /// <summary>A single query over a long cache is split over threads; a chunk is not.</summary>
    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void ALongStepEqualsAChunk(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 11);
        var sample = new AttentionCase(contract, AttentionKind.Dense, 160, 1, 160, 1, 2, 480);
        List<int> lastAlone = [159, 1];
        Assert.Equal(sample.Run([160]), sample.Run(lastAlone));
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void TheLargestScoresDoNotOverflow(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 12);
        var pattern = AttentionPattern.Create(AttentionKind.Dense, 2, 1, 2);
        Tensor projected = contract.Input(ElementType.F32, [1e4f, 1e4f, 3, 1e4f, -1e4f, 5], 1, 2, 3);
        ElementType cache = backend.CacheType(ElementType.F32);
        Tensor keys = contract.Output(cache, 1, 2, 1), values = contract.Output(cache, 1, 2, 1);
        Tensor y = contract.Output(ElementType.F32, 1, 2, 1);
        backend.AppendToCache(projected, keys, values, pattern, contract.Cursor(0));
        backend.Attend(projected, keys, values, pattern, 1, contract.Cursor(0), y);
        contract.Matches(y, [3, 3], Tolerances.Attention(1, 2));
    }

    private static List<int> Chunks(int total, params ReadOnlySpan<int> lengths)
    {
        var chunks = new List<int>();
        for (int i = 0; total > 0; i++)
        {
            chunks.Add(Math.Min(total, lengths[i % lengths.Length]));
            total -= chunks[^1];
        }

        return chunks;
    }
}

using System.Globalization;
using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Tokens;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Ops;

public sealed class SampleTokensTests
{
    /// <summary>Twenty classes, 40,000 draws: the 99.9th percentile of chi-square with 19 degrees of freedom is 43.8.</summary>
    private const double ChiSquareLimit = 43.8;

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void DrawsFollowTheSoftmax(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 31);
        const int classes = 20, batch = 80, positions = 500, draws = batch * positions;
        const float temperature = 1.7f;
        float[] row = contract.Random.Floats(classes, 3);
        Tensor logits = contract.Input(ElementType.F32, [.. Enumerable.Repeat(row, batch).SelectMany(values => values)], batch, classes);
        Tensor items = contract.Input([.. Enumerable.Range(3, batch)], batch), tokens = contract.Output(ElementType.I32, batch, positions);
        Tensor drawn = contract.Output(ElementType.I32, 7, batch);
        Tensor cursor = contract.Input([0, 0], 2);
        for (int i = 0; i < positions; i++)
        {
            backend.SampleTokens(logits, new SamplingRule(temperature), 12345, 1, items, cursor, tokens, drawn);
            backend.Advance(cursor, 1);
        }

        int[] counts = new int[classes];
        Array.ForEach(tokens.ToArray<int>(), token => counts[token]++);
        double total = row.Sum(logit => Math.Exp(logit / temperature));
        double chiSquare = 0;
        for (int k = 0; k < classes; k++)
        {
            double expected = draws * Math.Exp(row[k] / temperature) / total;
            chiSquare += Math.Pow(counts[k] - expected, 2) / expected;
        }

        Assert.True(chiSquare < ChiSquareLimit, $"chi-square {chiSquare}");
        Assert.Equal([positions, positions], cursor.ToArray<int>());
        int[] all = tokens.ToArray<int>(), last = drawn.ToArray<int>();
        for (int n = 0; n < batch; n++)
        {
            int[] lastOfItem = [.. Enumerable.Range(positions - 7, 7).Select(position => last[((position % 7) * batch) + n])];
            Assert.Equal(all[((n * positions) + positions - 7)..((n + 1) * positions)], lastOfItem);
        }
    }

    /// <summary>An item's token depends on its own logits, its index and the song's token index, not on its row.</summary>
    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void AnItemDrawsTheSameAloneAsInABatch(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 32);
        const int batch = 5, classes = 97;
        float[] values = contract.Random.Floats(batch * classes);
        Tensor logits = contract.Input(ElementType.F32, values, batch, classes);
        Tensor tokens = contract.Input(new int[batch * 4], batch, 4);
        Tensor cursor = contract.Input([2, 777], 2);
        backend.SampleTokens(logits, new SamplingRule(TopK: 50), 9, 0, contract.Input([4, 8, 15, 16, 23], batch), cursor, tokens, contract.Output(ElementType.I32, 1, batch));
        int[] together = tokens.ToArray<int>();
        for (int n = 0; n < batch; n++)
        {
            Tensor alone = contract.Input(new int[4], 1, 4);
            int item = ((int[])[4, 8, 15, 16, 23])[n];
            backend.SampleTokens(logits.Slice(n, 1), new SamplingRule(TopK: 50), 9, 0, contract.Input([item], 1), cursor, alone, contract.Output(ElementType.I32, 1, 1));
            Assert.Equal(together[(n * 4) + 2], alone.ToArray<int>()[2]);
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void AVeryLargeVocabularyIsDrawnFrom(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 33);
        const int classes = 2_000_003, best = 1_999_999;
        float[] values = new float[classes];
        values[best] = 5;
        Tensor logits = contract.Input(ElementType.F32, values, 1, classes), tokens = contract.Input([0], 1, 1);
        backend.SampleTokens(logits, new SamplingRule(TopK: 1), 1, 0, contract.Input([0], 1), contract.Input([0, 0], 2), tokens, contract.Output(ElementType.I32, 1, 1));
        Assert.Equal([best], tokens.ToArray<int>());
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void LogitsThatAreNotFiniteAreReported(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 34);
        foreach (float bad in (float[])[float.NaN, float.PositiveInfinity])
        {
            Tensor logits = contract.Input(ElementType.F32, [1, bad, 2, 3, 9, 3], 2, 3), tokens = contract.Output(ElementType.I32, 2, 1);
            Tensor drawn = contract.Output(ElementType.I32, 1, 2);
            backend.SampleTokens(logits, new SamplingRule(TopK: 1), 1, 0, contract.Input([0, 1], 2), contract.Input([0, 0], 2), tokens, drawn);
            Assert.Equal([0, 1], tokens.ToArray<int>());
            Assert.Equal([IBackend.NotFinite, 1], drawn.ToArray<int>());
        }
    }

    [SkippableFact]
    public void FiltersMatchTheOriginal()
    {
        using WeightFile file = WeightFile.Open(GoldenDirectory.Require("filter_logits.safetensors"));
        int width = file["logits"].Shape[-1];
        int filtered = 0;
        foreach (StoredTensor expected in file.Tensors.Values.Where(tensor => tensor.Name != "logits"))
        {
            float[] logits = file["logits"].ReadSingles(), wanted = expected.ReadSingles();
            double value = double.Parse(expected.Name[6..], CultureInfo.InvariantCulture);
            bool isTopK = expected.Name.StartsWith("top_k_", StringComparison.Ordinal);
            for (int at = 0; at < logits.Length; at += width)
            {
                TokenDraw.Filter(logits.AsSpan(at, width), isTopK ? (int)value : 0, isTopK ? 0 : (float)value, new float[width]);
            }

            Assert.True(wanted.AsSpan().SequenceEqual(logits), expected.Name);
            filtered++;
        }

        Assert.True(filtered > 0);
    }
}

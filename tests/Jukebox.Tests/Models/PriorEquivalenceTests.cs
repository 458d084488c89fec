using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>What must be the same bits whatever the chunks, the batch, the threads and the storage.</summary>
public sealed class PriorEquivalenceTests : IDisposable
{
    private const int Steps = 32;

    private readonly CpuBackend _backend = new();
    private readonly List<IDisposable> _opened = [];

    /// <summary>The five kinds, then variations that no published model has: all orders with summaries, scaled branches.</summary>
    public static TheoryData<string> Kinds => ["A", "B", "C", "D", "E", "A3", "A4", "A5", "A9", "C7", "C11", "Bscaled", "Cscaled"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ChunksOfAnyLengthGiveTheSameLogits(string kind)
    {
        Prior prior = Load(kind);
        PriorWindow window = Window(prior.Spec, prior.Spec.ContextLength, 0, 1);
        using PriorRun whole = prior.CreateRun(2, prior.Spec.SequenceLength);
        float[][] expected = whole.Logits(window);
        for (int chunkLength = 1; chunkLength <= 13; chunkLength++)
        {
            using PriorRun run = prior.CreateRun(2, chunkLength);
            Assert.Equal(expected, run.Logits(window));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void SteppingGivesTheLogitsOfPriming(string kind)
    {
        Prior prior = Load(kind);
        using PriorRun run = prior.CreateRun(2, 5);
        int[][] drawn = Draw(run, Window(prior.Spec, 0, 0, 1), out List<float[]> stepLogits);
        PriorWindow known = Window(prior.Spec, 0, 0, 1) with { Known = drawn };
        float[][] logits = run.Logits(known);
        int k = prior.Spec.VocabularySize, first = prior.Spec.SequenceLength - prior.Spec.ContextLength;
        for (int t = 0; t < Steps; t++)
        {
            Assert.Equal(stepLogits[t], logits[1].AsSpan((first + t) * k, k).ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TokensDependNeitherOnWhatWasKnownNorOnTheBatch(string kind)
    {
        Prior prior = Load(kind);
        using PriorRun together = prior.CreateRun(2, 5);
        int[][] expected = Draw(together, Window(prior.Spec, 0, 0, 1), out _);
        using PriorRun alone = prior.CreateRun(1, 3);
        foreach (int item in (ReadOnlySpan<int>)[0, 1])
        {
            Assert.Equal(expected[item], Draw(alone, Window(prior.Spec, 0, item), out _)[0]);
            PriorWindow resumed = Window(prior.Spec, 0, item) with { Known = [expected[item][..19]] };
            Assert.Equal(expected[item], Draw(alone, resumed, out _)[0]);
        }

        Assert.Equal(expected.Reverse(), Draw(together, Window(prior.Spec, 0, 1, 0), out _));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ThreadsDoNotMatter(string kind)
    {
        float[][]? expected = null;
        foreach (int threads in (ReadOnlySpan<int>)[1, 2, 5])
        {
            using var backend = new CpuBackend(new CpuOptions(CpuOptions.Supported[0], threads));
            using SyntheticModel synthetic = Create(kind);
            using ModelFolder model = synthetic.Open();
            using Prior prior = Prior.Load(backend, model, model.Description.Priors[0].Level);
            using PriorRun run = prior.CreateRun(2, 11);
            float[][] logits = run.Logits(Window(prior.Spec, prior.Spec.ContextLength, 0, 1));
            expected ??= logits;
            Assert.Equal(expected, logits);
        }
    }

    [Theory]
    [InlineData("D", ElementType.BF16)]
    [InlineData("D", ElementType.F16)]
    [InlineData("C", ElementType.BF16)]
    [InlineData("C", ElementType.F16)]
    [InlineData("E", ElementType.BF16)]
    [InlineData("E", ElementType.F16)]
    public void NarrowWeightsGiveTheBitsOfTheirWidenedValues(string kind, ElementType storage)
    {
        float[][] narrow = Logits(Create(kind, storage, storage)), widened = Logits(Create(kind, ElementType.F32, storage));
        Assert.Equal(widened, narrow);
        Assert.NotEqual(Logits(Create(kind)), narrow);
    }

    [Fact]
    public void AnAbandonedWindowLeavesNothingBehind()
    {
        Prior prior = Load("C");
        using PriorRun fresh = prior.CreateRun(1, 5), used = prior.CreateRun(1, 5);
        used.Begin(Window(prior.Spec, 20, 1));
        used.PrimeChunk();
        used.PrimeChunk();
        PriorWindow window = Window(prior.Spec, 7, 0);
        Assert.Equal(Draw(fresh, window, out _), Draw(used, window, out _));
    }

    [Theory]
    [InlineData("D")]
    [InlineData("C")]
    [InlineData("E")]
    public void AStepAllocatesNothing(string kind)
    {
        Prior prior = Load(kind);
        using PriorRun run = prior.CreateRun(2);
        var codes = new int[2];
        run.Begin(Window(prior.Spec, 0, 0, 1));
        while (run.PrimeChunk())
        {
        }

        Assert.Equal(0, HostAllocations.Of(() => run.Step(codes)));
    }

    /// <summary>However many are asked for at once, across the end of the ring of draws and to the window's end.</summary>
    [Theory]
    [InlineData("D")]
    [InlineData("C")]
    [InlineData("E")]
    public void TokensAskedForTogetherAreThoseAskedForOneByOne(string kind)
    {
        Prior prior = Load(kind);
        using PriorRun run = prior.CreateRun(2);
        PriorWindow window = Window(prior.Spec, 1, 0, 1);
        int total = prior.Spec.ContextLength - 1;
        int[] alone = Together(run, window, total, [1]);
        Assert.Equal(alone, Together(run, window, total, [3, 1, 7, run.StepsAtOnce, 5]));
        Assert.Throws<InvalidOperationException>(() => run.Step(new int[2]));
    }

    [Fact]
    public void StepsThatDoNotFitAreRefused()
    {
        Prior prior = Load("D");
        using PriorRun run = prior.CreateRun(2);
        run.Begin(Window(prior.Spec, prior.Spec.ContextLength - 2, 0, 1));
        while (run.PrimeChunk())
        {
        }

        Assert.Contains("room for 2", Assert.Throws<InvalidOperationException>(() => run.Step(new int[6])).Message, StringComparison.Ordinal);
        Assert.Contains("2 items", Assert.Throws<ArgumentException>(() => run.Step(new int[3])).Message, StringComparison.Ordinal);
        run.Step(new int[4]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void MemoryIsWhatWasForeseen(string kind)
    {
        using SyntheticModel synthetic = Create(kind);
        using ModelFolder model = synthetic.Open();
        IBackend backend = CountingBackend.Wrap(_backend, out CountingBackend counter); // disposed as what it wraps
        using Prior prior = Prior.Load(backend, model, model.Description.Priors[0].Level);
        using PriorRun run = prior.CreateRun(3, 7);
        PriorMemory foreseen = PriorMemory.Of(prior.Spec, SyntheticPriors.TinyVqVae, new WeightStorage(backend, ElementType.F32), 3, primeChunkLength: 7);
        Assert.Equal((run.CacheBytes, run.ScratchBytes, counter.WeightBytes), (foreseen.CacheBytes, foreseen.ScratchBytes, foreseen.WeightBytes));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void AFullSizeUpsamplerNeedsLittleBesideWeightsAndCaches(int level)
    {
        PriorMemory memory = PriorMemory.Of(PublishedModels.Upsampler(level), PublishedModels.VqVae, new WeightStorage(_backend, ElementType.F32), 1);
        Assert.InRange(memory.ScratchBytes, 1, 200_000_000);
        Assert.InRange(memory.WeightBytes, 3_000_000_000, 5_000_000_000);
    }

    public void Dispose()
    {
        foreach (IDisposable opened in Enumerable.Reverse(_opened))
        {
            opened.Dispose();
        }

        _backend.Dispose();
    }

    private static SyntheticModel Create(string kind, ElementType storage = ElementType.F32, ElementType precision = ElementType.F32)
    {
        PriorSpec spec = SyntheticPriors.Tiny(kind[0]);
        TransformerSpec stack = spec.Transformer with { ResidualScale = kind.EndsWith("scaled", StringComparison.Ordinal), Spread = 3 };
        if (int.TryParse(kind[1..], out int order))
        {
            stack = stack with { AttentionOrder = order, Depth = 17 };
        }

        return SyntheticModel.Create(SyntheticPriors.TinyVqVae, [spec with { Transformer = stack, AlignmentLayer = null, AlignmentHead = null }], storage, precision);
    }

    private static PriorWindow Window(PriorSpec spec, int known, params int[] items) => SyntheticPriors.Window(spec, known, items);

    private static int[][] Draw(PriorRun run, PriorWindow window, out List<float[]> logits)
    {
        logits = [];
        run.Begin(window);
        while (run.PrimeChunk())
        {
        }

        List<int>[] codes = Array.ConvertAll(window.Known, known => known.ToList());
        var drawn = new int[window.Items.Length];
        while (codes[0].Count < Steps)
        {
            run.Step(drawn);
            logits.Add(run.StepLogits(drawn.Length - 1));
            for (int i = 0; i < drawn.Length; i++)
            {
                codes[i].Add(drawn[i]);
            }
        }

        return Array.ConvertAll(codes, list => list.ToArray());
    }

    /// <summary>Draws (total, N) tokens in groups of the given sizes, again and again.</summary>
    private static int[] Together(PriorRun run, PriorWindow window, int total, ReadOnlySpan<int> groups)
    {
        run.Begin(window);
        while (run.PrimeChunk())
        {
        }

        int items = window.Items.Length;
        var codes = new int[total * items];
        for (int done = 0, i = 0; done < total; i++)
        {
            int count = Math.Min(groups[i % groups.Length], total - done);
            run.Step(codes.AsSpan(done * items, count * items));
            done += count;
        }

        return codes;
    }

    private float[][] Logits(SyntheticModel synthetic)
    {
        using (synthetic)
        {
            using ModelFolder model = synthetic.Open();
            using Prior prior = Prior.Load(_backend, model, model.Description.Priors[0].Level);
            using PriorRun run = prior.CreateRun(2, 11);
            return run.Logits(Window(prior.Spec, prior.Spec.ContextLength, 0, 1));
        }
    }

    private Prior Load(string kind)
    {
        SyntheticModel synthetic = Create(kind);
        _opened.Add(synthetic);
        ModelFolder model = synthetic.Open();
        _opened.Add(model);
        Prior prior = Prior.Load(_backend, model, model.Description.Priors[0].Level);
        _opened.Add(prior);
        return prior;
    }
}

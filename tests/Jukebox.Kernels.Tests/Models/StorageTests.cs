using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>Whole priors on every kernel path: tensor cores and not, every storage of matrices and caches.</summary>
public sealed class StorageTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string backend in TestBackends.AllNames)
            {
                foreach (string name in GoldenDirectory.Cases("prior_"))
                {
                    cases.Add(backend, name);
                }
            }

            return cases;
        }
    }

    /// <summary>Logits of a whole window, every token known: to what the storage of weights, caches and inputs explains.</summary>
    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void LogitsMatchTheOriginal(string backendName, string name)
    {
        using IBackend backend = TestBackends.Open(backendName);
        using var golden = new PriorCase(name, backend);
        using PriorRun run = golden.Prior.CreateRun(golden.Codes.Length, 7);
        float[][] logits = run.Logits(golden.Window(golden.Spec.ContextLength, golden.AllItems));
        foreach (int item in golden.AllItems)
        {
            Closeness.Check($"{name}: logits {item}", golden.Values("logits", item), logits[item], Tolerances.GoldenLogits(golden.Prior.MatrixType));
        }
    }

    /// <summary>What <c>plan</c> foresees is what the device is asked for: padded tiles, the storage of packed matrices, tables that are there twice.</summary>
    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void WeightsTakeWhatWasForeseen(string backendName, string name)
    {
        using IBackend backend = CountingBackend.Wrap(TestBackends.Open(backendName), out CountingBackend counter);
        using ModelFolder model = ModelFolder.Open(GoldenModels.Folder(name));
        PriorSpec spec = model.Description.Priors[0];
        using Prior prior = Prior.Load(backend, model, spec.Level);
        Assert.Equal(WeightStorage.Of(backend, model.OpenPrior(spec.Level)).BytesOf(spec, model.Description.VqVae), counter.WeightBytes);
    }

    /// <summary>
    /// A song that is resumed primes by chunks what was drawn by steps, in whatever batch: tokens and the bits of the logits
    /// must not show it.
    /// </summary>
    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void StepsChunksAndBatchesGiveTheSameBits(string backendName, string name)
    {
        using IBackend backend = TestBackends.Open(backendName);
        using var golden = new PriorCase(name, backend);
        int known = golden.Spec.ContextLength / 3, total = known + 9;
        using PriorRun together = golden.Prior.CreateRun(golden.Codes.Length, 5), alone = golden.Prior.CreateRun(1, 64);
        PriorWindow window = golden.Window(known, golden.AllItems) with { Rule = new SamplingRule(0.9f, TopP: 0.8f) };
        int[][] drawn = Draw(together, window, total);
        foreach (int item in golden.AllItems)
        {
            PriorWindow resumed = golden.Window(known, item) with { Rule = window.Rule, Known = [drawn[item][..(total - 1)]] };
            int[][] last = Draw(alone, resumed, total);
            Assert.Equal(drawn[item][^1], last[0][^1]);
            Assert.Equal(together.StepLogits(item), alone.StepLogits(0));
        }
    }

    /// <summary>Codes as they are drawn, lyric tokens among them, up to <paramref name="total"/> of each item.</summary>
    private static int[][] Draw(PriorRun run, PriorWindow window, int total)
    {
        run.Begin(window);
        while (run.PrimeChunk())
        {
        }

        List<int>[] codes = Array.ConvertAll(window.Known, known => known.ToList());
        var drawn = new int[window.Items.Length];
        while (codes[0].Count < total)
        {
            run.Step(drawn);
            for (int item = 0; item < drawn.Length; item++)
            {
                codes[item].Add(drawn[item]);
            }
        }

        return Array.ConvertAll(codes, list => list.ToArray());
    }
}

using Jukebox.Core.Contract;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>Tiny priors of every kind with synthetic weights, against what the original implementation printed.</summary>
public sealed class TinyPriorTests : IDisposable
{
    private const double LyricsLossFraction = 0.4;

    private readonly CpuBackend _backend = new();

    [Fact]
    public void TheFormulaGivesTheNumbersOfTheReference()
    {
        Assert.Equal([-0.79294765f, -0.0309188366f, 0.631385565f, 0.723613501f, 0.874261141f, -0.111929655f], SyntheticWeights.Uniform("a", 6));
        Assert.Equal([2, 4, 15, 13, 4, 0, 10, 13], SyntheticWeights.Tokens("z", 1, 8, 16)[0]);
        Assert.Equal([1, 3, 6, 9, 7, 6, 1, 9, 10, 3, 4, 6], SyntheticWeights.Tokens("ly", 2, 12, 11)[1]);
    }

    [Theory]
    [InlineData('A')]
    [InlineData('B')]
    [InlineData('C')]
    [InlineData('D')]
    [InlineData('E')]
    public void MatchesTheReference(char letter)
    {
        string expected = SyntheticVectors.Block(SyntheticVectors.Tiny, $"-- {letter}_", "-- ");
        PriorSpec spec = SyntheticPriors.Tiny(letter);
        using var synthetic = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [spec]);
        using ModelFolder model = synthetic.Open();
        using Prior prior = Prior.Load(_backend, model, spec.Level);
        using PriorRun run = prior.CreateRun(2, 5);
        PriorWindow whole = Window(spec, 32);

        float[][] logits = run.Logits(whole);
        CheckLogits(expected, spec, logits);
        CheckConditioning(expected, spec, run, whole);
        CheckLosses(expected, spec, run.Score(whole));

        Check("greedy ancestral", SyntheticVectors.List(expected, "greedy ancestral"), run.Finish(Window(spec, 0), 32), 0);
        float[] primed = SyntheticVectors.List(expected, "greedy primed13");
        Check("greedy primed", primed, run.Finish(Window(spec, 13), 32), 13);
        using PriorRun unchunked = prior.CreateRun(2, 44);
        Check("greedy primed at once", primed, unchunked.Finish(Window(spec, 13), 32), 13);
        int[][] truncated = run.Finish(Window(spec, 13), 20);
        Assert.Equal(primed[..7], truncated[0][13..].Select(code => (float)code));
    }

    public void Dispose() => _backend.Dispose();

    private static void Check(string what, float[] expected, int[][] codes, int from) =>
        Assert.True(expected.AsSpan().SequenceEqual([.. codes.SelectMany(row => row[from..]).Select(code => (float)code)]), what);

    private static void CheckLogits(string expected, PriorSpec spec, float[][] logits)
    {
        int k = spec.VocabularySize;
        Closeness.Check("logits[0,0]", SyntheticVectors.List(expected, "preds", "[0,0,:4]"), logits[0].AsSpan(0, 4), Tolerances.GoldenActivations);
        Closeness.Check("logits[1,5]", SyntheticVectors.List(expected, "preds", "[1,5,:4]"), logits[1].AsSpan(5 * k, 4), Tolerances.GoldenActivations);
        Closeness.Check("logits[1,-1]", SyntheticVectors.List(expected, "preds", "[1,-1,-4:]"), logits[1].AsSpan()[^4..], Tolerances.GoldenActivations);
        double[] all = [.. logits.SelectMany(row => row).Select(logit => (double)logit)];
        Closeness.Check(
            "sums", [(float)SyntheticVectors.Number(expected, "preds", "sum"), (float)SyntheticVectors.Number(expected, "preds", "abs")],
            [(float)all.Sum(), (float)all.Sum(Math.Abs)], Tolerances.GoldenActivations);
    }

    private static void CheckConditioning(string expected, PriorSpec spec, PriorRun run, PriorWindow window)
    {
        int width = spec.Transformer.Width;
        run.Begin(window);
        if (spec.Labels is not null)
        {
            Closeness.Check("y_cond", SyntheticVectors.List(expected, "y_cond[0,0,:4]"), run.StartEmbedding(0).AsSpan(0, 4), Tolerances.GoldenActivations);
        }

        if (expected.Contains("x_cond", StringComparison.Ordinal))
        {
            Closeness.Check("x_cond[0,0]", SyntheticVectors.List(expected, "x_cond", "[0,0,:4]"), run.Condition(0).AsSpan(0, 4), Tolerances.GoldenActivations);
            Closeness.Check("x_cond[1,17]", SyntheticVectors.List(expected, "x_cond", "[1,17,:4]"), run.Condition(1).AsSpan(17 * width, 4), Tolerances.GoldenActivations);
        }

        if (spec.LyricsEncoder is not null)
        {
            Closeness.Check("encoder_kv[0,0]", SyntheticVectors.List(expected, "encoder_kv", "[0,0,:4]"), run.EncodeLyrics(window, 0).AsSpan(0, 4), Tolerances.GoldenActivations);
            Closeness.Check("encoder_kv[1,11]", SyntheticVectors.List(expected, "encoder_kv", "[1,11,:4]"), run.EncodeLyrics(window, 1).AsSpan(11 * width, 4), Tolerances.GoldenActivations);
        }
    }

    private static void CheckLosses(string expected, PriorSpec spec, WindowScore[] scores)
    {
        double music = scores.SelectMany(score => score.MusicBits).Average();
        double lyrics = scores.SelectMany(score => score.LyricBits).DefaultIfEmpty(0).Average();
        double length = spec.ContextLength + spec.LyricsLength;
        double total = ((LyricsLossFraction * lyrics * spec.LyricsLength) + (music * spec.ContextLength)) / length;
        Closeness.Check(
            "losses",
            [(float)SyntheticVectors.Number(expected, "loss"), (float)SyntheticVectors.Number(expected, "gen"), (float)SyntheticVectors.Number(expected, "prime")],
            [(float)total, (float)music, (float)lyrics], Tolerances.GoldenActivations);
    }

    private static PriorWindow Window(PriorSpec spec, int known) =>
        SyntheticPriors.Window(spec, known, 0, 1) with { Rule = new SamplingRule(0.9f, TopK: 1) };
}

using System.Runtime.Intrinsics;
using Jukebox.Core.Contract;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>
/// The published models' whole contexts, blocks, label tables and lyric lengths, with reduced width and depth and
/// synthetic weights, against what the original implementation printed.
/// </summary>
public sealed class PublishedGeometryTests : IDisposable
{
    private static readonly int[] Positions = [0, 1, 63, 64, 101, 102, 383, 384, 447, 448, 1000];

    private readonly CpuBackend _backend = new();

    public static TheoryData<string> Names =>
        ["upsampler_level_1", "upsampler_level_0", "prior_5b", "prior_5b_lyrics", "prior_1b_lyrics"];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void MatchesTheReference(string name)
    {
        Skip.IfNot(Vector128.IsHardwareAccelerated, "fifteen billion multiply-adds take minutes without vector instructions");
        PriorSpec spec = SyntheticPriors.Published(name);
        using var synthetic = SyntheticModel.Create(PublishedModels.VqVae, [spec]);
        using ModelFolder model = synthetic.Open();
        using Prior prior = Prior.Load(_backend, model, spec.Level);
        string expected = SyntheticVectors.Block(SyntheticVectors.Published, $"-- {name} ", "-- ");
        using (PriorRun run = prior.CreateRun(1))
        {
            CheckWindow(expected, spec, run);
        }

        if (SyntheticVectors.PublishedGreedy.Contains(name + " ", StringComparison.Ordinal))
        {
            string greedy = SyntheticVectors.Block(SyntheticVectors.PublishedGreedy, name + " ", "\n");
            using PriorRun run = prior.CreateRun(1, 32);
            Check(SyntheticVectors.List(greedy, "ancestral16"), run.Finish(Window(spec, 0), 16)[0]);
            Check(SyntheticVectors.List(greedy, "next12"), run.Finish(Window(spec, 1000), 1012)[0][1000..]);
        }
    }

    public void Dispose() => _backend.Dispose();

    private static void CheckWindow(string expected, PriorSpec spec, PriorRun run)
    {
        PriorWindow window = Window(spec, spec.ContextLength);
        float[] logits = run.Logits(window)[0];
        int width = spec.Transformer.Width, k = spec.VocabularySize;
        foreach (int position in Positions.Append(spec.SequenceLength - 1))
        {
            Closeness.Check($"logits[{position}]", SyntheticVectors.List(expected, $"pos {position} "), logits.AsSpan(position * k, 4), Tolerances.GoldenActivations);
        }

        Closeness.Check(
            "abs sum", [(float)SyntheticVectors.Number(expected, "abs sum")], [(float)logits.Sum(logit => Math.Abs((double)logit))],
            Tolerances.GoldenActivations);
        int lyrics = spec.SequenceLength - spec.ContextLength;
        int[] tokens = [.. window.Labels[0][^lyrics..].Select(token => (int)token), .. window.Known[0].Select(code => code + k - spec.CodebookSize)];
        double[] bits = [.. tokens.Select((token, position) => PriorRun.Bits(logits.AsSpan(position * k, k), token))];
        Closeness.Check("gen", [(float)SyntheticVectors.Number(expected, " gen ")], [(float)bits[lyrics..].Average()], Tolerances.GoldenActivations);
        if (lyrics > 0)
        {
            Closeness.Check("prime", [(float)SyntheticVectors.Number(expected, " prime ")], [(float)bits[..lyrics].Average()], Tolerances.GoldenActivations);
        }

        Closeness.Check("y_cond", SyntheticVectors.List(expected, "y_cond"), run.StartEmbedding(0).AsSpan(0, 4), Tolerances.GoldenActivations);
        float[] condition = run.Condition(0);
        Closeness.Check("x_cond[0]", SyntheticVectors.List(expected, "x_cond[0]"), condition.AsSpan(0, 4), Tolerances.GoldenActivations);
        Closeness.Check("x_cond[1234]", SyntheticVectors.List(expected, "x_cond[1234]"), condition.AsSpan(1234 * width, 4), Tolerances.GoldenActivations);
        Closeness.Check("x_cond[-1]", SyntheticVectors.List(expected, "x_cond[-1]"), condition.AsSpan(condition.Length - width, 4), Tolerances.GoldenActivations);
        if (spec.LyricsEncoder is not null)
        {
            float[] states = run.EncodeLyrics(window, 0);
            Closeness.Check("encoder_kv[0]", SyntheticVectors.List(expected, "encoder_kv[0]"), states.AsSpan(0, 4), Tolerances.GoldenActivations);
            Closeness.Check("encoder_kv[511]", SyntheticVectors.List(expected, "encoder_kv[0]", "[511]"), states.AsSpan(511 * width, 4), Tolerances.GoldenActivations);
        }
    }

    private static void Check(float[] expected, int[] codes) => Assert.Equal(expected, codes.Select(code => (float)code));

    private static PriorWindow Window(PriorSpec spec, int known)
    {
        long length = (long)spec.ContextLength * PublishedModels.VqVae.SamplesPerToken(spec.Level);
        long[] genres = spec.Labels!.MaxGenres == 1 ? [1] : [1, 8, -1, -1, -1];
        int[] lyrics = spec.LyricsLength == 0 ? [] : SyntheticWeights.Tokens("ly", 1, spec.LyricsLength, spec.LyricsVocabulary)[0];
        return new PriorWindow
        {
            StartToken = 0,
            Items = [0],
            Labels = [[7938000, 3932160, length, 10, .. genres, .. lyrics]],
            UpperCodes = spec.UpperCodes is null ? null : SyntheticWeights.Tokens("zc", 1, 2048, 2048),
            Known = [SyntheticWeights.Tokens("z", 1, spec.ContextLength, 2048)[0][..known]],
            Rule = new SamplingRule(1, TopK: 1),
            Seed = 0,
        };
    }
}

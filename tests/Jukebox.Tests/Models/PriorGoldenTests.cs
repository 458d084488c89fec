using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>Every <c>prior_*</c> case against the outputs of the original implementation.</summary>
public sealed class PriorGoldenTests : IDisposable
{
    private readonly IBackend _backend = TestBackends.OpenForModels();

    public static TheoryData<string> Cases => GoldenDirectory.Cases("prior_");

    [Theory]
    [MemberData(nameof(Cases))]
    public void ConditioningMatches(string name)
    {
        using var golden = new PriorCase(name, _backend);
        using PriorRun run = golden.Prior.CreateRun(golden.Codes.Length, 5);
        run.Begin(golden.Window(0, golden.AllItems));
        foreach (int item in golden.AllItems)
        {
            if (golden.Has("x_cond"))
            {
                Closeness.Check($"{name}: x_cond {item}", golden.Values("x_cond", item), run.Condition(item), Tolerances.GoldenActivations);
            }

            if (golden.Has("y_cond"))
            {
                Closeness.Check($"{name}: y_cond {item}", golden.Values("y_cond", item), run.StartEmbedding(item), Tolerances.GoldenActivations);
            }

            if (golden.Has("encoder_kv"))
            {
                float[] states = run.EncodeLyrics(golden.Window(0, golden.AllItems), item);
                Closeness.Check($"{name}: encoder_kv {item}", golden.Values("encoder_kv", item), states, Tolerances.GoldenActivations);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void TeacherForcedLogitsMatch(string name)
    {
        using var golden = new PriorCase(name, _backend);
        using PriorRun run = golden.Prior.CreateRun(golden.Codes.Length, 7);
        float[][] logits = run.Logits(golden.Window(golden.Spec.ContextLength, golden.AllItems));
        foreach (int item in golden.AllItems)
        {
            Closeness.Check($"{name}: logits {item}", golden.Values("logits", item), logits[item], Tolerances.GoldenActivations);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void LossesMatchInBits(string name)
    {
        using var golden = new PriorCase(name, _backend);
        using PriorRun run = golden.Prior.CreateRun(golden.Codes.Length);
        WindowScore[] scores = run.Score(golden.Window(golden.Spec.ContextLength, golden.AllItems));
        double music = scores.SelectMany(score => score.MusicBits).Average();
        double lyrics = scores.SelectMany(score => score.LyricBits).DefaultIfEmpty(0).Average();
        double musicLength = golden.Spec.ContextLength, length = musicLength + golden.Spec.LyricsLength;
        double total = (golden.LyricsLossFraction * lyrics * golden.Spec.LyricsLength / length) + (music * musicLength / length);
        Closeness.Check(
            $"{name}: gen_loss, prime_loss, loss", [golden.Values("gen_loss")[0], golden.Values("prime_loss")[0], golden.Values("loss")[0]],
            [(float)music, (float)lyrics, (float)total], Tolerances.GoldenActivations);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AlignmentAttentionMatches(string name)
    {
        using var golden = new PriorCase(name, _backend);
        using PriorRun run = golden.Prior.CreateRun(golden.Codes.Length, 9);
        PriorWindow window = golden.Window(golden.Spec.ContextLength, golden.AllItems);
        if (!golden.Has("alignment_attn"))
        {
            Assert.Equal(LyricsMode.None, golden.Spec.Lyrics);
            Assert.Throws<InvalidOperationException>(() => run.AlignmentAttention(window));
            return;
        }

        float[][,] weights = run.AlignmentAttention(window);
        foreach (int item in golden.AllItems)
        {
            Closeness.Check($"{name}: alignment {item}", golden.Values("alignment_attn", item), [.. weights[item].Cast<float>()], Tolerances.GoldenActivations);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void GreedyTokensMatch(string name)
    {
        using var golden = new PriorCase(name, _backend);
        using PriorRun run = golden.Prior.CreateRun(golden.Codes.Length, 5);
        int context = golden.Spec.ContextLength;
        Assert.Equal(golden.Rows("greedy"), run.Finish(golden.Window(0, golden.AllItems), context));
        Assert.Equal(golden.Rows("greedy_primed"), run.Finish(golden.Window((context / 2) + 3, golden.AllItems), context));
        Assert.Equal(golden.Rows("greedy_partial"), run.Finish(golden.Window(3, golden.AllItems), context / 3));
    }

    public void Dispose() => _backend.Dispose();
}

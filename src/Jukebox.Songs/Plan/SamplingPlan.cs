using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Songs.Request;

namespace Jukebox.Songs.Plan;

/// <summary>
/// A window of one level: it covers <paramref name="KnownTokens"/> + <paramref name="NewTokens"/> tokens from
/// <paramref name="StartToken"/> on, of which the last ones are to be drawn.
/// </summary>
public sealed record SamplingWindow(int StartToken, int KnownTokens, int NewTokens)
{
    /// <summary>Index of the first token after the window.</summary>
    public int EndToken => StartToken + KnownTokens + NewTokens;
}

/// <summary>What is to be done at one level.</summary>
/// <param name="Level">Level, 0 being the finest.</param>
/// <param name="SamplesPerToken">Audio samples per token.</param>
/// <param name="TokensPerUpperToken">Tokens of this level per token of the level above; 1 at the top.</param>
/// <param name="ContextLength">Tokens of a full window.</param>
/// <param name="HopTokens">Tokens from one window's start to the next.</param>
/// <param name="KnownTokens">Tokens that are there before anything is drawn.</param>
/// <param name="TotalTokens">Tokens in the end.</param>
/// <param name="Windows">In order; none where nothing is to be drawn.</param>
public sealed record LevelPlan(
    int Level,
    int SamplesPerToken,
    int TokensPerUpperToken,
    int ContextLength,
    int HopTokens,
    int KnownTokens,
    int TotalTokens,
    IReadOnlyList<SamplingWindow> Windows);

/// <summary>
/// Which windows of which level are sampled, in which order. Pure: it knows neither weights nor devices, neither clock
/// nor chance.
/// </summary>
public sealed class SamplingPlan
{
    private SamplingPlan(SongDescription song, IReadOnlyList<LevelPlan> levels)
    {
        Song = song;
        Levels = levels;
    }

    /// <summary>What is planned.</summary>
    public SongDescription Song { get; }

    /// <summary>The levels to sample, the coarsest first.</summary>
    public IReadOnlyList<LevelPlan> Levels { get; }

    /// <summary>Tokens to draw, over all levels and items.</summary>
    public long NewTokens => Song.Items.Length * Levels.Sum(level => (long)level.TotalTokens - level.KnownTokens);

    /// <summary>
    /// The windows that draw tokens <paramref name="known"/> … <paramref name="total"/> − 1. A song shorter than the
    /// context is one partial window that draws exactly what is missing.
    /// </summary>
    public static IReadOnlyList<SamplingWindow> Windows(int total, int context, int hop, int known)
    {
        IReadOnlyList<int> starts = total < context ? [0] : WindowStarts.Of(total, context, hop);
        var windows = new List<SamplingWindow>();
        foreach (int start in starts)
        {
            int end = Math.Min(start + context, total);
            if (end > known)
            {
                windows.Add(new SamplingWindow(start, known - start, end - known));
                known = end;
            }
        }

        return windows;
    }

    /// <summary>Plans a song and checks that the model can make it.</summary>
    /// <exception cref="SamplingException">It cannot; the message says what would work.</exception>
    public static SamplingPlan Create(SongDescription song, ModelDescription model)
    {
        var levels = new List<LevelPlan>();
        foreach (int level in song.Request.SampleLevels!.OrderDescending())
        {
            levels.Add(PlanLevel(song, model, level));
        }

        foreach (LevelPlan level in levels)
        {
            PlanChecks.Check(song, model, level);
        }

        return new SamplingPlan(song, levels);
    }

    private static LevelPlan PlanLevel(SongDescription song, ModelDescription model, int level)
    {
        PriorSpec prior = model.PriorOf(level) ?? throw new SamplingException(
            $"the model '{model.Name}' has no prior for level {level}; leave that level out, or convert the model with it.");
        VqVaeSpec vqVae = model.VqVae;
        int samplesPerToken = vqVae.SamplesPerToken(level);
        int total = checked((int)(song.SampleLength / samplesPerToken));
        int known = Math.Min(song.KnownTokens[level], total);
        int hop = (int)(song.Level(level).HopFraction!.Value * prior.ContextLength);
        int factor = level + 1 < vqVae.Levels ? vqVae.TokensPerUpperToken(level + 1) : 1;
        PlanChecks.CheckHop(song.Level(level), prior, hop, factor, total);
        PlanChecks.CheckOneWindow(song, model, prior, total, samplesPerToken);
        return new LevelPlan(
            level, samplesPerToken, factor, prior.ContextLength, hop, known, total, Windows(total, prior.ContextLength, hop, known));
    }
}

using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Songs.Plan;
using Jukebox.Songs.Request;

namespace Jukebox.Studio.Songs;

/// <summary>What a plan draws at one level, and what it costs there.</summary>
/// <param name="Level">Level.</param>
/// <param name="NewTokens">Tokens to draw, over all items.</param>
/// <param name="Cost">Bytes to be read for one of them, priming and operations among them at their worth in bytes.</param>
internal readonly record struct LevelWork(int Level, long NewTokens, double Cost)
{
    /// <summary>Multiplications and additions that take about as long as reading a byte, on processors of the last ten years.</summary>
    private const double OperationsPerByte = 10;

    /// <summary>The levels of a plan, in the order in which they are sampled.</summary>
    public static LevelWork[] Of(SamplingPlan plan, ModelFolder folder, IBackend backend) =>
        [.. plan.Levels.Select(level =>
            Of(level, plan.Song, folder.Description.VqVae, folder.PriorOf(level.Level), Requirements.StorageOf(folder, level.Level, backend)))];

    /// <summary>One level of a plan.</summary>
    public static LevelWork Of(LevelPlan plan, SongDescription song, VqVaeSpec vqvae, PriorSpec prior, in WeightStorage storage)
    {
        int items = song.Items.Length, batch = Math.Min(song.Level(plan.Level).BatchSize!.Value, items);
        int lyrics = prior.SequenceLength - prior.ContextLength;
        double cost = 0;
        long tokens = 0;
        foreach (IGrouping<(int Known, int New), SamplingWindow> windows in plan.Windows.GroupBy(window => (window.KnownTokens, window.NewTokens)))
        {
            (int known, int drawn) = (lyrics + windows.Key.Known, windows.Key.New);
            double step = TimeOf(PriorTraffic.OfStep(prior, vqvae, storage, batch, known + (drawn / 2)));
            double priming = known == 0 ? 0 : TimeOf(PriorTraffic.OfPriming(prior, vqvae, storage, batch, 0, known));
            cost += windows.Count() * ((drawn * step) + priming);
            tokens += (long)windows.Count() * drawn;
        }

        return new LevelWork(plan.Level, tokens * items, tokens == 0 ? 1 : cost / (tokens * batch));
    }

    /// <summary>The slower of reading and computing, as in a loop that does both at once.</summary>
    private static double TimeOf(PriorTraffic traffic) => Math.Max(traffic.Bytes, traffic.Operations / OperationsPerByte);
}

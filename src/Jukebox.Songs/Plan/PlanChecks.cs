using System.Globalization;
using Jukebox.Models.Format;
using Jukebox.Songs.Request;

namespace Jukebox.Songs.Plan;

/// <summary>What a model cannot sample, said so that the reader knows what would work.</summary>
internal static class PlanChecks
{
    /// <summary>Windows of an upsampler must start where a token of the level above does.</summary>
    public static void CheckHop(LevelRequest settings, PriorSpec prior, int hop, int factor, int total)
    {
        double fraction = settings.HopFraction!.Value;
        if (hop < 1 || hop > prior.ContextLength)
        {
            throw Refused(
                $"level {prior.Level}: a hop fraction of {fraction} gives windows {hop} tokens apart; it must lie between "
                + $"{Number(1.0 / prior.ContextLength)} and 1.");
        }

        if (hop % factor != 0 && total > prior.ContextLength)
        {
            int below = hop / factor * factor, above = below + factor;
            IEnumerable<string> near = new[] { below, above }.Where(h => h > 0 && h <= prior.ContextLength)
                .Select(h => Fraction(h, prior.ContextLength));
            throw Refused(
                $"level {prior.Level}: a hop fraction of {fraction} gives windows {hop} tokens apart, which is not a multiple of the upsampling factor {factor}; "
                + $"the nearest fractions that work are {string.Join(" and ", near)}.");
        }
    }

    /// <summary>An upsampler needs the coarse codes of one whole window.</summary>
    public static void CheckOneWindow(SongDescription song, ModelDescription model, PriorSpec prior, int total, int samplesPerToken)
    {
        if (prior.Level + 1 < model.VqVae.Levels && total < prior.ContextLength)
        {
            double needed = (double)prior.ContextLength * samplesPerToken / song.SampleRateHz;
            throw Refused(
                $"level {prior.Level} can only be upsampled in windows of {Seconds(needed)} s, but the song has "
                + $"{Seconds((double)song.SampleLength / song.SampleRateHz)} s; "
                + $"ask for at least {Number(Math.Ceiling(needed * 100) / 100)} seconds, or leave the level out.");
        }
    }

    /// <summary>The codes of the level above, and the labels that the model was trained for.</summary>
    public static void Check(SongDescription song, ModelDescription model, LevelPlan plan)
    {
        CheckUpperCodes(song, model, plan);
        if (model.PriorOf(plan.Level)!.Labels is { } labels && plan.Windows.Count > 0)
        {
            CheckTotal(song, labels, plan, isTop: plan.Level == model.VqVae.Levels - 1);
        }
    }

    private static void CheckUpperCodes(SongDescription song, ModelDescription model, LevelPlan plan)
    {
        int upper = plan.Level + 1;
        if (upper < model.VqVae.Levels
            && !song.Request.SampleLevels!.Contains(upper)
            && song.KnownTokens[upper] < song.SampleLength / model.VqVae.SamplesPerToken(upper))
        {
            throw Refused($"level {plan.Level} needs the codes of level {upper}, which are neither known nor to be sampled; sample level {upper} too.");
        }
    }

    private static void CheckTotal(SongDescription song, LabelSpec labels, LevelPlan plan, bool isTop)
    {
        double rate = song.SampleRateHz;
        double total = song.TotalSamples / rate;
        double end = (song.OffsetSamples + song.SampleLength) / rate;
        if (isTop && end >= labels.MaxDurationSeconds)
        {
            throw Refused(
                $"the audio would end at {Seconds(end)} s, and the model knows songs of less than {Number(labels.MaxDurationSeconds)} s; ask for less. A "
                + "longer piece is made of several songs: "
                + "begin the next one from the end of the one before (--prompt SONG/level_0/item_0.wav@START-), and join their audio.");
        }

        if (isTop && (total < labels.MinDurationSeconds || total >= labels.MaxDurationSeconds))
        {
            throw Refused(
                $"a total length of {Seconds(total)} s is outside the model's range: it knows songs of {Number(labels.MinDurationSeconds)} s up to (not "
                + $"including) {Number(labels.MaxDurationSeconds)} s; "
                + "change the total length (--total-seconds), which is a label and not the length of the audio.");
        }

        long lastStart = song.OffsetSamples + ((long)plan.Windows[^1].StartToken * plan.SamplesPerToken);
        if (lastStart >= song.TotalSamples)
        {
            throw Refused(
                $"the last window of level {plan.Level} starts at {Seconds(lastStart / rate)} s, but the song's total length is {Seconds(total)} s; "
                + "raise the total length (--total-seconds) above the end of the audio.");
        }

        double windowEnd = (lastStart + ((long)plan.ContextLength * plan.SamplesPerToken)) / rate;
        if (isTop && windowEnd > labels.MaxDurationSeconds)
        {
            throw Refused(
                $"the last window of level {plan.Level} ends at {Seconds(windowEnd)} s, beyond the {Number(labels.MaxDurationSeconds)} s that the model knows; "
                + "ask for less audio or a smaller offset.");
        }
    }

    /// <summary>The shortest decimal fraction that gives exactly that hop.</summary>
    private static string Fraction(int hop, int context)
    {
        double scale = 1, fraction;
        do
        {
            scale *= 10;
            fraction = Math.Ceiling(hop * scale / context) / scale;
        }
        while ((int)(fraction * context) != hop);

        return Number(fraction);
    }

    private static SamplingException Refused(string message) => new(message);

    private static string Seconds(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("0.#########", CultureInfo.InvariantCulture);
}

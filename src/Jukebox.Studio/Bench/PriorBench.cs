using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;

namespace Jukebox.Studio.Bench;

/// <summary>Times of one prior, in seconds.</summary>
/// <param name="PrimedTokens">Tokens that were primed.</param>
/// <param name="PrimeSeconds">How long that took, for the whole batch.</param>
/// <param name="DecodedTokens">Tokens that were drawn one by one after that.</param>
/// <param name="DecodeSeconds">How long that took.</param>
internal readonly record struct PriorTimes(int PrimedTokens, double PrimeSeconds, int DecodedTokens, double DecodeSeconds)
{
    public double PrimeSecondsPerToken => PrimeSeconds / PrimedTokens;

    public double DecodeSecondsPerToken => DecodeSeconds / DecodedTokens;
}

/// <summary>Runs a prior on random codes and times it.</summary>
internal static class PriorBench
{
    /// <summary>Steps before the clock starts: the first ones compile code and touch weights that are still on disk.</summary>
    private const int WarmUpSteps = 4;

    /// <summary>Primes and draws tokens of one window; the window begins at the song's first token.</summary>
    public static PriorTimes Measure(
        IBackend backend, ModelFolder folder, int level, int batchSize, int primeTokens, int decodeTokens, CancellationToken cancellation, TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        PriorSpec spec = folder.PriorOf(level);
        primeTokens = Math.Min(primeTokens, spec.ContextLength / 2);
        decodeTokens = Math.Min(decodeTokens, spec.ContextLength - primeTokens - WarmUpSteps);
        using Prior prior = Prior.Load(backend, folder, level);
        using PriorRun run = prior.CreateRun(batchSize);

        // One small window first, so that neither figure pays for compilation or for reading the file.
        var timer = new QueueTimer(backend, clock);
        Prime(timer, run, Window(spec, folder.Description, batchSize, Math.Min(primeTokens, Prior.DefaultChunkLength)), cancellation);
        Decode(timer, run, batchSize, WarmUpSteps, cancellation);

        double primeSeconds = Prime(timer, run, Window(spec, folder.Description, batchSize, primeTokens), cancellation);
        Decode(timer, run, batchSize, WarmUpSteps, cancellation);
        double decodeSeconds = Decode(timer, run, batchSize, decodeTokens, cancellation);
        return new PriorTimes(primeTokens, primeSeconds, decodeTokens, decodeSeconds);
    }

    private static double Prime(in QueueTimer timer, PriorRun run, PriorWindow window, CancellationToken cancellation)
    {
        run.Begin(window);
        return timer.Seconds(() =>
        {
            while (run.PrimeChunk())
            {
                cancellation.ThrowIfCancellationRequested();
            }
        });
    }

    private static double Decode(in QueueTimer timer, PriorRun run, int batchSize, int count, CancellationToken cancellation)
    {
        var codes = new int[batchSize];
        return timer.Seconds(() =>
        {
            for (int i = 0; i < count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                run.Step(codes);
            }
        });
    }

    private static PriorWindow Window(PriorSpec spec, ModelDescription model, int batchSize, int known)
    {
        var random = new Random(1);
        int[] Codes(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(spec.CodebookSize))];
        int upperLength = spec.UpperCodes is null ? 0 : spec.ContextLength / model.VqVae.TokensPerUpperToken(spec.Level + 1);
        return new PriorWindow
        {
            StartToken = 0,
            Items = [.. Enumerable.Range(0, batchSize)],
            Labels = [.. Enumerable.Range(0, batchSize).Select(_ => Label(spec, model))],
            UpperCodes = spec.UpperCodes is null ? null : [.. Enumerable.Range(0, batchSize).Select(_ => Codes(upperLength))],
            Known = [.. Enumerable.Range(0, batchSize).Select(_ => Codes(known))],
            Rule = new SamplingRule(1),
            Seed = 1,
        };
    }

    /// <summary>Unknown artist and genre, no lyrics, a song of the shortest length that fits a window.</summary>
    internal static long[] Label(PriorSpec spec, ModelDescription model)
    {
        if (spec.Labels is not { } labels)
        {
            return [];
        }

        var row = new long[spec.LabelLength];
        long window = (long)spec.ContextLength * model.VqVae.SamplesPerToken(spec.Level);
        row[0] = Math.Max(window, (long)Math.Ceiling(labels.MinDurationSeconds * model.SampleRateHz));
        row[2] = window;
        row.AsSpan(5, labels.MaxGenres - 1).Fill(-1);
        return row;
    }
}

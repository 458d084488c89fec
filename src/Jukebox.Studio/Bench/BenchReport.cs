using Jukebox.Core.Contract;
using Jukebox.Models.Format;

namespace Jukebox.Studio.Bench;

/// <summary>One measurement, beside what the machine could do at most.</summary>
/// <param name="Level">Level.</param>
/// <param name="Phase">prime, decode (drawing tokens one by one), vqvae-encode or vqvae-decode; train, train-vqvae: a step of training.</param>
/// <param name="BatchSize">Items side by side.</param>
/// <param name="Tokens">Tokens of each item that were timed.</param>
/// <param name="Seconds">How long they took.</param>
/// <param name="TokensPerSecond">Over all items.</param>
/// <param name="BytesPerSecond">Weights and cache that had to be read; zero for the VQ-VAE.</param>
/// <param name="OperationsPerSecond">Multiplications and additions.</param>
/// <param name="BandwidthShare">Of the read bandwidth.</param>
/// <param name="PeakShare">Of the multiply-add peak.</param>
public sealed record BenchRow(
    int Level, string Phase, int BatchSize, int Tokens, double Seconds, double TokensPerSecond, double BytesPerSecond, double OperationsPerSecond, double BandwidthShare, double PeakShare)
{
    /// <summary>Share of the nearer of the two limits.</summary>
    public double LimitShare => Math.Max(BandwidthShare, PeakShare);
}

/// <summary>Computing per second of audio of one item at a level, windows' priming included.</summary>
/// <param name="Level">Level, 0 being the finest.</param>
/// <param name="BatchSize">Items side by side.</param>
/// <param name="HopFraction">New tokens of a window over its length.</param>
/// <param name="ComputingSecondsPerAudioSecond">Seconds of computing that a second of one item's audio takes.</param>
public sealed record BenchLevel(int Level, int BatchSize, double HopFraction, double ComputingSecondsPerAudioSecond);

/// <summary>What <c>bench</c> tells.</summary>
public sealed record BenchReport
{
    /// <summary>What computed, for people.</summary>
    public required string Device { get; init; }

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>How matrices are stored.</summary>
    public required string Storage { get; init; }

    /// <summary>Measured in the same run.</summary>
    public required double ReadBytesPerSecond { get; init; }

    /// <summary>Measured in the same run.</summary>
    public required double PeakOperationsPerSecond { get; init; }

    /// <summary>The measurements, in the order in which they were made.</summary>
    public required BenchRow[] Rows { get; init; }

    /// <summary>What they mean for songs, a level each.</summary>
    public required BenchLevel[] Levels { get; init; }

    /// <summary>
    /// Time of a whole window over the audio that it adds: of a context of C tokens a share h is drawn and the rest primed.
    /// </summary>
    internal static BenchLevel LevelOf(PriorSpec prior, ModelDescription model, int batchSize, PriorTimes times)
    {
        double hop = model.Defaults[prior.Level].HopFraction;
        double tokensPerAudioSecond = (double)model.SampleRateHz / model.VqVae.SamplesPerToken(prior.Level);
        double secondsPerNewToken = times.DecodeSecondsPerToken + (times.PrimeSecondsPerToken * (1 - hop) / hop);
        return new BenchLevel(prior.Level, batchSize, hop, secondsPerNewToken * tokensPerAudioSecond / batchSize);
    }

    /// <summary>A report of what was measured.</summary>
    internal static BenchReport Of(IBackend backend, ModelDescription model, string storage, MachineLimits limits, List<BenchRow> rows, List<BenchLevel> levels) => new()
    {
        Device = backend.Name,
        Model = model.Name,
        Storage = storage,
        ReadBytesPerSecond = limits.ReadBytesPerSecond,
        PeakOperationsPerSecond = limits.FlopsPerSecond,
        Rows = [.. rows],
        Levels = [.. levels],
    };

    /// <summary>A row from a time and what had to be read and computed in it.</summary>
    internal static BenchRow Row(int level, string phase, int batchSize, int tokens, double seconds, double bytes, double operations, MachineLimits limits) => new(
        level,
        phase,
        batchSize,
        tokens,
        seconds,
        tokens * (double)batchSize / seconds,
        bytes / seconds,
        operations / seconds,
        bytes / seconds / limits.ReadBytesPerSecond,
        operations / seconds / limits.FlopsPerSecond);
}

using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Plan;
using Jukebox.Songs.Request;
using Jukebox.Studio.Devices;

namespace Jukebox.Studio.Songs;

/// <summary>What one level of a plan takes.</summary>
/// <param name="Level">Level, 0 being the finest.</param>
/// <param name="Windows">Windows to sample, for each piece of the batch.</param>
/// <param name="NewTokens">Tokens to draw, over all items.</param>
/// <param name="PrimedTokens">Known tokens that the windows load, over all items.</param>
/// <param name="BatchSize">Items side by side.</param>
/// <param name="MemoryBytes">Weights, caches and scratch while this level is sampled.</param>
/// <param name="ComputingSeconds">Time, or none where nothing was measured.</param>
public sealed record LevelRequirement(int Level, int Windows, long NewTokens, long PrimedTokens, int BatchSize, long MemoryBytes, double? ComputingSeconds);

/// <summary>What a song takes, known before anything is loaded.</summary>
public sealed record Requirements
{
    /// <summary>The run time, the VQ-VAE, codes, audio of a window: what a run takes beside weights and caches.</summary>
    public const long OverheadBytes = 300_000_000;

    /// <summary>Most bytes that the journal takes for one token of one item.</summary>
    private const int JournalBytesPerToken = 18;

    private const int WaveBytesPerSample = 2;

    /// <summary>The coarsest level first: levels are sampled one after the other, and only one holds memory.</summary>
    public required LevelRequirement[] Levels { get; init; }

    /// <summary>Length of the audio of each item.</summary>
    public required double AudioSeconds { get; init; }

    /// <summary>Length of the imagined whole song that each item is part of, or none where the model has no such label.</summary>
    public double? TotalSeconds { get; init; }

    /// <summary>Items side by side.</summary>
    public required int Items { get; init; }

    /// <summary>Most memory at any time.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Bytes of the finished song folder.</summary>
    public required long DiskBytes { get; init; }

    /// <summary>Memory that the machine has to spare.</summary>
    public required long AvailableMemoryBytes { get; init; }

    /// <summary>Free bytes where the song is to be written.</summary>
    public required long FreeDiskBytes { get; init; }

    /// <summary>What <see cref="ComputingSeconds"/> comes from; none where there is no such figure.</summary>
    public string? TimeSource { get; init; }

    /// <summary>Time of all levels, or none.</summary>
    public double? ComputingSeconds => TimeSource is null ? null : Levels.Sum(level => level.ComputingSeconds);

    /// <summary>Works the plan's needs out.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="folder">The model.</param>
    /// <param name="output">Where the song is to be written.</param>
    /// <param name="limits">What the machine has.</param>
    /// <param name="backend">Where it is to be computed: its memory counts.</param>
    public static Requirements Of(SamplingPlan plan, ModelFolder folder, string output, MachineResources limits, IBackend backend)
    {
        SongDescription song = plan.Song;
        LevelRequirement[] levels = [.. plan.Levels.Select(level => LevelOf(level, song, folder, backend))];
        long waves = plan.Levels.Count * song.SampleLength * WaveBytesPerSample * song.Items.Length;
        long tokens = Enumerable.Range(0, folder.Description.VqVae.Levels)
            .Sum(level => song.SampleLength / folder.Description.VqVae.SamplesPerToken(level)) * song.Items.Length;
        return new Requirements
        {
            Levels = levels,
            AudioSeconds = (double)song.SampleLength / song.SampleRateHz,
            TotalSeconds = folder.Description.PriorOf(folder.Description.VqVae.Levels - 1)?.Labels is null ? null : song.Request.TotalSeconds,
            Items = song.Items.Length,
            MemoryBytes = OverheadBytes + levels.Select(level => level.MemoryBytes).DefaultIfEmpty(0).Max(),
            DiskBytes = waves + (tokens * JournalBytesPerToken) + AlignmentBytes(plan, folder.Description),
            AvailableMemoryBytes = limits.Of(backend).AvailableMemoryBytes(),
            FreeDiskBytes = limits.FreeDiskBytes(output),
        };
    }

    /// <summary>Bytes of the lyric alignment, which is written with the top level: with long lyrics most of the folder.</summary>
    private static long AlignmentBytes(SamplingPlan plan, ModelDescription model)
    {
        int top = model.VqVae.Levels - 1;
        return model.PriorOf(top)?.AlignmentLayer is not null && plan.Levels.FirstOrDefault(level => level.Level == top) is { } level
            ? (plan.Song.Request.Labels ?? []).Sum(label => SongAlignment.LengthBytes(level.TotalTokens, label.Lyrics.Length))
            : 0;
    }

    /// <summary>The same with the time of each level.</summary>
    public Requirements WithTime(string source, Func<LevelRequirement, double> secondsOf) => this with
    {
        TimeSource = source,
        Levels = [.. Levels.Select(level => level with { ComputingSeconds = level.NewTokens == 0 ? 0 : secondsOf(level) })],
    };

    /// <summary>Refuses what cannot fit.</summary>
    /// <param name="output">The song folder.</param>
    /// <param name="goesOn">Whether the song is in progress: its size is settled, and what it has on disk needs no room again.</param>
    /// <exception cref="StudioException">Memory or disk is short; the message has both numbers and what would help.</exception>
    public void Check(string output, bool goesOn = false)
    {
        if (MemoryBytes > AvailableMemoryBytes)
        {
            LevelRequirement worst = Levels.MaxBy(level => level.MemoryBytes)!;
            throw Shortage.OfMemory($"level {worst.Level} needs", MemoryBytes, AvailableMemoryBytes, worst.BatchSize > 1 && !goesOn
                ? $"use a smaller --batch-size than {worst.BatchSize}"
                : "close other programs, or convert the model with --dtype bf16");
        }

        long needed = goesOn ? DiskBytes - SongFolder.LengthBytes(output) : DiskBytes;
        if (needed > FreeDiskBytes)
        {
            throw Shortage.OfDisk("the song needs", needed, FreeDiskBytes, output, goesOn ? "make room" : "make room, or choose another --output");
        }
    }

    /// <summary>How the weights of a prior are stored on a device.</summary>
    public static WeightStorage StorageOf(ModelFolder folder, int level, IBackend backend) =>
        WeightStorage.Of(backend, folder.OpenPrior(level, content: false));

    /// <summary>What a prior takes on a device.</summary>
    public static PriorMemory MemoryOf(PriorSpec prior, ModelFolder folder, IBackend backend, int batchSize, int primeChunk) =>
        PriorMemory.Of(prior, folder.Description.VqVae, StorageOf(folder, prior.Level, backend), batchSize, primeChunk);

    private static LevelRequirement LevelOf(LevelPlan plan, SongDescription song, ModelFolder folder, IBackend backend)
    {
        PriorSpec prior = folder.PriorOf(plan.Level);
        int batch = Math.Min(song.Level(plan.Level).BatchSize!.Value, song.Items.Length);
        PriorMemory memory = MemoryOf(prior, folder, backend, batch, song.Request.PrimeChunk!.Value);
        return new LevelRequirement(
            plan.Level,
            plan.Windows.Count,
            plan.Windows.Sum(window => (long)window.NewTokens) * song.Items.Length,
            plan.Windows.Sum(window => (long)window.KnownTokens) * song.Items.Length,
            batch,
            memory.TotalBytes,
            null);
    }
}

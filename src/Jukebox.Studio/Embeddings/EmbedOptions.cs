

namespace Jukebox.Studio.Embeddings;

/// <summary>What of a run does not change its results.</summary>
public sealed record EmbedOptions
{
    /// <summary>Folder of the results.</summary>
    public required string Folder { get; init; }

    /// <summary>The part of the inputs to compute.</summary>
    public EmbedShard Shard { get; init; } = EmbedShard.Whole;

    /// <summary>Windows that go through a layer together; none for as many as memory has room for.</summary>
    public int? Batch { get; init; }

    /// <summary>Whether everything is computed anew, whatever there is.</summary>
    public bool Force { get; init; }

    /// <summary>Whether inputs that failed are tried again.</summary>
    public bool RetryFailed { get; init; }

    /// <summary>Whether the first input that fails ends the run.</summary>
    public bool StopAtFirst { get; init; }

    /// <summary>Whether the SHA-256 of each file is noted.</summary>
    public bool Hash { get; init; }

    /// <summary>File of times, or a folder of them with the inputs' tree; none where rows are not averaged between times.</summary>
    public string? Times { get; init; }

    /// <summary>Threads of the processor.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>How a device stores matrices, where that decides bits.</summary>
    public string Storage { get; init; } = "f32";
}

/// <summary>Where a run stands.</summary>
/// <param name="SettledBefore">Inputs that runs before have settled.</param>
/// <param name="Done">Inputs that this run has settled, with the share that is done of those in hand.</param>
/// <param name="Inputs">Inputs of this part.</param>
/// <param name="Windows">Windows that this run has computed, with the share that is done of those in hand.</param>
/// <param name="Elapsed">Time since the run began.</param>
/// <param name="Input">The input at hand.</param>
public readonly record struct EmbedProgress(int SettledBefore, double Done, int Inputs, double Windows, TimeSpan Elapsed, string Input);

/// <summary>How a run ended.</summary>
public sealed record EmbedReport
{
    /// <summary>Folder of the results.</summary>
    public required string Folder { get; init; }

    /// <summary>The manifest of this part.</summary>
    public required string Manifest { get; init; }

    /// <summary>Inputs of this part.</summary>
    public required int Inputs { get; init; }

    /// <summary>Inputs whose vectors were there already.</summary>
    public int AlreadyDone { get; set; }

    /// <summary>Inputs whose vectors this run has made.</summary>
    public int Done { get; set; }

    /// <summary>Inputs that the settings leave out.</summary>
    public int Skipped { get; set; }

    /// <summary>Inputs that failed, those of runs before that were not tried again among them.</summary>
    public int Failed { get; set; }

    /// <summary>Windows computed.</summary>
    public long Windows { get; set; }

    /// <summary>Seconds of the run.</summary>
    public double Seconds { get; set; }
}

namespace Jukebox.Training.Runs;

/// <summary>What a person says of a run beside its settings.</summary>
public sealed record RunOptions
{
    /// <summary>The folder of audio.</summary>
    public required string Data { get; init; }

    /// <summary>Side table, or none for the folder's own.</summary>
    public string? Manifest { get; init; }

    /// <summary>Where decoded audio and codes are kept.</summary>
    public required string Cache { get; init; }

    /// <summary>Where the run is written.</summary>
    public required string Output { get; init; }

    /// <summary>Whether a run that is there is given up.</summary>
    public bool Force { get; init; }

    /// <summary>Memory that the machine has to spare.</summary>
    public long AvailableMemoryBytes { get; init; } = long.MaxValue;

    /// <summary>Threads that decode audio.</summary>
    public int Threads { get; init; } = 1;
}

/// <summary>How a run speaks while it is prepared.</summary>
/// <param name="Note">A whole line.</param>
/// <param name="Progress">Where something long stands.</param>
public sealed record RunVoice(Action<string> Note, Action<string> Progress)
{
    /// <summary>Says how many recordings are decoded.</summary>
    public void Decoding(int done, int count) => Progress($"decoding audio: {done} of {count} files");
}

namespace Jukebox.MusicReport;

/// <summary>What to measure against what.</summary>
public sealed record ReportRequest
{
    /// <summary>Folders of samples, each judged by itself; none to measure the reference alone.</summary>
    public IReadOnlyList<string> Samples { get; init; } = [];

    /// <summary>Table that says what was asked of each sample of any folder, or none.</summary>
    public string? SampleTable { get; init; }

    /// <summary>Folder of the reference music.</summary>
    public required string Reference { get; init; }

    /// <summary>Table of the reference: file, genre, split.</summary>
    public required string Manifest { get; init; }

    /// <summary>Split to learn from.</summary>
    public string TrainSplit { get; init; } = "train";

    /// <summary>Split to compare with.</summary>
    public string HeldOutSplit { get; init; } = "valid";

    /// <summary>Folders with the reference's pieces as a model gives them back.</summary>
    public IReadOnlyList<string> Decoded { get; init; } = [];

    /// <summary>Folder with vectors of the reference's pieces, or none.</summary>
    public string? Vectors { get; init; }

    /// <summary>Length of an excerpt.</summary>
    public double Seconds { get; init; } = 10;

    /// <summary>Threads to compute on; results do not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

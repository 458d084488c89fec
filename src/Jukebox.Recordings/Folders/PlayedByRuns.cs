namespace Jukebox.Recordings.Folders;

/// <summary>What a training run plays of itself beside its description: audio that no run may learn from.</summary>
public static class PlayedByRuns
{
    /// <summary>File that makes a folder a run's.</summary>
    public const string DescriptionFileName = "run.json";

    /// <summary>Folder of a run that holds what it played.</summary>
    public const string SamplesFolder = "samples";

    /// <summary>Whether a folder holds a run.</summary>
    public static bool HoldsRun(string path) => File.Exists(Path.Combine(path, DescriptionFileName));
}

using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Training.Runs;

/// <summary>Whether what a run wrote is still what it wrote.</summary>
public static class RunCheck
{
    /// <summary>Everything that is wrong with a run folder but the model in it, which has a folder of its own.</summary>
    /// <param name="path">The folder.</param>
    /// <returns>Sentences that name the file and what mends it.</returns>
    public static IEnumerable<string> Problems(string path)
    {
        string? problem = ProblemOfDescription(path);
        if (problem is not null)
        {
            yield return problem;
        }

        foreach (string damaged in new CheckpointFolder(RunFolder.CheckpointsPath(path)).Problems())
        {
            yield return damaged;
        }

        string metrics = Path.Combine(path, RunFolder.MetricsFileName);
        foreach (int line in File.Exists(metrics) ? MetricsLog.DamagedLines(metrics) : [])
        {
            yield return $"{metrics}, line {line}: it holds no figures; the run goes on without it, and only its curves lack a point.";
        }
    }

    private static string? ProblemOfDescription(string path)
    {
        try
        {
            RunFolder.ReadTracks(path, RunFolder.ReadDescription(path));
            return null;
        }
        catch (Exception e) when (e is JukeboxException or IOException or UnauthorizedAccessException)
        {
            return e is JukeboxException ? e.Message : FileFailure.Sentence(e);
        }
    }
}

using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Training.Settings;

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

        if (problem is null && LostCheckpoints(path, RunFolder.ReadDescription(path)) is { } lost)
        {
            yield return lost;
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

    /// <summary>
    /// That a run had checkpoints and has none: its figures go beyond where the first was written, or a model was made of it. Else null, as for a run
    /// that was ended before its first one.
    /// </summary>
    internal static string? LostCheckpoints(string path, RunDescription run)
    {
        if (new CheckpointFolder(RunFolder.CheckpointsPath(path)).Steps().Count > 0)
        {
            return null;
        }

        long newest = MetricsLog.Read(Path.Combine(path, RunFolder.MetricsFileName)).Select(line => line.Step).DefaultIfEmpty(0).Max();
        return newest > run.Settings.Intervals.CheckpointEvery || File.Exists(Path.Combine(RunFolder.ModelPathOf(path), ModelDescription.FileName))
            ? $"{RunFolder.CheckpointsPath(path)}: the run's figures go to step {newest}, and its checkpoints are gone; put them back, or begin the run again with --force."
            : null;
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

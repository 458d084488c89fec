using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Jukebox.Studio.Songs;

namespace Jukebox.Cli;

/// <summary>What <c>sample</c>, <c>continue</c> and <c>upsample</c> have in common once the request is known.</summary>
internal static class SongRun
{
    /// <summary>Begins a song and carries it out.</summary>
    public static int Begin(Session session, IBackend backend, ModelFolder folder, SampleRequest request, string output, bool force, bool allowUnknown)
    {
        using var job = SongJob.Begin(backend, folder, request, output, session.Limits, force, allowUnknown, session.Terminal.Note);
        return Go(session, backend, job);
    }

    /// <summary>Goes on with a song that was interrupted.</summary>
    public static int Resume(Session session, IBackend backend, ModelFolder folder, string path, bool repair)
    {
        using var job = SongJob.Resume(backend, folder, path, session.Limits, repair, session.Terminal.Note);
        return Go(session, backend, job);
    }

    private static int Go(Session session, IBackend backend, SongJob job)
    {
        Terminal terminal = session.Terminal;
        SongDescription song = job.Song;
        terminal.Note($"{job.Folder.FolderPath}: {song.Items.Length} × {(double)song.SampleLength / song.SampleRateHz:0.00} s, seed {song.Seed}, {backend.Name}");
        var progress = new ProgressText(terminal, TimeProvider.System, job.Work);
        SamplingOutcome outcome;
        try
        {
            outcome = job.Run(progress.Report, session.Cancellation);
        }
        catch (DeviceException error)
        {
            terminal.EndProgress();
            terminal.Note(error.Message);
            NoteResume(terminal, "The device failed", job.Folder);
            return ExitCode.Failed;
        }

        terminal.EndProgress();
        if (outcome == SamplingOutcome.Interrupted)
        {
            NoteResume(terminal, "Stopped", job.Folder);
            return ExitCode.Interrupted;
        }

        foreach (string path in job.WavePaths)
        {
            terminal.Output.WriteLine(path);
        }

        return ExitCode.Success;
    }

    private static void NoteResume(Terminal terminal, string what, SongFolder song)
    {
        terminal.Note($"{what}; everything sampled so far is on disk. To go on:");
        terminal.Note($"  jukebox-native sample --resume {Quoted(song.FolderPath)}");
    }

    private static string Quoted(string path) => !path.Contains(' ', StringComparison.Ordinal) ? path : OperatingSystem.IsWindows() ? $"\"{path}\"" : $"'{path}'";
}

using System.Globalization;
using Jukebox.Core.Contract;
using Jukebox.Core.Text;
using Jukebox.Recordings.Folders;
using Jukebox.Recordings.Windows;
using Jukebox.Studio.Training;
using Jukebox.Training.Batches;
using Jukebox.Training.Runs;
using Jukebox.Training.Settings;

namespace Jukebox.Cli;

/// <summary>Says where a training run stands.</summary>
internal sealed class TrainingText(Terminal terminal, TimeProvider clock)
{
    /// <summary>What of a step's figures is shown, and as what.</summary>
    private static readonly (string Name, string Shown)[] Figures =
    [
        ("loss", "loss"),
        ("bpd", "bits per token"),
        ("recons_loss", "recons"),
        ("multispectral_loss", "spectral"),
        ("gn", "gradient"),
    ];

    /// <summary>What goes on with a run.</summary>
    public static string ResumeCommandOf(TrainingKind kind, string path) => $"jukebox-native train {(kind == TrainingKind.VqVae ? "vqvae" : "prior")} --resume {path}";

    /// <summary>How a run speaks while it is prepared.</summary>
    public RunVoice Voice => new(terminal.Note, text => terminal.Progress(() => text));

    /// <summary>Says what was found, before the first step.</summary>
    public void Describe(TrainingJob job, ITrainingBackend backend)
    {
        terminal.EndProgress();
        (TrackSelection selection, WindowSplit split) = (job.Selection, job.Split);
        AudioSet set = selection.Set;
        foreach (UnreadableFile file in set.Unreadable)
        {
            terminal.Note($"Left out: {file.Reason}");
        }

        foreach (string line in set.Notes.Concat(set.Overlooked))
        {
            terminal.Note(line);
        }

        string left = set.Unreadable.Count + selection.TooShort + selection.TooLong == 0 ? ""
            : $" (left out: {set.Unreadable.Count} unreadable, {selection.TooShort} too short, {selection.TooLong} too long)";
        terminal.Note($"{set.Folder}: {selection.Tracks.Count} of {set.FileCount} recordings{left}, {Readable.Duration(selection.Seconds)}; "
            + $"{split.Train.Count} windows to learn from, {split.Valid.Count} to measure on");
        if (set.Unlisted > 0)
        {
            terminal.Note($"The table leaves {set.Unlisted} recordings out: they count as by unknown artists, and are learnt from.");
        }

        TrainingSettings settings = job.Folder.Description.Settings;
        if (split.Valid.Count == 0 && settings.Intervals.ValidateEvery > 0)
        {
            terminal.Note("Nothing is kept to measure on, so there is no validation; the table's column 'split' can keep recordings for it.");
        }

        terminal.Note($"{job.Folder.FolderPath}: {settings.Name}, {settings.Steps} steps of {settings.BatchSize} windows, seed {settings.Seed}, {backend.Name}");
    }

    /// <summary>Carries a run out.</summary>
    public int Follow(TrainingJob job, TimeSpan? budget, CancellationToken cancellation)
    {
        TrainingSettings settings = job.Folder.Description.Settings;
        int codes = settings.VqVae?.CodebookSize ?? 0;
        TrainingOutcome outcome = job.Run(
            budget,
            progress => terminal.Progress(() => Line(progress, codes)),
            line => terminal.Note($"step {line.Step}  validation  {Shown(line.Values, codes)}"),
            terminal.Note,
            cancellation);
        terminal.EndProgress();
        if (outcome == TrainingOutcome.Done)
        {
            terminal.Output.WriteLine(job.Export(terminal.Note));
            return ExitCode.Success;
        }

        terminal.Note($"{(outcome == TrainingOutcome.OutOfTime ? "The time is up" : "Stopped")} after step {job.Step}; a checkpoint is on disk. To go on:");
        terminal.Note($"  {ResumeCommandOf(settings.Kind, job.Folder.FolderPath)}");
        return outcome == TrainingOutcome.OutOfTime ? ExitCode.Success : ExitCode.Interrupted;
    }

    private string Line(TrainingProgress progress, int codes)
    {
        var remaining = TimeSpan.FromSeconds(Math.Min((progress.Steps - progress.Step) * progress.SecondsPerStep, 1e10));
        return $"step {progress.Step} of {progress.Steps}  {Shown(progress.Metrics, codes)}  {Readable.Rate(progress.AudioSecondsPerSecond)} s of audio per "
            + $"s  done at {Readable.FinishTime(remaining, clock)}";
    }

    private static string Shown(IReadOnlyDictionary<string, double> figures, int codes)
    {
        IEnumerable<string> shown = Figures
            .Where(figure => figures.ContainsKey(figure.Name))
            .Select(figure => $"{figure.Shown} {figures[figure.Name].ToString("0.0000", CultureInfo.InvariantCulture)}");
        return string.Join("  ", figures.TryGetValue("usage", out double used) && codes > 0
            ? shown.Append($"codes in use {(used / codes).ToString("0 %", CultureInfo.InvariantCulture)}")
            : shown);
    }
}

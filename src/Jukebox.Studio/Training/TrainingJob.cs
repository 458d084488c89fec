using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Recordings.Windows;
using Jukebox.Training;
using Jukebox.Training.Batches;
using Jukebox.Training.Export;
using Jukebox.Training.Runs;
using Jukebox.Training.Settings;

namespace Jukebox.Studio.Training;

/// <summary>
/// A training that is begun, or taken up where it was stopped, and carried out; in the end it makes a model. Its run folder is locked until it
/// is disposed. The caller disposes the backend after it.
/// </summary>
public sealed class TrainingJob : IDisposable
{
    private readonly IDisposable _run;
    private readonly ITrainer _trainer;
    private readonly long _begunAt;

    private TrainingJob(IDisposable run, RunFolder folder, TrackSelection selection, WindowSplit split, ITrainer trainer) =>
        (_run, Folder, Selection, Split, _trainer, _begunAt) = (run, folder, selection, split, trainer, trainer.Step);

    /// <summary>The run's folder.</summary>
    public RunFolder Folder { get; }

    /// <summary>The recordings that it uses.</summary>
    public TrackSelection Selection { get; }

    /// <summary>Their windows.</summary>
    public WindowSplit Split { get; }

    /// <summary>Steps that were done.</summary>
    public long Step => _trainer.Step;

    /// <summary>Begins to train a VQ-VAE.</summary>
    /// <param name="backend">What computes.</param>
    /// <param name="settings">Settings.</param>
    /// <param name="fromModel">Model folder whose VQ-VAE is trained further, its shape and rate included; or none.</param>
    /// <param name="options">Where recordings are read and the run is written.</param>
    /// <param name="voice">Told what is found and done while it is prepared.</param>
    /// <param name="cancellation">Stops the preparations; what was decoded is kept.</param>
    /// <exception cref="TrainingException">The settings make no sense, there is too little audio, memory is short, or the folder holds a run.</exception>
    /// <exception cref="JukeboxException">Recordings, a table or the model cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static TrainingJob BeginVqVae(
        ITrainingBackend backend, TrainingSettings settings, string? fromModel, RunOptions options, RunVoice voice, CancellationToken cancellation) =>
        Of(VqVaeTraining.Begin(backend, settings, fromModel, options, voice, cancellation));

    /// <summary>Begins to train the prior of one level.</summary>
    /// <param name="backend">What computes.</param>
    /// <param name="settings">Settings; shape and rate of the VQ-VAE are the model's.</param>
    /// <param name="model">Model folder with the VQ-VAE.</param>
    /// <param name="fineTune">Whether the model's prior of that level is trained further, instead of one from nothing.</param>
    /// <param name="options">Where recordings are read and the run is written.</param>
    /// <param name="voice">Told what is found and done while it is prepared.</param>
    /// <param name="cancellation">Stops the preparations; what was decoded and encoded is kept.</param>
    /// <exception cref="TrainingException">The settings make no sense, there is too little audio, memory is short, or the folder holds a run.</exception>
    /// <exception cref="JukeboxException">Recordings, a table or the model cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static TrainingJob BeginPrior(
        ITrainingBackend backend, TrainingSettings settings, string model, bool fineTune, RunOptions options, RunVoice voice, CancellationToken cancellation) =>
        Of(PriorTraining.Begin(backend, settings, model, fineTune, options, voice, cancellation));

    /// <summary>Goes on with a run, whatever it trains, from its newest sound checkpoint, or from its start where it has none yet.</summary>
    /// <param name="backend">What computes.</param>
    /// <param name="folder">The run, which this disposes.</param>
    /// <param name="options">Where recordings are read.</param>
    /// <param name="voice">Told what is found and done while it is prepared.</param>
    /// <param name="cancellation">Stops the preparations.</param>
    /// <exception cref="TrainingException">All its checkpoints are damaged, or the data or the VQ-VAE is no longer what it was.</exception>
    /// <exception cref="JukeboxException">Recordings or the model cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static TrainingJob Resume(ITrainingBackend backend, RunFolder folder, RunOptions options, RunVoice voice, CancellationToken cancellation) =>
        folder.Description.Settings.Kind == TrainingKind.VqVae
            ? Of(VqVaeTraining.Resume(backend, folder, options, voice, cancellation))
            : Of(PriorTraining.Resume(backend, folder, options, voice, cancellation));

    /// <summary>Carries it out: to the end, or until its time is up, or it is cancelled. A checkpoint is on disk then, and <see cref="Resume"/> goes on.</summary>
    /// <param name="budget">Time from now after which it stops by itself, or none.</param>
    /// <param name="step">Told of each step.</param>
    /// <param name="validation">Told the figures of each validation.</param>
    /// <param name="note">Told what could not be written and is not needed.</param>
    /// <param name="cancellation">Stops it after the step at hand.</param>
    /// <exception cref="TrainingException">Steps have come to nothing, many in a row.</exception>
    /// <exception cref="JukeboxException">The disk is full, or the device fails: the checkpoint before that is on disk.</exception>
    public TrainingOutcome Run(TimeSpan? budget, Action<TrainingProgress> step, Action<MetricsLine> validation, Action<string> note, CancellationToken cancellation)
    {
        (_trainer.OnStep, _trainer.OnValidation, _trainer.OnNote) = (step, validation, note);
        return _trainer.Run(budget, cancellation);
    }

    /// <summary>Makes the model of a run that is done. One that is there, and may have been added to since, is not written over where no step was made.</summary>
    /// <param name="note">Told what is to be said of the model.</param>
    /// <returns>The model folder, within the run's.</returns>
    /// <exception cref="JukeboxException">The disk is full, or the newest checkpoint is damaged.</exception>
    public string Export(Action<string> note)
    {
        if (Step > _begunAt || !ModelExport.HoldsModel(Folder.ModelPath))
        {
            ModelExport.Export(Folder.FolderPath, Folder.ModelPath, null, force: true, note);
        }

        return Folder.ModelPath;
    }

    /// <inheritdoc/>
    public void Dispose() => _run.Dispose();

    private static TrainingJob Of(VqVaeTraining run) => new(run, run.Folder, run.Selection, run.Split, run.Trainer);

    private static TrainingJob Of(PriorTraining run) => new(run, run.Folder, run.Selection, run.Split, run.Trainer);
}

using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Recordings.Codes;
using Jukebox.Recordings.Folders;
using Jukebox.Recordings.Windows;
using Jukebox.Training.Batches;
using Jukebox.Training.Optimisation;
using Jukebox.Training.Priors;
using Jukebox.Training.Settings;

namespace Jukebox.Training.Runs;

/// <summary>A run that trains the prior of one level on a frozen VQ-VAE: its data, its model and its loop, ready to go.</summary>
public sealed class PriorTraining : IDisposable
{
    private readonly PriorTrainee _trainee;
    private readonly ITrainingBackend _backend;

    private PriorTraining(RunFolder folder, TrackSelection selection, CodeWindows windows, ITrainingBackend backend)
    {
        TrainingSettings settings = folder.Description.Settings;
        (Folder, Selection, Split) = (folder, selection, windows.Split);
        _backend = backend;
        _trainee = TraineeOf(backend, settings, settings.Prior!);
        Trainer = new Trainer<PriorBatch>(_trainee, new Optimizer(backend, _trainee.Parameters, settings.Optimizer), windows, folder)
        {
            OnSample = new PriorSamples(backend, _trainee.Parameters, windows, folder).Write,
        };
    }

    /// <summary>Where it is written.</summary>
    public RunFolder Folder { get; }

    /// <summary>The recordings that it uses.</summary>
    public TrackSelection Selection { get; }

    /// <summary>Their windows, in tokens of the level above, or of its own at the top.</summary>
    public WindowSplit Split { get; }

    /// <summary>The loop.</summary>
    public Trainer<PriorBatch> Trainer { get; }

    /// <summary>Begins a run on the VQ-VAE of a model.</summary>
    /// <param name="backend">Where it computes.</param>
    /// <param name="settings">Settings; shape and rate of the VQ-VAE are the model's.</param>
    /// <param name="modelPath">The model folder.</param>
    /// <param name="fineTune">Whether to go on from the model's prior of that level instead of from nothing.</param>
    /// <param name="options">What else was said.</param>
    /// <param name="voice">How it speaks.</param>
    /// <param name="cancellation">Stops the preparations.</param>
    /// <exception cref="TrainingException">The settings make no sense, there is too little audio, or the folder holds a run.</exception>
    public static PriorTraining Begin(
        ITrainingBackend backend, TrainingSettings settings, string modelPath, bool fineTune, RunOptions options, RunVoice voice, CancellationToken cancellation)
    {
        using var model = ModelFolder.Open(modelPath);
        TrainingSettings resolved = PriorResolver.ShapeOf(settings, model, fineTune);
        SettingsCheck.Require(resolved, TrainingKind.Prior);
        TrainingMemory.Require(resolved, options.AvailableMemoryBytes);
        TrainingMemory.RequireActivations(resolved, options.AvailableMemoryBytes, () => TraineeOf(backend, resolved, SettingsCheck.WithRows(resolved.Prior!)));
        RunFolder.CheckFree(options.Output, options.Force, modelPath, options.Data);
        AudioSet set = AudioSet.Open(
            options.Data, options.Manifest, options.Cache, resolved.SampleRateHz, options.Threads, voice.Decoding, cancellation);
        TrackSelection selection = TrackSelection.Of(set, PriorResolver.WindowSamples(resolved), PriorResolver.LimitsOf(resolved));
        (resolved, LabelTableText[] tables) = PriorResolver.LabelsOf(resolved, selection.Tracks, LabelTables.Open(modelPath), fineTune);
        SettingsCheck.Require(resolved, TrainingKind.Prior);
        CodeWindows.SplitOf(selection, resolved, resolved.VqVae!); // refuses too few windows before a run is given up for this one
        var description = new RunDescription
        {
            Settings = resolved,
            Data = Path.GetFullPath(options.Data),
            Cache = Path.GetFullPath(options.Cache),
            VqVaeModel = Path.GetFullPath(modelPath),
            FromModel = fineTune ? Path.GetFullPath(modelPath) : null,
            FromIdentity = fineTune ? model.Fingerprint : null,
            CodeHashes = CodeIdentity.Of(model, resolved.Prior!),
            Device = backend.Arithmetic,
            DataFingerprint = AudioSet.FingerprintOf(selection.Tracks),
        };
        var folder = RunFolder.Create(options.Output, description, selection.Tracks, options.Force, tables);
        return Open(backend, folder, selection, options, voice, cancellation);
    }

    /// <summary>Goes on with a run from its newest sound checkpoint, or from its start where it has none yet.</summary>
    /// <exception cref="TrainingException">All its checkpoints are damaged, or the data or the VQ-VAE is no longer what it was.</exception>
    public static PriorTraining Resume(ITrainingBackend backend, RunFolder folder, RunOptions options, RunVoice voice, CancellationToken cancellation)
    {
        folder.NoteDevice(backend, voice);
        AudioSet set = AudioSet.Reopen(
            options.Data, folder.ReadTracks(), options.Cache, folder.Description.Settings.SampleRateHz, options.Threads, voice.Decoding, cancellation);
        return Open(backend, folder, new TrackSelection(set, set.Tracks, 0, 0), options, voice, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _trainee.Dispose();
        Folder.Dispose();
    }

    private static PriorTrainee TraineeOf(ITrainingBackend backend, TrainingSettings settings, PriorSpec spec) =>
        new(backend, spec, settings.VqVae!, settings.SampleRateHz, new PriorTraineeOptions
        {
            BatchSize = settings.BatchSize,
            LyricsLossFraction = settings.LyricsLossFraction,
            RecomputeActivations = settings.RecomputeActivations,
        });

    private static PriorTraining Open(
        ITrainingBackend backend, RunFolder folder, TrackSelection selection, RunOptions options, RunVoice voice, CancellationToken cancellation)
    {
        PriorTraining? run = null;
        try
        {
            CodeWindows windows = Encode(backend, folder, selection, options, voice, cancellation);
            run = new PriorTraining(folder, selection, windows, backend);
            run.Trainer.Start(() => run.Initialise(voice), voice.Note);
            return run;
        }
        catch
        {
            run?._trainee.Dispose();
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Computes the codes that are not there yet, and cuts them into windows.</summary>
    private static CodeWindows Encode(
        ITrainingBackend backend, RunFolder folder, TrackSelection selection, RunOptions options, RunVoice voice, CancellationToken cancellation)
    {
        RunDescription description = folder.Description;
        PriorSpec prior = description.Settings.Prior!;
        VqVaeSpec spec = description.Settings.VqVae!;
        var hashes = CodeIdentity.LevelsOf(prior).Zip(description.CodeHashes!).ToDictionary();
        var codes = new CodeCache(options.Cache, hashes, spec, selection.Set);
        TrackLabels? labels = prior.Labels is null ? null
            : new TrackLabels(prior, spec.SamplesPerToken(prior.Level), LabelTables.Open(folder.FolderPath));
        if (labels?.UnknownNames(selection.Tracks) is { Count: > 0 } unknown)
        {
            voice.Note($"The model's label tables lack {string.Join(", ", unknown)}: these count as unknown.");
        }

        var windows = new CodeWindows(selection, codes, labels, description.Settings, spec);
        new CodeEncoder(codes, selection.Tracks, prior, voice).Run(backend, description, cancellation);
        return windows;
    }

    private float[] ReadCodebook(int level)
    {
        using var model = ModelFolder.Open(Folder.Description.VqVaeModel!);
        return model.OpenVqVae()[VqVaeTensorNames.CodebookOf(level)].ReadSingles();
    }

    private void Initialise(RunVoice voice)
    {
        TrainingSettings settings = Folder.Description.Settings;
        settings.Initialisation.Apply(_trainee.Parameters, settings.Prior!, ReadCodebook, settings.Seed);
        if (Folder.Description.FromModel is { } path)
        {
            using ModelFolder from = FineTuning.OpenOrigin(path, Folder.Description.FromIdentity);
            FineTuning.Load(_backend, _trainee.Parameters, from, settings.Prior!, LabelTables.Open(Folder.FolderPath), voice);
        }
    }
}

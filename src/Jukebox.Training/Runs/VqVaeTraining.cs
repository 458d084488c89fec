using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Recordings.Windows;
using Jukebox.Training.Batches;
using Jukebox.Training.Optimisation;
using Jukebox.Training.Settings;
using Jukebox.Training.VqVaes;

namespace Jukebox.Training.Runs;

/// <summary>A run that trains a VQ-VAE: its data, its model and its loop, ready to go.</summary>
public sealed class VqVaeTraining : IDisposable
{
    // Seconds of audio that the losses' scales are measured on, as in the reference.
    private const double SurveySeconds = 600;

    private readonly VqVaeTrainee _trainee;

    private VqVaeTraining(RunFolder folder, TrackSelection selection, WindowSplit split, ITrainingBackend backend)
    {
        TrainingSettings settings = folder.Description.Settings;
        (Folder, Selection, Split) = (folder, selection, split);
        _trainee = new VqVaeTrainee(backend, settings.VqVae!, SpecOf(settings, folder.Description.Bandwidths!));
        Trainer = new Trainer<AudioBatch>(
            _trainee, new Optimizer(backend, _trainee.Parameters, settings.Optimizer), new AudioWindows(selection.Set, split, settings), folder)
        {
            OnSample = new VqVaeSamples(backend, _trainee, selection, folder).Write,
        };
    }

    /// <summary>Where it is written.</summary>
    public RunFolder Folder { get; }

    /// <summary>The recordings that it uses.</summary>
    public TrackSelection Selection { get; }

    /// <summary>Their windows.</summary>
    public WindowSplit Split { get; }

    /// <summary>The loop.</summary>
    public Trainer<AudioBatch> Trainer { get; }

    /// <summary>Begins a run.</summary>
    /// <param name="backend">Where it computes.</param>
    /// <param name="settings">Settings.</param>
    /// <param name="fromModel">Model folder whose VQ-VAE it goes on from, its shape and rate included; or none.</param>
    /// <param name="options">What else was said.</param>
    /// <param name="voice">How it speaks.</param>
    /// <param name="cancellation">Stops the preparations.</param>
    /// <exception cref="TrainingException">The settings make no sense, there is too little audio, or the folder holds a run.</exception>
    public static VqVaeTraining Begin(
        ITrainingBackend backend, TrainingSettings settings, string? fromModel, RunOptions options, RunVoice voice, CancellationToken cancellation)
    {
        ModelDescription? from = fromModel is null ? null : ModelDescription.Read(fromModel);
        if (from is not null)
        {
            settings = settings with { VqVae = from.VqVae, SampleRateHz = from.SampleRateHz };
        }

        SettingsCheck.Require(settings, TrainingKind.VqVae);
        if (fromModel is null && settings.TrainedLevels is { } levels && levels.Length < settings.VqVae!.Levels)
        {
            throw new TrainingException("Levels that do not learn must come from a model; name it with --from, or let every level learn.");
        }

        TrainingMemory.Require(settings, options.AvailableMemoryBytes);
        TrainingMemory.RequireActivations(
            settings, options.AvailableMemoryBytes, () => new VqVaeTrainee(backend, settings.VqVae!, SpecOf(settings, new Bandwidths(1, 1, 1))));
        RunFolder.CheckFree(options.Output, options.Force, fromModel, options.Data);
        AudioSet set = AudioSet.Open(
            options.Data, options.Manifest, options.Cache, settings.SampleRateHz, options.Threads, voice.Decoding, cancellation);
        TrackSelection selection = TrackSelection.Of(set, settings.WindowSamples, settings.Windows);
        PrepareSides(selection, settings, options, voice, cancellation);
        var windows = new AudioWindows(set, SplitOf(selection, settings), settings);
        voice.Progress("measuring the audio");
        int surveyed = (int)Math.Ceiling(SurveySeconds * settings.SampleRateHz / settings.WindowSamples);
        var description = new RunDescription
        {
            Settings = settings,
            Data = Path.GetFullPath(options.Data),
            Cache = Path.GetFullPath(options.Cache),
            FromModel = fromModel is null ? null : Path.GetFullPath(fromModel),
            FromIdentity = from?.Fingerprint(),
            FromOrigin = from?.Origin,
            FromLicence = from?.Licence,
            Device = backend.Arithmetic,
            DataFingerprint = AudioSet.FingerprintOf(selection.Tracks),
            Bandwidths = Bandwidths.Measure(backend, windows.Survey(surveyed)),
        };
        return Open(backend, RunFolder.Create(options.Output, description, selection.Tracks, options.Force), selection, voice);
    }

    /// <summary>Goes on with a run from its newest sound checkpoint, or from its start where it has none yet.</summary>
    /// <exception cref="TrainingException">All its checkpoints are damaged, or a recording is no longer what it was.</exception>
    public static VqVaeTraining Resume(ITrainingBackend backend, RunFolder folder, RunOptions options, RunVoice voice, CancellationToken cancellation)
    {
        folder.NoteDevice(backend, voice);
        AudioSet set = AudioSet.Reopen(
            options.Data, folder.ReadTracks(), options.Cache, folder.Description.Settings.SampleRateHz, options.Threads, voice.Decoding, cancellation);
        var selection = new TrackSelection(set, set.Tracks, 0, 0);
        PrepareSides(selection, folder.Description.Settings, options, voice, cancellation);
        return Open(backend, folder, selection, voice);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _trainee.Dispose();
        Folder.Dispose();
    }

    private static void PrepareSides(TrackSelection selection, TrainingSettings settings, RunOptions options, RunVoice voice, CancellationToken cancellation)
    {
        if (settings.Windows.Blend)
        {
            selection.Set.PrepareSides(selection.Tracks, options.Threads, voice.Decoding, cancellation);
        }
    }

    private static WindowSplit SplitOf(TrackSelection selection, TrainingSettings settings) =>
        selection.Split(track => track.LengthSamples, settings.WindowSamples, settings.BatchSize, settings.Windows);

    private static VqVaeTraining Open(ITrainingBackend backend, RunFolder folder, TrackSelection selection, RunVoice voice)
    {
        VqVaeTraining? run = null;
        try
        {
            run = new VqVaeTraining(folder, selection, SplitOf(selection, folder.Description.Settings), backend);
            run.Trainer.Start(run.Initialise, voice.Note);
            return run;
        }
        catch
        {
            run?._trainee.Dispose();
            folder.Dispose();
            throw;
        }
    }

    private static VqVaeTrainingSpec SpecOf(TrainingSettings settings, Bandwidths bandwidths) => new()
    {
        BatchSize = settings.BatchSize,
        WindowLength = settings.WindowSamples,
        Weights = settings.Loss!,
        Bandwidths = bandwidths,
        CodebookKeep = settings.Codebook!.Keep,
        RevivalThresholds = settings.Codebook.RevivalThresholds,
        Levels = settings.TrainedLevels,
        Seed = settings.Seed,
    };

    private void Initialise()
    {
        if (Folder.Description.FromModel is { } path)
        {
            using ModelFolder from = FineTuning.OpenOrigin(path, Folder.Description.FromIdentity);
            _trainee.Load(from.OpenVqVae());
        }
        else
        {
            ParameterSet parameters = _trainee.Parameters;
            Initialisation.Fill(parameters, entry => Initialisation.OfConvolution(parameters.Entries, entry), Folder.Description.Settings.Seed);
        }
    }
}

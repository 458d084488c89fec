using Jukebox.Core;
using Jukebox.Models;

namespace Jukebox.Training;

/// <summary>A run that trains a VQ-VAE: its data, its model and its loop, ready to go.</summary>
public sealed class VqVaeTraining : IDisposable
{
    // Seconds of audio that the losses' scales are measured on, as in the reference.
    private const double SurveySeconds = 600;

    private readonly VqVaeTrainee _trainee;

    private VqVaeTraining(RunFolder folder, TrackSelection selection, AudioWindows windows, ITrainingBackend backend)
    {
        TrainingSettings settings = folder.Description.Settings;
        Folder = folder;
        Selection = selection;
        _trainee = new VqVaeTrainee(backend, settings.VqVae!, SpecOf(folder.Description));
        Trainer = new Trainer<AudioBatch>(_trainee, new Optimizer(backend, _trainee.Parameters, settings.Optimizer), windows, folder)
        {
            OnSample = new VqVaeSamples(backend, _trainee, selection, folder).Write,
        };
    }

    /// <summary>Where it is written.</summary>
    public RunFolder Folder { get; }

    /// <summary>What it learns from.</summary>
    public TrackSelection Selection { get; }

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
        using ModelFolder? from = fromModel is null ? null : ModelFolder.Open(fromModel);
        if (from is not null)
        {
            settings = settings with { VqVae = from.Description.VqVae, SampleRateHz = from.Description.SampleRateHz };
        }

        SettingsCheck.Require(settings, TrainingKind.VqVae);
        RunFolder.CheckFree(options.Output, options.Force);
        AudioSet set = AudioSet.Open(
            options.Data, options.Manifest, options.Cache, settings.SampleRateHz, options.Threads, voice.Decoding, cancellation);
        TrackSelection selection = TrackSelection.Of(set, settings.WindowSamples, settings.Windows);
        AudioWindows windows = WindowsOf(selection, settings);
        voice.Progress("measuring the audio");
        int surveyed = (int)Math.Ceiling(SurveySeconds * settings.SampleRateHz / settings.WindowSamples);
        var description = new RunDescription
        {
            Settings = settings,
            Data = Path.GetFullPath(options.Data),
            Cache = Path.GetFullPath(options.Cache),
            DataFingerprint = AudioSet.FingerprintOf(selection.Tracks),
            Bandwidths = Bandwidths.Measure(backend, windows.Survey(surveyed)),
        };
        var folder = RunFolder.Create(options.Output, description, selection.Tracks, options.Force);
        return Build(backend, folder, selection, windows, run => run.Initialise(settings.Seed, from?.OpenVqVae()));
    }

    /// <summary>Goes on with a run from its newest sound checkpoint.</summary>
    /// <exception cref="TrainingException">There is none, or the data is no longer what it was.</exception>
    public static VqVaeTraining Resume(ITrainingBackend backend, RunFolder folder, RunOptions options, RunVoice voice, CancellationToken cancellation)
    {
        TrainingSettings settings = folder.Description.Settings;
        AudioSet set = AudioSet.Reopen(
            options.Data, folder.ReadTracks(), options.Cache, settings.SampleRateHz, options.Threads, voice.Decoding, cancellation);
        var selection = new TrackSelection(set, set.Tracks, 0, 0);
        return Build(backend, folder, selection, WindowsOf(selection, settings), run =>
        {
            using WeightFile checkpoint = folder.Checkpoints.OpenNewest(voice.Note);
            run.Trainer.Restore(checkpoint);
            folder.Checkpoints.DeleteAfter(run.Trainer.Step);
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _trainee.Dispose();
        Folder.Dispose();
    }

    private static AudioWindows WindowsOf(TrackSelection selection, TrainingSettings settings)
    {
        WindowSplit split = selection.Split(track => track.LengthSamples, settings.WindowSamples, settings.BatchSize, settings.Windows);
        return new AudioWindows(selection.Set, split, settings.BatchSize, settings.Seed, settings.Windows.Shift, settings.Intervals.ValidationWindows);
    }

    private static VqVaeTraining Build(ITrainingBackend backend, RunFolder folder, TrackSelection selection, AudioWindows windows, Action<VqVaeTraining> begin)
    {
        VqVaeTraining? run = null;
        try
        {
            run = new VqVaeTraining(folder, selection, windows, backend);
            begin(run);
            return run;
        }
        catch
        {
            run?._trainee.Dispose();
            folder.Dispose();
            throw;
        }
    }

    private static VqVaeTrainingSpec SpecOf(RunDescription description)
    {
        TrainingSettings settings = description.Settings;
        return new VqVaeTrainingSpec
        {
            BatchSize = settings.BatchSize,
            WindowLength = settings.WindowSamples,
            Weights = settings.Loss!,
            Bandwidths = description.Bandwidths!,
            CodebookKeep = settings.Codebook!.Keep,
            RevivalThresholds = settings.Codebook.RevivalThresholds,
            Seed = settings.Seed,
        };
    }

    private void Initialise(ulong seed, WeightFile? from)
    {
        ParameterSet parameters = _trainee.Parameters;
        if (from is null)
        {
            Initialisation.Fill(parameters, entry => Initialisation.OfConvolution(parameters.Entries, entry), seed);
        }
        else
        {
            parameters.Load(from);
            _trainee.RestoreCodebooks(from);
        }

        parameters.ResetAverages();
    }
}

using System.CommandLine;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Studio;
using Jukebox.Studio.Devices;
using Jukebox.Training.Runs;
using Jukebox.Training.Settings;

namespace Jukebox.Cli.Options;

/// <summary>Options of training, whatever is trained.</summary>
internal sealed class TrainOptions
{
    private readonly string _defaultPreset;

    private readonly Option<string?> _data = new("--data", "-d")
    {
        Description = "Folder of audio, with all folders below it: WAV, FLAC, or what an ffmpeg on the PATH reads.",
        HelpName = "FOLDER",
    };

    private readonly Option<string?> _manifest = new("--manifest")
    {
        Description = "Table of the recordings: columns file, artist, genre, split, lyrics, separated by tabs. [default: manifest.tsv in the data folder, if "
            + "there]",
        HelpName = "FILE",
    };

    private readonly Option<string?> _cache = new("--cache")
    {
        Description = "Folder for decoded audio and codes, which several runs can share. [default: 'cache' beside the run]",
        HelpName = "FOLDER",
    };

    private readonly Option<string?> _output = new("--output", "-o") { Description = "Folder for the run: checkpoints, figures, samples.", HelpName = "RUN" };
    private readonly Option<string?> _resume = new("--resume") { Description = "Go on with a run that was stopped; nothing else needs to be given.", HelpName = "RUN" };
    private readonly Option<string?> _settings = new("--settings") { Description = "JSON file with the settings that differ from the preset's.", HelpName = "FILE" };
    private readonly Option<string?> _preset;
    private readonly Option<bool> _printSettings = new("--print-settings") { Description = "Print every setting as JSON and do nothing." };

    private readonly Option<long?> _steps = new Option<long?>("--steps")
    {
        Description = "Steps of the whole run. [default: the preset's]",
        HelpName = "N",
    }.Within(1, long.MaxValue);

    private readonly Option<int?> _batch = new Option<int?>("--batch", "-b")
    {
        Description = "Windows of a step. [default: the preset's]",
        HelpName = "N",
    }.Within(1, 65_536);

    private readonly Option<double?> _learningRate = new Option<double?>("--learning-rate")
    {
        Description = "Step size of the optimiser. [default: the preset's]",
        HelpName = "X",
    }.Within(0, 1e3);

    private readonly Option<double?> _anneal = new Option<double?>("--anneal")
    {
        Description = "Last part of the run, 0 to 1, over which the learning rate falls to zero. [default: the preset's]",
        HelpName = "X",
    }.Within(0, 1);

    private readonly Option<ulong?> _seed = new Option<ulong?>("--seed")
    {
        Description = "Seed of everything random. [default: the preset's]",
        HelpName = "N",
    }.Within(0UL, ulong.MaxValue);

    private readonly Option<long?> _checkpointEvery = new Option<long?>("--checkpoint-every")
    {
        Description = "Steps from checkpoint to checkpoint. [default: the preset's]",
        HelpName = "N",
    }.Within(0, long.MaxValue);

    private readonly Option<long?> _validateEvery = new Option<long?>("--validate-every")
    {
        Description = "Steps from validation to validation; 0 for none. [default: the preset's]",
        HelpName = "N",
    }.Within(0, long.MaxValue);

    private readonly Option<double?> _hours = new Option<double?>("--hours")
    {
        Description = "Stop by itself after that time, with a checkpoint.",
        HelpName = "H",
    }.Within(1e-6, 1e5);

    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly Option<int> _threads = CommonOptions.Threads();

    public TrainOptions(string defaultPreset)
    {
        _defaultPreset = defaultPreset;
        _preset = new Option<string?>("--preset")
        {
            Description = $"Settings by name: {string.Join(", ", TrainingPresets.Names)}. [default: {defaultPreset}]",
            HelpName = "NAME",
        };
    }

    public void AddTo(Command command)
    {
        foreach (Option option in (ReadOnlySpan<Option>)
            [_data, _manifest, _output, _resume, _preset, _settings, _printSettings, _steps, _batch, _learningRate, _anneal, _seed, _checkpointEvery, _validateEvery, _hours, _cache, _force, _threads])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Opens the device and does the work in the time that was given, or only prints the settings where that was asked for.</summary>
    public int Carry(ParseResult result, Session session, Func<ParseResult, TrainingSettings> settings, Func<ITrainingBackend, TrainingText, TimeSpan?, int> work)
    {
        if (result.GetValue(_printSettings))
        {
            session.Terminal.Output.WriteLine(SettingsFile.Write(settings(result)));
            return ExitCode.Success;
        }

        TimeSpan? budget = Budget(result);
        using ITrainingBackend backend = new DeviceChoice { Threads = Threads(result) }.OpenForTraining();
        try
        {
            return work(backend, new TrainingText(session.Terminal, TimeProvider.System), budget);
        }
        catch (OperationCanceledException)
        {
            session.Terminal.Note("Stopped before the first step; what was decoded and encoded is kept for the next time.");
            return ExitCode.Interrupted;
        }
    }

    /// <summary>Opens the run to go on with, or none. What does not change what it is may be given anew.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="kind">What is trained.</param>
    /// <param name="others">Further options that begin a run and cannot change.</param>
    public RunFolder? Resume(ParseResult result, TrainingKind kind, params ReadOnlySpan<Option> others)
    {
        if (result.GetValue(_resume) is not { } given)
        {
            return null;
        }

        string path = GivenFolder.Run(given);

        CommonOptions.RefuseGiven(result, [_preset, _settings, _batch, _seed, _output, _manifest, .. others], "run");

        RunFolder folder = RunFolder.Resume(path);
        try
        {
            TrainingKind begun = folder.Description.Settings.Kind;
            if (begun != kind)
            {
                throw new StudioException($"{path} does not train what was asked for; go on with it by: {TrainingText.ResumeCommandOf(begun, path)}");
            }

            folder.Change(WithFlags(result, folder.Description.Settings));
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private TimeSpan? Budget(ParseResult result) => result.GetValue(_hours) is { } hours ? TimeSpan.FromHours(hours) : null;

    /// <summary>Settings of a new run: preset, file, flags, the later one counting.</summary>
    public TrainingSettings Settings(ParseResult result)
    {
        string preset = result.GetValue(_preset) ?? _defaultPreset;
        TrainingSettings settings = result.GetValue(_settings) is { } file ? SettingsFile.Read(file, preset) : TrainingPresets.Find(preset);
        return WithFlags(result, settings) with
        {
            BatchSize = result.GetValue(_batch) ?? settings.BatchSize,
            Seed = result.GetValue(_seed) ?? settings.Seed,
        };
    }

    public RunOptions Run(ParseResult result, Session session)
    {
        string output = result.GetValue(_output) ?? throw new UsageException("Give a folder for the run with --output RUN (or go on with one by --resume RUN).");
        return new RunOptions
        {
            Data = result.GetValue(_data) ?? throw new UsageException("Give the folder of audio with --data FOLDER."),
            Manifest = result.GetValue(_manifest),
            Cache = result.GetValue(_cache) ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(output)) ?? output, "cache"),
            Output = output,
            Force = result.GetValue(_force),
            AvailableMemoryBytes = session.Limits.AvailableMemoryBytes(),
            Threads = Threads(result),
        };
    }

    /// <summary>Where a run that goes on finds its data: as it began, unless something is given.</summary>
    public RunOptions Run(ParseResult result, RunFolder folder) => new()
    {
        Data = result.GetValue(_data) ?? folder.Description.Data,
        Cache = result.GetValue(_cache) ?? folder.Description.Cache,
        Output = folder.FolderPath,
        Threads = Threads(result),
    };

    private int Threads(ParseResult result) => result.GetValue(_threads);

    private TrainingSettings WithFlags(ParseResult result, TrainingSettings settings) => settings with
    {
        Steps = result.GetValue(_steps) ?? settings.Steps,
        Rate = settings.Rate with
        {
            LearningRate = result.GetValue(_learningRate) ?? settings.Rate.LearningRate,
            AnnealFraction = result.GetValue(_anneal) ?? settings.Rate.AnnealFraction,
        },
        Intervals = settings.Intervals with
        {
            CheckpointEvery = result.GetValue(_checkpointEvery) ?? settings.Intervals.CheckpointEvery,
            ValidateEvery = result.GetValue(_validateEvery) ?? settings.Intervals.ValidateEvery,
        },
    };
}

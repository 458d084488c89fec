using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Training.Batches;
using Jukebox.Training.Modules;
using Jukebox.Training.Optimisation;
using Jukebox.Training.Settings;

namespace Jukebox.Training.Runs;

/// <summary>
/// The loop of a run: gradients of a batch, a step of the optimiser, and at intervals a line of figures, a validation with
/// the averaged weights, samples and a checkpoint. What is computed depends on the settings and the seed alone, not on where
/// a run was stopped and resumed.
/// </summary>
/// <typeparam name="TBatch">What one step learns from.</typeparam>
/// <param name="trainee">The model.</param>
/// <param name="optimizer">What moves its parameters.</param>
/// <param name="source">What is learnt from.</param>
/// <param name="folder">Where checkpoints and figures go.</param>
public sealed class Trainer<TBatch>(
    ITrainee<TBatch> trainee, Optimizer optimizer, IBatchSource<TBatch> source, RunFolder folder) : ITrainer
{
    // A batch now and then may be bad; this many in a row are no accident.
    private const int SkipLimit = 100;

    private TrainingIntervals Intervals => folder.Description.Settings.Intervals;

    private readonly MetricsMean _means = new();
    private readonly StepClock _clock = new(TimeProvider.System);
    private MetricsLog? _log;
    private int _skippedInARow;

    /// <inheritdoc/>
    public long Step { get; private set; }

    /// <inheritdoc/>
    public Action<TrainingProgress>? OnStep { get; set; }

    /// <inheritdoc/>
    public Action<MetricsLine>? OnValidation { get; set; }

    /// <inheritdoc/>
    public Action<string>? OnNote { get; set; }

    /// <summary>Called at its interval while the averaged weights are in place: writes samples.</summary>
    public Action<long>? OnSample { get; set; }

    /// <summary>Takes up a run where its newest sound checkpoint left it, or at its start where it has none yet.</summary>
    /// <param name="initialise">Sets the values that a new run begins with.</param>
    /// <param name="note">Told of damaged checkpoints.</param>
    /// <exception cref="TrainingException">There are checkpoints, and none is sound, or the newest is of a run on other recordings.</exception>
    public void Start(Action initialise, Action<string> note)
    {
        if (folder.Checkpoints.Steps().Count == 0)
        {
            if (RunCheck.LostCheckpoints(folder.FolderPath, folder.Description) is { } lost)
            {
                throw new TrainingException(lost);
            }

            initialise();
            trainee.Parameters.ResetAverages();
            return;
        }

        using (WeightFile checkpoint = folder.Checkpoints.OpenNewest(note))
        {
            Restore(checkpoint);
        }

        folder.Checkpoints.DeleteAfter(Step);
        folder.Checkpoints.DeleteAllBut(Intervals.KeptCheckpoints);
    }

    /// <inheritdoc/>
    public TrainingOutcome Run(TimeSpan? budget, CancellationToken cancellation)
    {
        using MetricsLog log = MetricsLog.Open(folder.MetricsPath, Step);
        _log = log;
        _clock.Restart();
        long steps = folder.Description.Settings.Steps;
        LearningRateSchedule schedule = folder.Description.Settings.Rate.ScheduleOf(steps);
        if (Step == 0)
        {
            Save(); // a run that is killed before its first interval is over can be resumed too
        }

        long saved = Step;
        bool isDue = false;
        TrainingOutcome outcome = TrainingOutcome.Done;
        while (Step < steps)
        {
            outcome = cancellation.IsCancellationRequested ? TrainingOutcome.Interrupted
                : _clock.Running >= budget ? TrainingOutcome.OutOfTime
                : TrainingOutcome.Done;
            if (outcome != TrainingOutcome.Done)
            {
                break;
            }

            TakeStep(steps, schedule);
            isDue |= IsDue(Intervals.CheckpointEvery);
            if (isDue && _skippedInARow == 0) // of a run that is lost the last sound checkpoints stay
            {
                Save();
                saved = Step;
                isDue = false;
            }
        }

        if (saved < Step)
        {
            Save();
        }

        DrawCurves();
        return outcome;
    }

    /// <summary>Means over the validation windows with the averaged weights, which are put back afterwards to the bit; none where there are no windows.</summary>
    public IReadOnlyDictionary<string, double> Validate()
    {
        var means = new MetricsMean();
        WithAverages(() =>
        {
            foreach (TBatch batch in source.Validation())
            {
                means.Add(trainee.Evaluate(batch));
            }
        });
        return means.Take();
    }

    private void Restore(WeightFile checkpoint)
    {
        if (checkpoint.Metadata.GetValueOrDefault(CheckpointNames.DataKey) != folder.Description.DataFingerprint)
        {
            throw new TrainingException($"{checkpoint.Path} belongs to a run on other recordings; put back the checkpoints of this run.");
        }

        ParameterSet parameters = trainee.Parameters;
        foreach ((string prefix, Tensor flat) in CheckpointNames.Of(parameters))
        {
            foreach (TensorEntry entry in parameters.Entries)
            {
                var values = new float[entry.StoredShape.LengthElements];
                StateReader.Read(checkpoint, prefix + entry.Name, values);
                parameters.Within(flat, entry.Name).Upload<float>(values);
            }
        }

        trainee.LoadState(checkpoint);
        optimizer.StepCount = CheckpointNames.NumberOf(checkpoint, CheckpointNames.UpdatesKey);
        Step = CheckpointNames.NumberOf(checkpoint, CheckpointNames.StepKey);
    }

    private void TakeStep(long steps, LearningRateSchedule schedule)
    {
        TBatch batch = source.BatchOf(Step);
        var figures = new Dictionary<string, double>(trainee.ComputeGradients(batch, Step));
        double rate = schedule.At(optimizer.StepCount);
        OptimizerStep update = optimizer.Step(rate, figures["loss"]);
        figures["gn"] = update.GradientNorm;
        figures["lr"] = rate;
        figures["skipped"] = update.Taken ? 0 : 1;
        _skippedInARow = update.Taken ? 0 : _skippedInARow + 1;
        if (_skippedInARow == SkipLimit)
        {
            throw new TrainingException(
                $"{SkipLimit} steps in a row, up to step {Step + 1}, had a loss or gradients that are no numbers or too large; go on from the last "
                + "checkpoint with a lower --learning-rate.");
        }

        Step++; // a skipped step too, unlike in the reference: the next one has other windows, while rate and averages stand still
        _means.Add(figures);
        double secondsPerStep = _clock.Lap();
        OnStep?.Invoke(new TrainingProgress(Step, steps, figures, secondsPerStep, source.SecondsPerBatch / secondsPerStep));
        if (IsDue(Intervals.LogEvery))
        {
            LogMeans();
        }

        if (IsDue(Intervals.ValidateEvery) && Validate() is { Count: > 0 } validation)
        {
            var line = new MetricsLine(Step, MetricsLine.ValidKind, validation);
            _log!.Append(line);
            DrawCurves();
            OnValidation?.Invoke(line);
            _clock.Skip();
        }

        if (OnSample is not null && IsDue(Intervals.SampleEvery))
        {
            Attempt("samples", () => WithAverages(() => OnSample(Step)));
            _clock.Skip();
        }
    }

    private bool IsDue(long every) => every > 0 && Step % every == 0;

    private void LogMeans()
    {
        if (!_means.IsEmpty)
        {
            Dictionary<string, double> means = _means.Take();
            means["epoch"] = (double)Step / source.StepsPerEpoch;
            means["audio_seconds_per_second"] = source.SecondsPerBatch / _clock.SecondsPerStep;
            _log!.Append(new MetricsLine(Step, MetricsLine.TrainKind, means));
        }
    }

    private void DrawCurves() => Attempt("curves", () =>
        LossCurves.Write(MetricsLog.Read(folder.MetricsPath), folder.Description.Settings.Name, folder.CurvesPath));

    /// <summary>Does what a run can do without, whatever comes of it: a file that cannot be written, or a name that cannot be drawn, ends no run of days.</summary>
    private void Attempt(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            OnNote?.Invoke($"Step {Step}: no {what}: {e.Message}");
        }
    }

    /// <summary>Figures go to the disk first, so that a checkpoint never lacks a line before it.</summary>
    private void Save()
    {
        LogMeans();
        _log!.FlushToDisk();
        ParameterSet parameters = trainee.Parameters;
        var tensors = new List<CheckpointTensor>();
        foreach ((string prefix, Tensor flat) in CheckpointNames.Of(parameters))
        {
            tensors.AddRange(parameters.Entries.Select(entry => new CheckpointTensor(
                new TensorLayout(prefix + entry.Name, ElementType.F32, entry.StoredShape), () => parameters.Within(flat, entry.Name).ToArray<float>())));
        }

        tensors.AddRange(trainee.SaveState().Select(state => new CheckpointTensor(new TensorLayout(state.Name, ElementType.F32, state.Shape), () => state.Values)));
        folder.Checkpoints.Write(Step, tensors, folder.MetadataOf(Step, optimizer.StepCount), Intervals.KeptCheckpoints);
        _clock.Skip();
    }

    /// <summary>Exchanges values and averages around something.</summary>
    private void WithAverages(Action action)
    {
        trainee.Parameters.SwapAverages();
        try
        {
            action();
        }
        finally
        {
            trainee.Parameters.SwapAverages();
        }
    }
}

using Jukebox.Core.Contract;
using Jukebox.Cpu.Backend;
using Jukebox.Training;
using Jukebox.Training.Optimisation;
using Jukebox.Training.Runs;
using Jukebox.Training.Settings;
using Xunit;

namespace Jukebox.Tests.Training.Runs;

/// <summary>The loop: what it keeps, and that stopping and going on changes nothing.</summary>
public sealed class TrainerTests : IDisposable
{
    private const long Steps = 40;

    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend = new(new CpuOptions(null, 1));

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(23)]
    [InlineData(39)]
    public void ARunThatIsStoppedAndResumedEndsInTheSameBits(int stopAfter)
    {
        byte[] whole = RunThrough("whole");
        using (var stop = new CancellationTokenSource())
        {
            using RunFolder folder = Begin("parts");
            Assert.Equal(TrainingOutcome.Interrupted, Train(folder, step => CancelAt(stop, step, stopAfter - 1), stop.Token));
        }

        Assert.Equal(whole, GoOn("parts"));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(25)]
    public void ARunThatIsKilledAndResumedEndsInTheSameBitsAndFigures(int killIn)
    {
        byte[] whole = RunThrough("whole");
        using (RunFolder folder = Begin("parts"))
        {
            Assert.Throws<TimeoutException>(() => Train(folder, step => _ = step == killIn ? throw new TimeoutException("killed") : 0, CancellationToken.None));
        }

        Assert.Equal(whole, GoOn("parts"));
        Assert.Equal(Figures("whole"), Figures("parts"));
    }

    [Fact]
    public void FromADamagedNewestCheckpointItFallsBackToTheOneBeforeAndSaysSo()
    {
        byte[] whole = RunThrough("whole");
        using (RunFolder folder = Begin("parts"))
        {
            Assert.Throws<TimeoutException>(() => Train(folder, step => _ = step == 35 ? throw new TimeoutException("killed") : 0, CancellationToken.None));
            using FileStream newest = File.OpenWrite(_folder["parts", "checkpoints", "step_000000030.safetensors"]);
            newest.SetLength(newest.Length - 1);
        }

        var notes = new List<string>();
        Assert.Equal(whole, GoOn("parts", notes.Add));
        Assert.Contains("step_000000030.safetensors is damaged", Assert.Single(notes), StringComparison.Ordinal);
    }

    [Fact]
    public void ACheckpointOfOtherRecordingsIsRefused()
    {
        RunThrough("run");
        string description = _folder["run", "run.json"];
        string json = File.ReadAllText(description);
        json = json[..json.LastIndexOf(",\n  \"digest\"", StringComparison.Ordinal)] + "\n}\n";
        File.WriteAllText(description, json.Replace("\"data_fingerprint\": \"\"", "\"data_fingerprint\": \"other\"", StringComparison.Ordinal));
        TrainingException e = Assert.Throws<TrainingException>(() => GoOn("run"));
        Assert.Contains("belongs to a run on other recordings", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ValidationSeesTheAveragesAndLeavesTheValues()
    {
        using RunFolder folder = Begin("run");
        using var trainee = new QuadraticTrainee(_backend);
        trainee.Parameters.Value("a").Upload<float>([1, 2, 3, 4, 5]);
        trainee.Parameters.Averages.Buffer.Fill(0);
        float[] values = trainee.Parameters.Values.ToArray<float>();
        Trainer<float[]> trainer = TrainerOf(trainee, folder);
        var source = new QuadraticSource();
        double expected = source.Validation().Average(batch => batch.Sum(target => target * target / 2));
        Assert.Equal(expected, trainer.Validate()["loss"], 1e-5);
        Assert.Equal(values, trainee.Parameters.Values.ToArray<float>());
        Assert.All(trainee.Parameters.Averages.ToArray<float>(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void ATimeThatIsUpStopsItWithACheckpoint()
    {
        using RunFolder folder = Begin("run");
        using var trainee = new QuadraticTrainee(_backend);
        Assert.Equal(TrainingOutcome.OutOfTime, TrainerOf(trainee, folder).Run(TimeSpan.Zero, CancellationToken.None));
        Assert.Equal([0L], folder.Checkpoints.Steps());
    }

    [Theory]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(InvalidOperationException))]
    public void SamplesThatCannotBeWrittenAreSaidAndEndNothing(Type failure)
    {
        byte[] whole = RunThrough("whole");
        var notes = new List<string>();
        using (RunFolder folder = Begin("run"))
        {
            folder.Change(folder.Description.Settings with { Intervals = folder.Description.Settings.Intervals with { SampleEvery = 30 } });
            using var trainee = new QuadraticTrainee(_backend);
            Trainer<float[]> trainer = TrainerOf(trainee, folder);
            trainer.OnSample = _ => throw (Exception)Activator.CreateInstance(failure, "no room")!;
            trainer.OnNote = notes.Add;
            trainer.Start(() => { }, Assert.Fail);
            Assert.Equal(TrainingOutcome.Done, trainer.Run(null, CancellationToken.None));
        }

        Assert.Equal(["Step 30: no samples: no room"], notes);
        Assert.Equal(whole.Length, LastCheckpoint("run").Length); // the settings in it differ
    }

    [Fact]
    public void ALossThatStaysNoNumberEndsTheRunWithAMend()
    {
        using RunFolder folder = Begin("run", steps: 1000);
        using var trainee = new QuadraticTrainee(_backend);
        Trainer<float[]> trainer = TrainerOf(trainee, folder);
        trainer.Start(() => trainee.Parameters.Value("a").Upload<float>([float.NaN, 0, 0, 0, 0]), _ => { });
        TrainingException e = Assert.Throws<TrainingException>(() => trainer.Run(null, CancellationToken.None));
        Assert.StartsWith("100 steps in a row, up to step 100, ", e.Message, StringComparison.Ordinal);
    }

    /// <summary>The checkpoints before that are what there is to go on from; steps that were skipped for once delay one only.</summary>
    [Fact]
    public void WhileStepsAreSkippedNoCheckpointTakesTheLastOnesPlace()
    {
        using RunFolder folder = Begin("run", steps: 1000);
        QuadraticTrainee trainee = null!;
        trainee = new QuadraticTrainee(_backend)
        {
            OnStep = step =>
            {
                if (step is 19 or 20 or >= 35)
                {
                    trainee.Parameters.Gradient("a").Upload<float>([float.NaN, 0, 0, 0, 0]);
                }
            },
        };
        using (trainee)
        {
            Assert.Throws<TrainingException>(() =>
            {
                Trainer<float[]> trainer = TrainerOf(trainee, folder);
                trainer.Start(() => { }, _ => { });
                trainer.Run(null, CancellationToken.None);
            });
        }

        Assert.Equal([22L, 30], folder.Checkpoints.Steps());
    }

    [Fact]
    public void FiguresAreMeansBetweenTheLinesAndCheckpointsAreFew()
    {
        RunThrough("run");
        MetricsLine[] lines = [.. MetricsLog.Read(_folder["run", "metrics.jsonl"])];
        Assert.Equal([10, 20, 30, 40], lines.Where(line => line.Kind == "valid").Select(line => line.Step));
        Assert.Equal([4, 8, 10, 12, 16, 20, 24, 28, 30, 32, 36, 40], lines.Where(line => line.Kind == "train").Select(line => line.Step));
        Assert.Equal(2, new CheckpointFolder(_folder["run", "checkpoints"]).Steps().Count);
    }

    private static void CancelAt(CancellationTokenSource stop, long step, long at)
    {
        if (step == at)
        {
            stop.Cancel();
        }
    }

    private static Trainer<float[]> TrainerOf(QuadraticTrainee trainee, RunFolder folder, ITrainingBackend backend) =>
        new(trainee, new Optimizer(backend, trainee.Parameters, folder.Description.Settings.Optimizer), new QuadraticSource(), folder);

    private Trainer<float[]> TrainerOf(QuadraticTrainee trainee, RunFolder folder) => TrainerOf(trainee, folder, _backend);

    private byte[] RunThrough(string name)
    {
        using RunFolder folder = Begin(name);
        Assert.Equal(TrainingOutcome.Done, Train(folder, _ => { }, CancellationToken.None));
        return LastCheckpoint(name);
    }

    private byte[] GoOn(string name, Action<string>? note = null)
    {
        using (RunFolder folder = RunFolder.Resume(_folder[name]))
        {
            using var trainee = new QuadraticTrainee(_backend);
            Trainer<float[]> trainer = TrainerOf(trainee, folder);
            trainer.Start(() => { }, note ?? (text => Assert.Fail(text)));
            Assert.Equal(TrainingOutcome.Done, trainer.Run(null, CancellationToken.None));
        }

        return LastCheckpoint(name);
    }

    private TrainingOutcome Train(RunFolder folder, Action<long> onStep, CancellationToken cancellation)
    {
        using var trainee = new QuadraticTrainee(_backend) { OnStep = onStep };
        Trainer<float[]> trainer = TrainerOf(trainee, folder);
        trainer.Start(() => { }, _ => { });
        return trainer.Run(null, cancellation);
    }

    private byte[] LastCheckpoint(string name) => File.ReadAllBytes(_folder[name, "checkpoints", $"step_{Steps:D9}.safetensors"]);

    /// <summary>All lines but what measures time.</summary>
    private string[] Figures(string name) =>
    [
        .. MetricsLog.Read(_folder[name, "metrics.jsonl"])
            .Select(line => $"{line.Step} {line.Kind} {string.Join(' ', line.Values.Where(figure => figure.Key != "audio_seconds_per_second"))}"),
    ];

    private RunFolder Begin(string name, long steps = Steps) => RunFolder.Create(
        _folder[name],
        new RunDescription
        {
            Settings = TrainingPresets.Find("tiny_vqvae") with
            {
                Steps = steps,
                Rate = new() { LearningRate = 0.1, WarmupSteps = 5, AnnealFraction = 0.5 },
                Optimizer = new() { AverageDecay = 0.9 },
                Intervals = new() { LogEvery = 4, CheckpointEvery = 10, KeptCheckpoints = 2, ValidateEvery = 10, SampleEvery = 0 },
            },
            Data = "",
            Cache = "",
            DataFingerprint = "",
            Bandwidths = new(1, 1, 1),
        },
        [],
        force: false);
}

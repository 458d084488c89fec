using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Studio.Devices;
using Jukebox.Training.Optimisation;
using Jukebox.Training.Priors;
using Jukebox.Training.Runs;
using Jukebox.Training.Settings;
using Jukebox.Training.VqVaes;

namespace Jukebox.Studio.Bench;

/// <summary>Times steps of training, forward and backward, on noise: nothing is learnt and nothing is kept.</summary>
public static class TrainingBench
{
    private const int TimedSteps = 5;

    /// <summary>Names in a label table that is as large as the data has names.</summary>
    private const int LabelRows = 16;

    /// <summary>Measures steps of training: the priors one after the other, then the VQ-VAE.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="model">What is trained.</param>
    /// <param name="onlyLevel">The level whose prior is measured, or none for all that there are.</param>
    /// <param name="batchSize">Windows of a step.</param>
    /// <param name="limits">What the machine has to spare.</param>
    /// <param name="progress">Told what is done next.</param>
    /// <exception cref="UsageException">The device cannot train, or the model has no such level.</exception>
    /// <exception cref="StudioException">Memory is short, or the device is two.</exception>
    public static BenchReport Measure(IBackend backend, ModelDescription model, int? onlyLevel, int batchSize, MachineResources limits, Action<string> progress)
    {
        ITrainingBackend device = backend.Training ?? throw new UsageException($"--train: {backend.Name} cannot train; use --device cpu.");
        progress("measuring the machine");
        MachineLimits machine = Devices.Devices.Measure(backend);
        var rows = new List<BenchRow>();
        foreach (PriorSpec prior in onlyLevel is null && model.Priors.Length == 0 ? [] : BenchChecks.PriorsOf(model, onlyLevel))
        {
            BenchChecks.RequireMemory(backend, prior, MemoryOf(model, prior, batchSize), limits, "use a smaller --batch-size, or a smaller shape");
            progress($"training level {prior.Level}");
            rows.Add(Prior(device, model, prior, batchSize, machine));
        }

        progress("training the VQ-VAE");
        rows.Add(VqVae(device, model, batchSize, machine));
        return BenchReport.Of(backend, model, "f32", machine, rows, []);
    }

    /// <summary>The shape that a preset trains: a VQ-VAE alone, or with one prior.</summary>
    public static ModelDescription ModelOf(string preset)
    {
        TrainingSettings settings = TrainingPresets.Find(preset);
        string vqvae = preset.StartsWith("tiny", StringComparison.Ordinal) ? "tiny_vqvae" : "vqvae";
        PriorSpec? prior = settings.Prior;
        if (prior?.Labels is { } labels)
        {
            prior = prior with { Labels = labels with { ArtistCount = Math.Max(labels.ArtistCount, LabelRows), GenreCount = Math.Max(labels.GenreCount, LabelRows) } };
        }

        return new ModelDescription
        {
            Format = ModelDescription.CurrentFormat,
            Name = preset,
            SampleRateHz = settings.SampleRateHz,
            VqVae = settings.VqVae ?? TrainingPresets.Find(vqvae).VqVae!,
            Priors = prior is null ? [] : [prior],
            Defaults = [],
            Origin = "",
            Licence = "",
            Files = [],
        };
    }

    /// <summary>A step of the VQ-VAE: one row for all of its levels, whose number stands for them.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="model">Shape of the VQ-VAE.</param>
    /// <param name="batchSize">Windows of a step.</param>
    /// <param name="limits">Of this machine, measured in this run.</param>
    private static BenchRow VqVae(ITrainingBackend backend, ModelDescription model, int batchSize, MachineLimits limits)
    {
        const int shortestWindow = 8192;
        VqVaeSpec spec = model.VqVae;
        int hop = spec.SamplesPerToken(spec.Levels - 1), length = (shortestWindow + hop - 1) / hop * hop;
        using var trainee = new VqVaeTrainee(backend, spec, new VqVaeTrainingSpec
        {
            BatchSize = batchSize,
            WindowLength = length,
            Weights = new ReconstructionWeights(),
            Bandwidths = new Bandwidths(0.5, 0.3, 1000),
            RevivalThresholds = [.. Enumerable.Repeat(0.01, spec.Levels)],
        });
        TensorEntry[] table = [.. trainee.Parameters.Entries];
        Initialisation.Fill(trainee.Parameters, entry => Initialisation.OfConvolution(table, entry), seed: 1);
        var random = new Random(1);
        var batch = new AudioBatch([.. Enumerable.Range(0, batchSize * length).Select(_ => (random.NextSingle() * 2) - 1)], batchSize);
        double seconds = Time(backend, step => trainee.ComputeGradients(batch, step));
        return BenchReport.Row(spec.Levels, "train-vqvae", batchSize, length / hop, seconds, 0, trainee.Operations, limits);
    }

    /// <summary>A step of a level's prior.</summary>
    private static BenchRow Prior(ITrainingBackend backend, ModelDescription model, PriorSpec prior, int batchSize, MachineLimits limits)
    {
        using var trainee = new PriorTrainee(backend, prior, model.VqVae, model.SampleRateHz, new PriorTraineeOptions { BatchSize = batchSize });
        new PriorInitialisation().Apply(trainee.Parameters, prior, codebooks: null, seed: 1);
        PriorBatch batch = BatchOf(model, prior, batchSize);
        double seconds = Time(backend, step => trainee.ComputeGradients(batch, step));
        return BenchReport.Row(prior.Level, "train", batchSize, prior.ContextLength, seconds, 0, trainee.Operations, limits);
    }

    /// <summary>Bytes that <see cref="Prior"/> takes: values, gradients, two moments and averages, and about as much again for activations.</summary>
    private static long MemoryOf(ModelDescription model, PriorSpec prior, int batchSize)
    {
        const int signalsPerLayer = 8;
        TransformerSpec stack = prior.Transformer;
        long activations = (long)batchSize * prior.SequenceLength * ((stack.Width * signalsPerLayer * (long)stack.Depth) + (2L * prior.VocabularySize));
        return TrainingMemory.ParameterBytes(TensorTable.Of(prior, model.VqVae)) + (activations * sizeof(float));
    }

    private static PriorBatch BatchOf(ModelDescription model, PriorSpec prior, int batchSize)
    {
        var random = new Random(1);
        int[][] Codes(int length) => [.. Enumerable.Range(0, batchSize).Select(_ => Enumerable.Range(0, length).Select(_ => random.Next(prior.CodebookSize)).ToArray())];
        return new PriorBatch
        {
            Codes = Codes(prior.ContextLength),
            UpperCodes = prior.UpperCodes is null ? null : Codes(prior.ContextLength / model.VqVae.TokensPerUpperToken(prior.Level + 1)),
            Labels = prior.Labels is { } labels ? [.. Enumerable.Repeat(LabelRow(model, prior, labels), batchSize)] : [],
        };
    }

    /// <summary>The start of the shortest song that the labels allow, artist, genres and lyrics unknown.</summary>
    private static long[] LabelRow(ModelDescription model, PriorSpec prior, LabelSpec labels)
    {
        var row = new long[prior.LabelLength];
        long window = (long)prior.ContextLength * model.VqVae.SamplesPerToken(prior.Level);
        row[0] = Math.Max(window, (long)Math.Ceiling(labels.MinDurationSeconds * model.SampleRateHz));
        row[2] = window;
        row.AsSpan(4, labels.MaxGenres).Fill(-1);
        return row;
    }

    private static double Time(IBackend backend, Action<long> step)
    {
        step(0);
        step(1);
        return new QueueTimer(backend, TimeProvider.System).Seconds(() =>
        {
            for (int i = 0; i < TimedSteps; i++)
            {
                step(i + 2);
            }
        }) / TimedSteps;
    }
}

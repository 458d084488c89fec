using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Studio.Devices;
using Jukebox.Studio.Songs;

namespace Jukebox.Studio.Bench;

/// <summary>How much to measure.</summary>
/// <param name="Batch">Items side by side, at least 1.</param>
/// <param name="Prime">Known tokens to load; half a window at most is taken.</param>
/// <param name="Decode">Tokens to draw after them, at least 1.</param>
public readonly record struct BenchSizes(int Batch, int Prime, int Decode);

/// <summary>Measures how fast a model draws codes, encodes and decodes on a device, beside what the device could do at most.</summary>
public static class ModelBench
{
    /// <summary>Measures the levels of a model one after the other.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="model">The model.</param>
    /// <param name="onlyLevel">The level to measure, or none for all that have a prior.</param>
    /// <param name="sizes">How much to measure.</param>
    /// <param name="limits">What the machine has to spare.</param>
    /// <param name="progress">Told what is done next.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="UsageException">The model has no such level to measure.</exception>
    /// <exception cref="StudioException">Memory is short, or the device is two.</exception>
    /// <exception cref="DamagedFileException">The weights are damaged.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static BenchReport Measure(
        IBackend backend, ModelFolder model, int? onlyLevel, BenchSizes sizes, MachineResources limits, Action<string> progress, CancellationToken cancellation)
    {
        progress("measuring the machine");
        MachineLimits machine = Devices.Devices.Measure(backend);
        ModelDescription description = model.Description;
        PriorSpec[] priors = BenchChecks.PriorsOf(description, onlyLevel);
        var rows = new List<BenchRow>();
        var levels = new List<BenchLevel>();
        foreach (PriorSpec prior in priors)
        {
            WeightStorage storage = Requirements.StorageOf(model, prior.Level, backend);
            long needed = Requirements.MemoryOf(prior, model, backend, sizes.Batch, Prior.DefaultChunkLength).TotalBytes + Requirements.OverheadBytes;
            BenchChecks.RequireMemory(backend, prior, needed, limits, "use a smaller --batch-size, or --dtype bf16");
            progress($"measuring level {prior.Level}");
            PriorTimes times = PriorBench.Measure(backend, model, prior.Level, sizes.Batch, sizes.Prime, sizes.Decode, cancellation);
            rows.AddRange(Rows(prior, description, storage, sizes.Batch, times, machine));
            rows.AddRange(VqVaeBench.Measure(backend, model, prior.Level, machine));
            levels.Add(BenchReport.LevelOf(prior, description, sizes.Batch, times));
        }

        return BenchReport.Of(
            backend, description, Requirements.StorageOf(model, priors[0].Level, backend).PackedType.ToString().ToLowerInvariant(), machine, rows, levels);
    }

    /// <summary>The same with random weights in a published shape, which are written for it and deleted.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="shape">The shape, as <see cref="BenchModel.Describe"/> names it.</param>
    /// <param name="storage">How the weights are stored.</param>
    /// <param name="scratch">Folder below which they are written.</param>
    /// <param name="onlyLevel">The level to measure, or none for all that have a prior.</param>
    /// <param name="sizes">How much to measure.</param>
    /// <param name="limits">What the machine has to spare.</param>
    /// <param name="progress">Told what is done next.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="UsageException">The shape has no such level to measure.</exception>
    /// <exception cref="StudioException">Disk or memory is short, or the device is two.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static BenchReport MeasureShape(
        IBackend backend, string shape, ElementType storage, string scratch, int? onlyLevel, BenchSizes sizes, MachineResources limits, Action<string> progress, CancellationToken cancellation)
    {
        using var weights = new ScratchModel(BenchModel.Describe(shape, onlyLevel), scratch, storage, limits, progress);
        using var model = ModelFolder.Open(weights.Path);
        return Measure(backend, model, onlyLevel, sizes, limits, progress, cancellation);
    }

    private static IEnumerable<BenchRow> Rows(
        PriorSpec prior, ModelDescription model, WeightStorage storage, int batchSize, PriorTimes times, MachineLimits limits)
    {
        int first = prior.SequenceLength - prior.ContextLength;
        var priming = PriorTraffic.OfPriming(prior, model.VqVae, storage, batchSize, 0, first + times.PrimedTokens);
        yield return BenchReport.Row(prior.Level, "prime", batchSize, first + times.PrimedTokens, times.PrimeSeconds, priming.WeightBytes, priming.Operations, limits);
        var step = PriorTraffic.OfStep(prior, model.VqVae, storage, batchSize, first + times.PrimedTokens + (times.DecodedTokens / 2));
        yield return BenchReport.Row(
            prior.Level, "decode", batchSize, times.DecodedTokens, times.DecodeSeconds, (double)step.Bytes * times.DecodedTokens, (double)step.Operations * times.DecodedTokens, limits);
    }
}

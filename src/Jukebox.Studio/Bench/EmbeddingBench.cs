using System.Diagnostics;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Studio.Devices;
using Jukebox.Studio.Songs;

namespace Jukebox.Studio.Bench;

/// <summary>How much to measure.</summary>
/// <param name="Layers">The deepest layer, or none for <see cref="DefaultLayers"/>, or all that there are.</param>
/// <param name="Tokens">Tokens of a window, or none for a whole one.</param>
/// <param name="Windows">Windows, at least 1.</param>
public readonly record struct EmbeddingSizes(int? Layers, int? Tokens, int Windows)
{
    /// <summary>What most people take of 5b.</summary>
    public const int DefaultLayers = 36;
}

/// <summary>Measures how fast a top prior's activations are had on a device, beside what the device could do at most.</summary>
public static class EmbeddingBench
{
    /// <summary>Tokens of the window that goes before: its first block compiles code and wakes threads.</summary>
    private const int WarmUpTokens = 64;

    /// <summary>Measures a model's top prior.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="model">The model.</param>
    /// <param name="onlyLevel">Level of the prior, or none for the one that has none above it.</param>
    /// <param name="sizes">How much to measure.</param>
    /// <param name="limits">What the machine has to spare.</param>
    /// <param name="progress">Told what is done next.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="UsageException">The model has no such prior, layer or tokens.</exception>
    /// <exception cref="StudioException">Memory is short, or the device is two.</exception>
    /// <exception cref="DamagedFileException">The weights are damaged.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static EmbeddingReport Measure(
        IBackend backend, ModelFolder model, int? onlyLevel, EmbeddingSizes sizes, MachineResources limits, Action<string> progress, CancellationToken cancellation) =>
        Measure(backend, model, onlyLevel, sizes, limits, progress, TimeProvider.System, cancellation);

    internal static EmbeddingReport Measure(
        IBackend backend,
        ModelFolder model,
        int? onlyLevel,
        EmbeddingSizes sizes,
        MachineResources limits,
        Action<string> progress,
        TimeProvider clock,
        CancellationToken cancellation)
    {
        PriorSpec spec = TopOf(model.Description, onlyLevel);
        int layers = LayersOf(spec, sizes.Layers), tokens = sizes.Tokens ?? spec.ContextLength;
        if (tokens > spec.ContextLength)
        {
            throw new UsageException($"--tokens {tokens}: a window of level {spec.Level} has {spec.ContextLength}.");
        }

        WeightStorage storage = Requirements.StorageOf(model, spec.Level, backend);
        long needed = ActivationMemory.Of(spec, model.Description.VqVae, storage, layers, (long)tokens * sizes.Windows, sizes.Windows).TotalBytes + Requirements.OverheadBytes;
        BenchChecks.RequireMemory(backend, spec, needed, limits, "use fewer --windows");
        var random = new Random(1);
        long[] label = PriorBench.Label(spec, model.Description);
        ActivationWindow[] Windows(int count, int length) =>
            [.. Enumerable.Range(0, count).Select(_ => new ActivationWindow([.. Enumerable.Range(0, length).Select(_ => random.Next(spec.CodebookSize))], label))];

        using var activations = new PriorActivations(backend, model, spec.Level);
        activations.Read(Windows(1, Math.Min(tokens, WarmUpTokens)), [1], Ignore, null, cancellation);
        ActivationWindow[] windows = Windows(sizes.Windows, tokens);
        double seconds = new QueueTimer(backend, clock).Seconds(() => activations.Read(
            windows, [layers], Ignore, (done, of) => progress($"layer {Math.Min(done + 1, of)} of {of}"), cancellation));
        long peakBytes = PeakMemoryBytes(); // before the machine is measured: that takes a gigabyte

        progress("measuring the machine");
        MachineLimits machine = Devices.Devices.Measure(backend);
        long operations = PriorTraffic.OfPriming(spec.CutTo(layers), model.Description.VqVae, storage, sizes.Windows, 0, spec.SequenceLength - spec.ContextLength + tokens).Operations;
        return new EmbeddingReport
        {
            Device = backend.Name,
            Model = model.Description.Name,
            Storage = storage.PackedType.ToString().ToLowerInvariant(),
            Layers = layers,
            Windows = sizes.Windows,
            Tokens = tokens,
            Seconds = seconds,
            OperationsPerSecond = operations / seconds,
            PeakOperationsPerSecond = machine.FlopsPerSecond,
            WeightBytes = activations.Reading.Bytes,
            WeightSeconds = activations.Reading.Seconds,
            WaitedSeconds = activations.Reading.WaitedSeconds,
            PeakMemoryBytes = peakBytes > 0 ? peakBytes : null,
        };
    }

    /// <summary>The same with random weights in a published shape, of which only the blocks that are computed are written; they are deleted afterwards.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="shape">The shape, as <see cref="BenchModel.Describe"/> names it.</param>
    /// <param name="storage">How the weights are stored.</param>
    /// <param name="scratch">Folder below which they are written.</param>
    /// <param name="sizes">How much to measure.</param>
    /// <param name="limits">What the machine has to spare.</param>
    /// <param name="progress">Told what is done next.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="UsageException">The shape has no top prior, or no such layer or tokens.</exception>
    /// <exception cref="StudioException">Disk or memory is short, or the device is two.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static EmbeddingReport MeasureShape(
        IBackend backend, string shape, ElementType storage, string scratch, EmbeddingSizes sizes, MachineResources limits, Action<string> progress, CancellationToken cancellation)
    {
        using var weights = new ScratchModel(Describe(shape, sizes.Layers), scratch, storage, limits, progress);
        using var model = ModelFolder.Open(weights.Path);
        return Measure(backend, model, null, sizes, limits, progress, cancellation);
    }

    /// <summary>A published shape's top prior, as deep as is computed.</summary>
    internal static ModelDescription Describe(string shape, int? wanted)
    {
        ModelDescription model = BenchModel.Describe(shape, null);
        PriorSpec spec = TopOf(model, null);
        int layers = LayersOf(spec, wanted);
        return model with
        {
            Priors = [spec.CutTo(layers)],
        };
    }

    private static PriorSpec TopOf(ModelDescription model, int? onlyLevel)
    {
        PriorSpec top = BenchChecks.PriorsOf(model, onlyLevel)[0];
        return top.UpperCodes is null
            ? top
            : throw new UsageException($"--embed: the prior of level {top.Level} depends on a level above, and only a top prior's activations can be had.");
    }

    private static int LayersOf(PriorSpec spec, int? wanted)
    {
        int depth = spec.Transformer.Depth, layers = wanted ?? Math.Min(EmbeddingSizes.DefaultLayers, depth);
        return layers <= depth ? layers : throw new UsageException($"--layers {layers}: the prior of level {spec.Level} has {depth} layers, counted from 1.");
    }

    private static void Ignore(int window, int layer, int first, ReadOnlySpan<float> rows)
    {
    }

    private static long PeakMemoryBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}

using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Recordings.Embeddings;
using Jukebox.Studio.Devices;
using Jukebox.Studio.Songs;

namespace Jukebox.Studio.Embeddings;

/// <summary>What a run takes, known before anything is computed.</summary>
public sealed record EmbedPlan
{
    /// <summary>Inputs of this part.</summary>
    public required int Inputs { get; init; }

    /// <summary>Inputs that cannot be read; they are counted with nothing.</summary>
    public required int Unreadable { get; init; }

    /// <summary>Windows to compute.</summary>
    public required long Windows { get; init; }

    /// <summary>Tokens in them.</summary>
    public required long Tokens { get; init; }

    /// <summary>Bytes of the results, headers not counted.</summary>
    public required long OutputBytes { get; init; }

    /// <summary>Windows that go through a layer together.</summary>
    public required int Batch { get; init; }

    /// <summary>Memory that a batch takes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Bytes of weights that are read for a batch.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Multiplications and additions.</summary>
    public required double Operations { get; init; }

    /// <summary>Time, at three quarters of the multiply-add peak that was measured just now; none where it was not.</summary>
    public double? Seconds { get; init; }

    /// <summary>Share of the peak that time is reckoned with.</summary>
    internal const double ShareOfPeak = 0.75;

    /// <summary>Works it out: the length of every input of this part is looked at.</summary>
    /// <param name="backend">Where it is computed.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputs">All inputs, of all parts.</param>
    /// <param name="settings">Settings that fit the model.</param>
    /// <param name="options">The part, the batch, the times.</param>
    /// <param name="limits">What the machine has to spare.</param>
    /// <param name="isTimed">Whether the machine is measured, which takes some seconds.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="StudioException">Memory is short.</exception>
    public static EmbedPlan Of(
        IBackend backend, ModelFolder model, IReadOnlyList<EmbedInput> inputs, EmbeddingSettings settings, EmbedOptions options, MachineResources limits, bool isTimed,
        CancellationToken cancellation)
    {
        PriorSpec top = EmbeddingCheck.TopOf(model.Description, model.Path);
        EmbedInput[] own = [.. options.Shard.Of(inputs)];
        var lengths = new EmbedLengths(model.Description, settings, options.Times);
        foreach (EmbedInput input in own)
        {
            cancellation.ThrowIfCancellationRequested();
            lengths.Add(input);
        }

        int batch = BatchOf(backend, model, settings, options.Batch, limits);
        var token = PriorTraffic.OfPriming(
            top.CutTo(settings.Layers.Max()), model.Description.VqVae, Requirements.StorageOf(model, top.Level, backend), 1, 0, 1);
        double operations = (double)lengths.Tokens * token.LinearOperations;
        long vectorBytes = (long)top.Transformer.Width * settings.Layers.Length * (settings.Dtype == EmbeddingType.F16 ? 2 : 4);
        return new EmbedPlan
        {
            Inputs = own.Length,
            Unreadable = lengths.Unreadable,
            Windows = lengths.Windows,
            Tokens = lengths.Tokens,
            OutputBytes = lengths.Rows * vectorBytes,
            Batch = batch,
            MemoryBytes = MemoryOf(backend, model, settings, batch),
            WeightBytes = token.WeightBytes,
            Operations = operations,
            Seconds = isTimed ? operations / (ShareOfPeak * Devices.Devices.Measure(backend).FlopsPerSecond) : null,
        };
    }

    /// <summary>Windows that go through a layer together.</summary>
    /// <param name="backend">Where it is computed.</param>
    /// <param name="model">The model.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="given">How many a person wants, or none.</param>
    /// <param name="limits">What the machine has to spare.</param>
    /// <exception cref="StudioException">Memory is short even for what is asked for, or for one.</exception>
    public static int BatchOf(IBackend backend, ModelFolder model, EmbeddingSettings settings, int? given, MachineResources limits)
    {
        long available = limits.Of(backend).AvailableMemoryBytes();
        int batch = given ?? EmbedJob.MostWindows;
        while (given is null && batch > 1 && MemoryOf(backend, model, settings, batch) > available)
        {
            batch--;
        }

        long needed = MemoryOf(backend, model, settings, batch);
        return needed <= available ? batch : throw Shortage.OfMemory(
            $"{settings.Layers.Max()} layers of {model.Description.Name} with a batch of {batch} {(batch == 1 ? "window needs" : "windows need")}", needed, available,
            batch > 1 ? "use a smaller --batch" : "close other programs, or use a shorter --window");
    }

    /// <summary>Bytes of the layers, of frames that are held to be resampled, and of everything else.</summary>
    internal static long MemoryOf(IBackend backend, ModelFolder model, EmbeddingSettings settings, int batch)
    {
        PriorSpec top = EmbeddingCheck.TopOf(model.Description, model.Path);
        var windows = EmbeddingWindows.Of(settings, top.ContextLength, EmbeddingCheck.TokensPerSecond(model.Description, model.Path));
        var memory = ActivationMemory.Of(
            top, model.Description.VqVae, Requirements.StorageOf(model, top.Level, backend), settings.Layers.Max(), (long)batch * windows.WindowTokens, batch);
        long held = settings.Fps is not null && settings.Resample == FrameResampling.Fft ? 3L * windows.WindowTokens * top.Transformer.Width * sizeof(float) : 0;
        return memory.TotalBytes + held + Requirements.OverheadBytes;
    }
}

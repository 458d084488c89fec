using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Jukebox.Cli.Options;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Tensors;
using Jukebox.Core.Text;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Studio;
using Jukebox.Studio.Bench;
using Jukebox.Studio.Devices;
using Jukebox.Studio.Songs;
using Jukebox.Training.Settings;

namespace Jukebox.Cli.Commands;

/// <summary><c>bench</c>: tokens per second and share of the machine's limit, by level and phase.</summary>
internal static class BenchCommand
{
    private const string UpsamplerShape = "upsampler";

    public static Command Create(Session session)
    {
        Option<string?> shape = new("--shape") { Description = "Random weights in a published shape, written to a temporary folder and deleted: 5b, 5b_lyrics, 1b_lyrics or upsampler (level 1 alone). [default: the model of --model]" };
        shape.AcceptOnlyFromAmong([.. PublishedModels.Names, UpsamplerShape]);
        var storage = new Option<ElementType>("--dtype") { Description = "How the random weights are stored.", DefaultValueFactory = _ => ElementType.BF16 };
        storage.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "f32", "bf16", "f16");
        var scratch = new Option<string>("--scratch") { Description = "Where the random weights are written.", HelpName = "FOLDER", DefaultValueFactory = _ => Path.GetTempPath() };
        var level = new Option<int?>("--level") { Description = "Only this level. [default: all]", HelpName = "L" }.Within(0, 63);
        var batch = new Option<int>("--batch-size", "-b") { Description = "Items side by side.", HelpName = "N", DefaultValueFactory = _ => 1 }.Within(1, 4096);
        var prime = new Option<int>("--prime") { Description = "Known tokens to load, at most half a window.", HelpName = "TOKENS", DefaultValueFactory = _ => 512 }.Within(0, 1 << 20);
        var decode = new Option<int>("--decode") { Description = "Tokens to draw after that.", HelpName = "TOKENS", DefaultValueFactory = _ => 64 }.Within(1, 1 << 20);
        var train = new Option<bool>("--train") { Description = "Steps of training instead, forward and backward, on the processor; weights and codes are random." };
        var preset = new Option<string?>("--preset") { Description = "With --train: the shape of one of train's presets. [default: the model of --model]", HelpName = "NAME" };
        preset.AcceptOnlyFromAmong([.. TrainingPresets.Names]);
        Option<bool> json = CommonOptions.Json();
        var machine = new MachineOptions();
        var command = new CommandWithExample("bench", "Measures tokens per second and the share of the machine's limit, by level and phase.", "bench --shape 1b_lyrics --level 2")
        {
            shape, storage, scratch, level, batch, prime, decode, train, preset, json,
        };
        machine.AddTo(command);
        command.SetAction(result =>
        {
            var sizes = new BenchSizes(result.GetValue(batch), result.GetValue(prime), result.GetValue(decode));
            using IBackend backend = machine.OpenBackend(result, session);
            BenchReport report;
            if (result.GetValue(preset) is not null && !result.GetValue(train))
            {
                throw new UsageException("--preset goes with --train; --shape says what else is to be measured.");
            }

            if (result.GetValue(train))
            {
                report = MeasureTraining(session, backend, DescriptionOf(result.GetValue(preset), result.GetValue(shape), machine, result), result.GetValue(level), sizes.Batch);
            }
            else if (result.GetValue(shape) is { } name)
            {
                using var folder = new ScratchModel(Describe(name, result.GetValue(level)), result.GetRequiredValue(scratch), result.GetValue(storage), session.Limits,
                    text => session.Terminal.Progress(() => text, force: true));
                report = Measure(session, backend, folder.Path, result.GetValue(level), sizes);
            }
            else
            {
                report = Measure(session, backend, machine.ModelFolder(result), result.GetValue(level), sizes);
            }

            session.Terminal.EndProgress();
            if (result.GetValue(json))
            {
                session.Terminal.Output.WriteLine(JsonSerializer.Serialize(report, ReportJson.Default.BenchReport));
            }
            else
            {
                Print(report, session.Terminal.Output);
            }
        });
        return command;
    }

    /// <summary>A published shape, cut down to the prior that is to be measured.</summary>
    private static ModelDescription Describe(string shape, int? level)
    {
        ModelDescription model = PublishedModels.Describe(shape == UpsamplerShape ? "1b_lyrics" : shape);
        int? only = level ?? (shape == UpsamplerShape ? 1 : null);
        return model with { Name = shape, Priors = [.. model.Priors.Where(prior => only is null || prior.Level == only)] };
    }

    /// <summary>What is trained: a preset, a published shape, or that of a model folder.</summary>
    private static ModelDescription DescriptionOf(string? preset, string? shape, MachineOptions machine, ParseResult result)
    {
        if (preset is not null)
        {
            return TrainingBench.ModelOf(preset);
        }

        if (shape is not null)
        {
            return Describe(shape, null);
        }

        using var folder = ModelFolder.Open(machine.ModelFolder(result));
        return folder.Description;
    }

    private static BenchReport MeasureTraining(Session session, IBackend backend, ModelDescription model, int? only, int batchSize)
    {
        ITrainingBackend device = backend.Training ?? throw new UsageException($"--train: {backend.Name} cannot train; use --device cpu.");
        session.Terminal.Progress(() => "measuring the machine", force: true);
        MachineLimits limits = Devices.Measure(backend);
        var rows = new List<BenchRow>();
        foreach (PriorSpec prior in only is null && model.Priors.Length == 0 ? [] : PriorsOf(model, only))
        {
            CheckMemory(session, backend, prior, TrainingBench.MemoryOf(model, prior, batchSize), "use a smaller --batch-size, or a smaller shape");
            session.Terminal.Progress(() => $"training level {prior.Level}", force: true);
            rows.Add(TrainingBench.Prior(device, model, prior, batchSize, limits));
        }

        session.Terminal.Progress(() => "training the VQ-VAE", force: true);
        rows.Add(TrainingBench.VqVae(device, model, batchSize, limits));
        return ReportOf(backend, model, "f32", limits, rows, []);
    }

    private static PriorSpec[] PriorsOf(ModelDescription model, int? only)
    {
        PriorSpec[] priors = [.. model.Priors.Where(prior => only is null || prior.Level == only).OrderByDescending(prior => prior.Level)];
        return priors.Length > 0 ? priors
            : model.Priors.Length == 0 ? throw new UsageException($"The model '{model.Name}' has no priors to measure.")
            : throw new UsageException($"--level {only}: the model has priors for levels {string.Join(", ", model.Priors.Select(prior => prior.Level))}.");
    }

    private static BenchReport ReportOf(
        IBackend backend, ModelDescription model, string storage, MachineLimits limits, List<BenchRow> rows, List<BenchLevel> levels) => new()
        {
            Device = backend.Name,
            Model = model.Name,
            Storage = storage,
            ReadBytesPerSecond = limits.ReadBytesPerSecond,
            PeakOperationsPerSecond = limits.FlopsPerSecond,
            Rows = [.. rows],
            Levels = [.. levels],
        };

    private static BenchReport Measure(Session session, IBackend backend, string path, int? only, BenchSizes sizes)
    {
        session.Terminal.Progress(() => "measuring the machine", force: true);
        MachineLimits limits = Devices.Measure(backend);
        using var folder = ModelFolder.Open(path);
        ModelDescription model = folder.Description;
        PriorSpec[] priors = PriorsOf(model, only);
        var rows = new List<BenchRow>();
        var levels = new List<BenchLevel>();
        foreach (PriorSpec prior in priors)
        {
            WeightStorage storage = Requirements.StorageOf(folder, prior.Level, backend);
            long needed = Requirements.MemoryOf(prior, folder, backend, sizes.Batch, Prior.DefaultChunkLength).TotalBytes + Requirements.OverheadBytes;
            CheckMemory(session, backend, prior, needed, "use a smaller --batch-size, or --dtype bf16");
            session.Terminal.Progress(() => $"measuring level {prior.Level}", force: true);
            PriorTimes times = PriorBench.Measure(backend, folder, prior.Level, sizes.Batch, sizes.Prime, sizes.Decode, session.Cancellation);
            rows.AddRange(Rows(prior, model, storage, sizes.Batch, times, limits));
            rows.AddRange(VqVaeBench.Measure(backend, folder, prior.Level, limits));
            levels.Add(BenchReport.LevelOf(prior, model, sizes.Batch, times));
        }

        return ReportOf(backend, model, Requirements.StorageOf(folder, priors[0].Level, backend).PackedType.ToString().ToLowerInvariant(), limits, rows, levels);
    }

    private static void CheckMemory(Session session, IBackend backend, PriorSpec prior, long needed, string mend)
    {
        long available = session.Limits.Of(backend).AvailableMemoryBytes();
        if (needed > available)
        {
            throw new StudioException(
                $"Not enough memory: level {prior.Level} needs {Readable.Bytes(needed)} and {Readable.Bytes(available)} are available; {mend}.");
        }
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

    private static void Print(BenchReport report, TextWriter output)
    {
        output.WriteLine($"{report.Model}, {report.Storage}, on {report.Device}");
        output.WriteLine($"limits in this run: {Readable.Bytes((long)report.ReadBytesPerSecond)}/s read, {Readable.Scaled(report.PeakOperationsPerSecond)}FLOP/s");
        output.WriteLine("level  phase         batch  tokens   tokens/s    GB/s  GFLOP/s  bandwidth   peak");
        foreach (BenchRow row in report.Rows)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Level,5}  {row.Phase,-12}  {row.BatchSize,5}  {row.Tokens,6}  {row.TokensPerSecond,9:0.00}  {row.BytesPerSecond / 1e9,6:0.0}  {row.OperationsPerSecond / 1e9,7:0.0}  {row.BandwidthShare,9:P0}  {row.PeakShare,5:P0}"));
        }

        foreach (BenchLevel level in report.Levels)
        {
            output.WriteLine(
                $"level {level.Level}: {Readable.Rate(level.ComputingSecondsPerAudioSecond)} s of computing per second of audio and item (batch {level.BatchSize}, windows hop {level.HopFraction})");
        }
    }
}

using System.CommandLine;
using System.Globalization;
using Jukebox.Cli.Options;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Tensors;
using Jukebox.Core.Text;
using Jukebox.Models.Format;
using Jukebox.Studio.Bench;
using Jukebox.Training.Settings;

namespace Jukebox.Cli.Commands;

/// <summary><c>bench</c>: tokens per second and share of the machine's limit, by level and phase.</summary>
internal static class BenchCommand
{
    public static Command Create(Session session)
    {
        Option<string?> shape = new("--shape")
        {
            Description = "Random weights in a published shape, written to a temporary folder and deleted: 5b, 5b_lyrics, 1b_lyrics or upsampler (level 1 "
                + "alone). [default: the model of --model]",
        };
        shape.AcceptOnlyFromAmong([.. PublishedModels.Names, BenchModel.UpsamplerShape]);
        var storage = new Option<ElementType>("--dtype") { Description = "How the random weights are stored.", DefaultValueFactory = _ => ElementType.BF16 };
        storage.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "f32", "bf16", "f16");
        var scratch = new Option<string>("--scratch")
        {
            Description = "Where the random weights are written.",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => Path.GetTempPath(),
        };
        var level = new Option<int?>("--level") { Description = "Only this level. [default: all]", HelpName = "L" }.Within(0, 63);
        var batch = new Option<int>("--batch-size", "-b") { Description = "Items side by side.", HelpName = "N", DefaultValueFactory = _ => 1 }.Within(1, 4096);
        var prime = new Option<int>("--prime")
        {
            Description = "Known tokens to load, at most half a window.",
            HelpName = "TOKENS",
            DefaultValueFactory = _ => 512,
        }.Within(1, 1 << 20);
        var decode = new Option<int>("--decode") { Description = "Tokens to draw after that.", HelpName = "TOKENS", DefaultValueFactory = _ => 64 }.Within(1, 1 << 20);
        var train = new Option<bool>("--train") { Description = "Steps of training instead, forward and backward, on the processor; weights and codes are random." };
        var preset = new Option<string?>("--preset")
        {
            Description = "With --train: the shape of one of train's presets. [default: the model of --model]",
            HelpName = "NAME",
        };
        preset.AcceptOnlyFromAmong([.. TrainingPresets.Names]);
        Option<bool> json = CommonOptions.Json();
        var machine = new MachineOptions();
        var embedding = new EmbeddingBenchOptions();
        var command = new CommandWithExample(
            "bench", "Measures tokens per second and the share of the machine's limit, by level and phase.", "bench --shape 1b_lyrics --level 2")
        {
            shape, storage, scratch, level, batch, prime, decode, train, preset, json,
        };
        embedding.AddTo(command);
        machine.AddTo(command);
        command.SetAction(result =>
        {
            var sizes = new BenchSizes(result.GetValue(batch), result.GetValue(prime), result.GetValue(decode));
            using IBackend backend = machine.OpenBackend(result, session);
            if (result.GetValue(preset) is not null && !result.GetValue(train))
            {
                throw new UsageException("--preset goes with --train; --shape says what else is to be measured.");
            }

            if (embedding.SizesOf(result) is { } wanted)
            {
                if (result.GetValue(train))
                {
                    throw new UsageException("--embed and --train measure different things: give one of them.");
                }

                EmbeddingReport activations;
                if (result.GetValue(shape) is { } named)
                {
                    activations = EmbeddingBench.MeasureShape(
                        backend, named, result.GetValue(storage), result.GetRequiredValue(scratch), wanted, session.Limits, Show, session.Cancellation);
                }
                else
                {
                    using var folder = ModelFolder.Open(machine.ModelFolder(result));
                    activations = EmbeddingBench.Measure(backend, folder, result.GetValue(level), wanted, session.Limits, Show, session.Cancellation);
                }

                session.Tell(activations, ReportJson.Default.EmbeddingReport, result.GetValue(json), EmbeddingBenchOptions.Print);
                return;
            }

            BenchReport report;
            if (result.GetValue(train))
            {
                ModelDescription model = DescriptionOf(result.GetValue(preset), result.GetValue(shape), machine, result);
                report = TrainingBench.Measure(backend, model, result.GetValue(level), sizes.Batch, session.Limits, Show);
            }
            else if (result.GetValue(shape) is { } name)
            {
                report = ModelBench.MeasureShape(
                    backend, name, result.GetValue(storage), result.GetRequiredValue(scratch), result.GetValue(level), sizes, session.Limits, Show, session.Cancellation);
            }
            else
            {
                using var folder = ModelFolder.Open(machine.ModelFolder(result));
                report = ModelBench.Measure(backend, folder, result.GetValue(level), sizes, session.Limits, Show, session.Cancellation);
            }

            session.Tell(report, ReportJson.Default.BenchReport, result.GetValue(json), Print);
        });
        return command;

        void Show(string text) => session.Terminal.Progress(() => text, force: true);
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
            return BenchModel.Describe(shape, null);
        }

        using var folder = ModelFolder.Open(machine.ModelFolder(result));
        return folder.Description;
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
                $"{row.Level,5}  {row.Phase,-12}  {row.BatchSize,5}  {row.Tokens,6}  {row.TokensPerSecond,9:0.00}  {row.BytesPerSecond / 1e9,6:0.0}  "
                + $"{row.OperationsPerSecond / 1e9,7:0.0}  {row.BandwidthShare,9:P0}  {row.PeakShare,5:P0}"));
        }

        foreach (BenchLevel level in report.Levels)
        {
            output.WriteLine(
                $"level {level.Level}: {Readable.Rate(level.ComputingSecondsPerAudioSecond)} s of computing per second of audio and item (batch "
                + $"{level.BatchSize}, windows hop {level.HopFraction})");
        }
    }
}

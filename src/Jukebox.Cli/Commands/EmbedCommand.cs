using System.CommandLine;
using Jukebox.Cli.Options;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Recordings.Embeddings;
using Jukebox.Studio.Embeddings;

namespace Jukebox.Cli.Commands;

/// <summary><c>embed AUDIO… --output FOLDER</c>: a top prior's activations as vectors, for music analysis.</summary>
internal static class EmbedCommand
{
    private const int ListLimitBytes = 1 << 30;

    public static Command Create(Session session)
    {
        Argument<string[]> audio = CommonOptions.Path<string[]>(
            "AUDIO", "Recordings of any format and rate, stretches of them (file@12.5-36.5), folders, song folders; - for standard input.");
        audio.Arity = ArgumentArity.ZeroOrMore;
        var list = new Option<string?>("--list") { Description = "File with a path a line; - for standard input.", HelpName = "FILE" };
        var output = new Option<string?>("--output", "-o") { Description = "Folder of the vectors, with the tree of the recordings.", HelpName = "FOLDER" };
        var name = new Option<string>("--name") { Description = "Names of the results: stem (a.wav becomes a.npy) or full (a.wav.npy).", DefaultValueFactory = _ => "stem" };
        name.AcceptOnlyFromAmong("stem", "full");
        Option<int?> batch = new Option<int?>("--batch", "-b") { Description = "Windows that go through a layer together; changes speed and memory, not results. [default: up to 4]", HelpName = "N" }.Within(1, 4096);
        var shard = new Option<string?>("--shard") { Description = "This part of the inputs only, I/N; auto asks Slurm, PBS or Kubernetes.", HelpName = "I/N|auto" };
        Option<int?> shards = new Option<int?>("--shards") { Description = "With --shard auto: how many parts there are, where the scheduler does not say.", HelpName = "N" }.Within(1, 1 << 20);
        Option<bool> force = CommonOptions.Force();
        var retry = new Option<bool>("--retry-failed") { Description = "Try inputs again that failed before." };
        var stop = new Option<bool>("--stop-at-first") { Description = "End at the first input that fails. [default: go on, a line each]" };
        var hash = new Option<bool>("--hash") { Description = "Note the SHA-256 of each recording." };
        var plan = new Option<bool>("--plan") { Description = "Say what it takes, and compute nothing." };
        var noTime = new Option<bool>("--no-time") { Description = "With --plan: no reckoning of time, for which the machine is measured." };
        var print = new Option<bool>("--print-settings") { Description = "Print the settings as JSON and do nothing." };
        var check = new Option<string?>("--check") { Description = "Look at a folder of results instead: what is missing, failed or not what was written.", HelpName = "FOLDER" };
        var merge = new Option<string?>("--merge") { Description = $"The same, and join the manifests of all parts into {EmbedCheckup.MergedFileName}.", HelpName = "FOLDER" };
        Option<bool> json = CommonOptions.Json();
        var settings = new EmbeddingOptions();
        var machine = new MachineOptions();
        var command = new CommandWithExample(
            "embed", "Turns recordings into vectors for music analysis: activations of the top prior.", "embed recordings --preset jukemir --layers 12 --output vectors")
        {
            audio, list, output, name,
        };
        settings.AddTo(command);
        foreach (Option option in (Option[])[batch, shard, shards, force, retry, stop, hash, plan, noTime, print, check, merge, json])
        {
            command.Options.Add(option);
        }

        machine.AddTo(command);
        command.SetAction(result =>
        {
            if ((result.GetValue(check) ?? result.GetValue(merge)) is { } results)
            {
                return Look(session, results, result.GetValue(merge) is not null, result.GetValue(json));
            }

            using var model = ModelFolder.Open(machine.ModelFolder(result));
            EmbeddingSettings chosen = settings.Settings(result, EmbeddingCheck.TopOf(model.Description, model.Path).Transformer.Depth);
            EmbeddingCheck.Require(chosen, model.Description, model.Path, settings.HasLayers(result));
            if (result.GetValue(print))
            {
                session.Terminal.Output.WriteLine(chosen.ToJson());
                return ExitCode.Success;
            }

            string[] named = result.GetValue(audio) ?? [], listed = Listed(result.GetValue(list));
            if (named.Length + listed.Length == 0)
            {
                throw new UsageException("There is nothing to embed: name recordings, folders or songs, or a --list of them.");
            }

            string folder = result.GetValue(output) ?? (result.GetValue(plan) ? "." : throw new UsageException("--output FOLDER is needed: where the vectors go."));
            EmbedInput[] inputs = EmbedInputs.Find(named, listed, result.GetValue(name) == "full", chosen, session.Terminal.Note, session.Cancellation);
            using IBackend backend = machine.OpenBackend(result, session);
            var options = new EmbedOptions
            {
                Folder = folder,
                Shard = EmbedShard.Parse(result.GetValue(shard), result.GetValue(shards), Environment.GetEnvironmentVariable),
                Batch = result.GetValue(batch),
                Force = result.GetValue(force),
                RetryFailed = result.GetValue(retry),
                StopAtFirst = result.GetValue(stop),
                Hash = result.GetValue(hash),
                Times = settings.Times(result),
                Threads = machine.Threads(result),
                Storage = EmbedJob.StorageOf(backend, model),
            };
            if (!result.GetValue(plan))
            {
                return Run(session, backend, model, inputs, chosen, options, result.GetValue(json));
            }

            var needs = EmbedPlan.Of(backend, model, inputs, chosen, options, session.Limits, isTimed: !result.GetValue(noTime), session.Cancellation);
            session.Tell(needs, ReportJson.Default.EmbedPlan, result.GetValue(json), EmbedText.Print);
            return ExitCode.Success;
        });
        return command;
    }

    private static int Run(Session session, IBackend backend, ModelFolder model, EmbedInput[] inputs, EmbeddingSettings settings, EmbedOptions options, bool json)
    {
        EmbedReport report;
        try
        {
            report = EmbedJob.Run(
                backend, model, inputs, settings, options, session.Limits, session.Terminal.Note,
                at => session.Terminal.Progress(() => EmbedText.Progress(at)), session.Cancellation);
        }
        catch (OperationCanceledException)
        {
            session.Terminal.EndProgress();
            session.Terminal.Note("Stopped; what was in hand is dropped, and everything before is kept: the same command goes on.");
            throw;
        }

        session.Tell(report, ReportJson.Default.EmbedReport, json, EmbedText.Print);
        if (report.Failed > 0)
        {
            session.Terminal.Note($"{report.Failed} of {report.Inputs} {(report.Inputs == 1 ? "input" : "inputs")} failed; {report.Manifest} says why, a line each, and --retry-failed tries them again.");
        }

        return report.Failed > 0 ? ExitCode.Failed : ExitCode.Success;
    }

    private static int Look(Session session, string folder, bool merge, bool json)
    {
        var checkup = EmbedCheckup.Of(folder, (done, all) => session.Terminal.Progress(() => $"{done} of {all} inputs looked at"), session.Cancellation);
        string? merged = merge ? checkup.Merge(folder) : null;
        session.Tell(checkup, ReportJson.Default.EmbedCheckup, json, (report, output) => EmbedText.Print(report, merged, output));
        return checkup.Problems.Length == 0 ? ExitCode.Success : ExitCode.Failed;
    }

    private static string[] Listed(string? path)
    {
        if (path is null)
        {
            return [];
        }

        string text = path == "-" ? Console.In.ReadToEnd() : TextFile.Read(path, ListLimitBytes, "give a path a line, as UTF-8");
        return [.. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
    }
}

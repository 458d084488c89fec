using System.CommandLine;
using Jukebox.Cli.Options;
using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Recordings.Evaluation;
using Jukebox.Studio.Models;
using Jukebox.Studio.Recordings;

namespace Jukebox.Cli.Commands;

/// <summary><c>evaluate MODEL AUDIO...</c>: what a model keeps of recordings, and how well it predicts them.</summary>
internal static class EvaluateCommand
{
    public static Command Create(Session session)
    {
        Argument<string> model = CommonOptions.Path<string>("MODEL", "Model folder.");
        Argument<string[]> audio = CommonOptions.Path<string[]>("AUDIO", "Recordings of any format and rate, or folders of them.");
        audio.Arity = ArgumentArity.OneOrMore;
        var manifest = new Option<string?>("--manifest")
        {
            Description = "Table with the columns file, artist, genre, lyrics and split, tab-separated. [default: a folder's manifest.tsv, if it has one]",
            HelpName = "FILE",
        };
        var split = new Option<string?>("--split")
        {
            Description = "Only recordings that the table has under this split: train or valid. [default: all]",
            HelpName = "NAME",
        };
        split.AcceptOnlyFromAmong("train", "valid");
        var seconds = new Option<double?>("--seconds")
        {
            Description = "Most seconds taken of a recording, from its start. [default: all]",
            HelpName = "SECONDS",
        }.Within(1e-3, 1e6);
        var noPriors = new Option<bool>("--no-priors") { Description = "Measure the VQ-VAE alone, which takes much less time." };
        var hop = new Option<double>("--hop-fraction")
        {
            Description = "New tokens of each further window over its length; less gives tokens more context.",
            DefaultValueFactory = _ => 0.5,
        }.Within(1e-6, 1);
        var output = new Option<string?>("--output", "-o") { Description = "Folder for the reconstructions: level_L/NAME.wav. [default: none]", HelpName = "FOLDER" };
        Option<bool> force = CommonOptions.Force();
        Option<bool> json = CommonOptions.Json();
        var machine = new MachineOptions();
        var command = new CommandWithExample(
            "evaluate",
            "Measures a model on recordings: signal over error, spectral convergence and codebook usage of each level, and bits per token of its priors "
            + "against the entropy of the codes.",
            "evaluate weights/tiny recording.wav --seconds 30")
        {
            model, audio, manifest, split, seconds, noPriors, hop, output, force, json,
        };
        machine.AddTo(command, withModel: false);
        command.SetAction(result =>
        {
            EvaluationTrack[] tracks = RecordingFinder.Find(result.GetRequiredValue(audio), result.GetValue(manifest), result.GetValue(split), session.Terminal.Note, session.Cancellation);
            using IBackend backend = machine.OpenBackend(result, session);
            using var folder = ModelFolder.Open(ModelLocator.Find(result.GetRequiredValue(model)));
            EvaluationReport report = Evaluator.Run(
                folder,
                backend,
                tracks,
                new EvaluationOptions
                {
                    Seconds = result.GetValue(seconds),
                    Priors = !result.GetValue(noPriors),
                    HopFraction = result.GetValue(hop),
                    OutputFolder = result.GetValue(output),
                    Force = result.GetValue(force),
                },
                line => session.Terminal.Progress(() => line),
                session.Cancellation,
                session.Terminal.Note);
            session.Terminal.EndProgress();
            foreach (SkippedFile skipped in report.Skipped)
            {
                session.Terminal.Note($"Skipped: {skipped.Reason}");
            }

            foreach (string label in report.UnknownLabels)
            {
                session.Terminal.Note($"Not known to the model, and counted as unknown: {label}");
            }

            session.Tell(report, ReportJson.Default.EvaluationReport, result.GetValue(json), EvaluationText.Write);
        });
        return command;
    }
}

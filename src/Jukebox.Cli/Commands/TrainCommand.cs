using System.CommandLine;
using Jukebox.Cli.Options;
using Jukebox.Core.Errors;
using Jukebox.Studio.Training;
using Jukebox.Training.Settings;

namespace Jukebox.Cli.Commands;

/// <summary><c>train vqvae</c> and <c>train prior</c>: a model of one's own.</summary>
internal static class TrainCommand
{
    public static Command Create(Session session)
    {
        var command = new CommandWithExample(
            "train", "Trains a model on a folder of audio: first its VQ-VAE, then a prior for each level.", "train vqvae --data music --output runs/vqvae");
        command.Subcommands.Add(CreateVqVae(session));
        command.Subcommands.Add(CreatePrior(session));
        command.Subcommands.Add(TrainExportCommand.Create(session));
        return command;
    }

    private static CommandWithExample CreateVqVae(Session session)
    {
        var options = new TrainOptions("tiny_vqvae");
        var from = new Option<string?>("--from") { Description = "Model folder whose VQ-VAE is trained further.", HelpName = "MODEL" };
        var levels = new Option<int[]>("--level", "-l")
        {
            Description = "Level to train further, while the others stay as they are; may be given more than once. [default: all]",
            HelpName = "L",
        }.EachWithin(0, 63);
        var command = new CommandWithExample(
            "vqvae", "Trains a VQ-VAE, which turns audio into codes and back.", "train vqvae --data music --output runs/vqvae --hours 8");
        options.AddTo(command);
        command.Options.Add(from);
        command.Options.Add(levels);
        command.SetAction(result => options.Carry(result, session, _ => Settings(options, levels, result), (backend, text, budget) =>
        {
            using TrainingJob job = options.Resume(result, TrainingKind.VqVae, from, levels) is { } folder
                ? TrainingJob.Resume(backend, folder, options.Run(result, folder), text.Voice, session.Cancellation)
                : TrainingJob.BeginVqVae(
                    backend, Settings(options, levels, result), result.GetValue(from), options.Run(result, session), text.Voice, session.Cancellation);
            text.Describe(job, backend);
            return text.Follow(job, budget, session.Cancellation);
        }));
        return command;
    }

    private static CommandWithExample CreatePrior(Session session)
    {
        var options = new TrainOptions("tiny_top");
        var level = new Option<int?>("--level", "-l") { Description = "Level whose codes it is to write. [default: the preset's]", HelpName = "L" }.Within(0, 63);
        var vqvae = new Option<string?>("--vqvae")
        {
            Description = "Model folder with the VQ-VAE to train on, and with the priors that the new one joins.",
            HelpName = "MODEL",
        };
        var from = new Option<string?>("--from")
        {
            Description = "Model folder whose prior of that level is trained further; new artists and genres get rows of their own.",
            HelpName = "MODEL",
        };
        var command = new CommandWithExample(
            "prior", "Trains the prior of one level, which writes codes.",
            "train prior --preset tiny_top --vqvae runs/vqvae/model --data music --output runs/top");
        command.Options.Add(vqvae);
        command.Options.Add(level);
        command.Options.Add(from);
        options.AddTo(command);
        command.SetAction(result => options.Carry(result, session, _ => Settings(options, level, result), (backend, text, budget) =>
        {
            using TrainingJob job = options.Resume(result, TrainingKind.Prior, from, vqvae, level) is { } folder
                ? TrainingJob.Resume(backend, folder, options.Run(result, folder), text.Voice, session.Cancellation)
                : TrainingJob.BeginPrior(
                    backend, Settings(options, level, result), Model(result, vqvae, from), result.GetValue(from) is not null, options.Run(result, session), text.Voice, session.Cancellation);
            text.Describe(job, backend);
            return text.Follow(job, budget, session.Cancellation);
        }));
        return command;
    }

    private static TrainingSettings Settings(TrainOptions options, Option<int[]> levels, ParseResult result)
    {
        TrainingSettings settings = options.Settings(result);
        return result.GetValue(levels) is { Length: > 0 } chosen ? settings with { TrainedLevels = [.. chosen.Order().Distinct()] } : settings;
    }

    private static TrainingSettings Settings(TrainOptions options, Option<int?> level, ParseResult result)
    {
        TrainingSettings settings = options.Settings(result);
        return settings.Prior is { } prior ? settings with { Prior = prior with { Level = result.GetValue(level) ?? prior.Level } } : settings;
    }

    /// <summary>A prior that is trained further stays in its model.</summary>
    private static string Model(ParseResult result, Option<string?> vqvae, Option<string?> from) => (result.GetValue(vqvae), result.GetValue(from)) switch
    {
        ({ } model, null) => model,
        (null, { } model) => model,
        (null, null) => throw new UsageException("Give the model whose VQ-VAE the prior is trained on with --vqvae MODEL ('train vqvae' makes one)."),
        _ => throw new UsageException("--from names a model with its VQ-VAE; leave --vqvae out."),
    };
}

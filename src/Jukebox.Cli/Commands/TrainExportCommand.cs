using System.CommandLine;
using Jukebox.Core.Tensors;
using Jukebox.Training.Export;

namespace Jukebox.Cli.Commands;

/// <summary><c>train export RUN MODEL</c>: a model folder of a run's newest checkpoint.</summary>
internal static class TrainExportCommand
{
    public static Command Create(Session session)
    {
        Argument<string> run = CommonOptions.Path<string>("RUN", "Run folder; the run may be in progress.");
        Argument<string> model = CommonOptions.Path<string>(
            "MODEL",
            "Model folder to write. A prior joins the model that is there; with --force, levels of a VQ-VAE that were trained alone take their place in it.");
        var storage = new Option<ElementType?>("--dtype")
        {
            Description = "How a prior's matrices are stored: f32, f16 or bf16. [default: as the run's settings say]",
            HelpName = "TYPE",
        };
        storage.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "f32", "bf16", "f16");
        Option<bool> force = CommonOptions.Force();
        var command = new CommandWithExample("export", "Makes a model folder of a run's newest checkpoint.", "train export runs/top model") { run, model, storage, force };
        command.SetAction(result =>
        {
            string path = result.GetRequiredValue(model);
            long step = ModelExport.Export(result.GetRequiredValue(run), path, result.GetValue(storage), result.GetValue(force), session.Terminal.Note);
            session.Terminal.Note($"{path} holds the averaged weights of step {step}.");
            session.Terminal.Output.WriteLine(path);
        });
        return command;
    }
}

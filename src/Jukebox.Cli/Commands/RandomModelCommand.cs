using System.CommandLine;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Studio.Bench;

namespace Jukebox.Cli.Commands;

/// <summary><c>random-model SHAPE FOLDER</c>, for developers: a model folder of random weights.</summary>
internal static class RandomModelCommand
{
    public static Command Create(Session session)
    {
        var shape = new Argument<string>("SHAPE") { Description = $"{BenchModel.NoiseShape}, which is small and has everything, or a published model." };
        shape.AcceptOnlyFromAmong([BenchModel.NoiseShape, .. PublishedModels.Names]);
        Argument<string> folder = CommonOptions.Path<string>("FOLDER", "Folder to write.");
        var storage = new Option<ElementType>("--dtype") { Description = "How matrices are stored.", DefaultValueFactory = _ => ElementType.F32 };
        storage.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "f32", "bf16", "f16");
        var command = new CommandWithExample("random-model", "Writes a model folder of random weights.", "random-model noise models/noise") { shape, folder, storage };
        command.Hidden = true;
        command.SetAction(result =>
        {
            string path = result.GetRequiredValue(folder);
            BenchModel.Write(result.GetRequiredValue(shape), path, result.GetValue(storage), session.Limits);
            session.Terminal.Output.WriteLine(path);
        });
        return command;
    }
}

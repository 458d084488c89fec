using Jukebox.Core;
using Jukebox.Core.ModelFormat;

namespace Jukebox.Cli.Bench;

/// <summary>Model folders of random weights.</summary>
internal static class BenchModel
{
    /// <summary>Writes the shape of that name, after seeing that the disk has room.</summary>
    public static void Write(string shape, string folder, ElementType storage, MachineResources limits)
    {
        if (shape == "tiny")
        {
            RandomModel.Write(TinyModel.Description, folder, TinyModel.Seed, storage, TinyModel.LabelFiles());
            return;
        }

        ModelDescription description = PublishedModels.Describe(shape) with { Origin = $"random numbers in the shape of {shape}", Licence = "none" };
        Write(description, folder, storage, limits);
    }

    /// <summary>Writes any description with random weights, after seeing that the disk has room.</summary>
    public static void Write(ModelDescription description, string folder, ElementType storage, MachineResources limits)
    {
        long needed = RandomModel.LengthBytes(description, storage), free = limits.FreeDiskBytes(folder);
        if (needed > free)
        {
            throw new CommandException(
                $"Not enough disk space: weights in the shape of {description.Name} need {Readable.Bytes(needed)} and {Readable.Bytes(free)} are free at '{folder}'; make room, or use --dtype bf16.");
        }

        RandomModel.Write(description, folder, seed: 1, storage);
    }
}

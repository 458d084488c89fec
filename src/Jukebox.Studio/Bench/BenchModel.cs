using Jukebox.Core.Tensors;
using Jukebox.Core.Text;
using Jukebox.Models.Format;
using Jukebox.Studio.Devices;

namespace Jukebox.Studio.Bench;

/// <summary>Model folders of random weights.</summary>
internal static class BenchModel
{
    /// <summary>Name of <see cref="NoiseModel"/> among the shapes.</summary>
    public const string NoiseShape = "noise";

    /// <summary>Writes the shape of that name, after seeing that the disk has room.</summary>
    public static void Write(string shape, string folder, ElementType storage, MachineResources limits)
    {
        if (shape == NoiseShape)
        {
            NoiseModel.Write(folder);
            return;
        }

        Write(PublishedModels.Describe(shape), folder, storage, limits);
    }

    /// <summary>Writes any description with random weights, after seeing that the disk has room.</summary>
    public static void Write(ModelDescription description, string folder, ElementType storage, MachineResources limits)
    {
        long needed = LengthBytes(description, storage), free = limits.FreeDiskBytes(folder);
        if (needed > free)
        {
            throw new StudioException(
                $"Not enough disk space: weights in the shape of {description.Name} need {Readable.Bytes(needed)} and {Readable.Bytes(free)} are free at '{folder}'; make room, or use --dtype bf16.");
        }

        RandomModel.Write(folder, description, seed: 1, storage);
    }

    /// <summary>Bytes of the weight files, but for their headers.</summary>
    public static long LengthBytes(ModelDescription description, ElementType storage) =>
        TensorTable.Of(description.VqVae).Sum(entry => entry.StoredShape.LengthElements * sizeof(float))
        + description.Priors.SelectMany(prior => TensorTable.Of(prior, description.VqVae))
            .Sum(entry => entry.StoredShape.LengthElements * (entry.MayBeNarrow ? storage : ElementType.F32).LengthBytes());
}

using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Studio.Devices;

namespace Jukebox.Studio.Bench;

/// <summary>Model folders of random weights.</summary>
public static class BenchModel
{
    /// <summary>Name of <see cref="NoiseModel"/> among the shapes.</summary>
    public const string NoiseShape = "noise";

    /// <summary>Name of the shape of one published prior that upsamples.</summary>
    public const string UpsamplerShape = "upsampler";

    /// <summary>A published shape, cut down to the prior that is to be measured.</summary>
    /// <param name="shape">A published model's name, or <see cref="UpsamplerShape"/>, which is its level 1 alone.</param>
    /// <param name="onlyLevel">The level whose prior is kept, or none for all.</param>
    public static ModelDescription Describe(string shape, int? onlyLevel)
    {
        ModelDescription model = PublishedModels.Describe(shape == UpsamplerShape ? "1b_lyrics" : shape);
        int? only = onlyLevel ?? (shape == UpsamplerShape ? 1 : null);
        return model with { Name = shape, Priors = [.. model.Priors.Where(prior => only is null || prior.Level == only)] };
    }

    /// <summary>Writes the shape of that name, after seeing that the disk has room.</summary>
    /// <param name="shape"><see cref="NoiseShape"/>, or a published model's name.</param>
    /// <param name="folder">Folder to write.</param>
    /// <param name="storage">How matrices are stored; the noise model's are f32.</param>
    /// <param name="limits">What the machine has to spare.</param>
    /// <exception cref="StudioException">The disk is short of room.</exception>
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
    /// <exception cref="StudioException">The disk is short of room.</exception>
    public static void Write(ModelDescription description, string folder, ElementType storage, MachineResources limits)
    {
        long needed = LengthBytes(description, storage), free = limits.FreeDiskBytes(folder);
        if (needed > free)
        {
            throw Shortage.OfDisk($"weights in the shape of {description.Name} need", needed, free, folder, "make room, or use --dtype bf16");
        }

        RandomModel.Write(folder, description, seed: 1, storage);
    }

    /// <summary>Bytes of the weight files, but for their headers.</summary>
    public static long LengthBytes(ModelDescription description, ElementType storage) =>
        TensorTable.Of(description.VqVae).Sum(entry => entry.StoredShape.LengthElements * sizeof(float))
        + description.Priors.SelectMany(prior => TensorTable.Of(prior, description.VqVae))
            .Sum(entry => entry.StoredShape.LengthElements * (entry.MayBeNarrow ? storage : ElementType.F32).LengthBytes());
}

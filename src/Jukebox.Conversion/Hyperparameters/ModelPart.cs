using Jukebox.Conversion.Containers;
using Jukebox.Core.Errors;

namespace Jukebox.Conversion.Hyperparameters;

/// <summary>What a part of a source is.</summary>
public enum PartKind
{
    /// <summary>The VQ-VAE.</summary>
    VqVae,

    /// <summary>The prior of one level.</summary>
    Prior,
}

/// <summary>
/// The tensors of one VQ-VAE or prior under the reference's names, wherever they come from.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">File or folder, for messages.</param>
/// <param name="Tensors">Tensors by the reference's name.</param>
/// <param name="Hyperparameters">Hyperparameters under the reference's keys, if the source has any.</param>
/// <param name="Level">Level that the source's place or name states, if it does.</param>
public sealed record ModelPart(
    PartKind Kind,
    string Path,
    IReadOnlyDictionary<string, SourceTensor> Tensors,
    IReadOnlyDictionary<string, object?>? Hyperparameters,
    int? Level)
{
    /// <summary>Whether the tensors are laid out as our own model folder has them, convolutions repacked.</summary>
    public bool IsStored { get; init; }

    /// <summary>The part that a checkpoint file of the reference holds.</summary>
    /// <exception cref="DamagedFileException">It is neither a VQ-VAE nor a prior.</exception>
    public static ModelPart FromCheckpoint(Checkpoint checkpoint)
    {
        var tensors = new Dictionary<string, SourceTensor>(StringComparer.Ordinal);
        foreach ((string name, SourceTensor tensor) in checkpoint.Tensors)
        {
            if (!tensors.TryAdd(NormaliseName(name), tensor))
            {
                throw checkpoint.File.Damaged(tensor.OffsetBytes, $"two tensors stand for '{Text.Quote(NormaliseName(name))}'", "name a checkpoint of Jukebox");
            }
        }

        bool isVqVae = tensors.Keys.Any(name => name.StartsWith("bottleneck.", StringComparison.Ordinal));
        bool isPrior = tensors.Keys.Any(name => name.StartsWith("prior.", StringComparison.Ordinal));
        if (isVqVae == isPrior)
        {
            throw checkpoint.File.Damaged(
                -1, $"its tensors ({Text.List([.. tensors.Keys.Order(StringComparer.Ordinal)], 3)}) are {(isVqVae ? "those of a VQ-VAE and of a prior at "
                    + "once" : "neither those of a VQ-VAE nor those of a prior")}",
                "name a checkpoint of Jukebox");
        }

        return new ModelPart(
            isVqVae ? PartKind.VqVae : PartKind.Prior, checkpoint.File.Path, tensors, checkpoint.Hyperparameters, isVqVae ? null : CheckpointFiles.LevelOf(checkpoint.File.Path));
    }

    /// <summary>Residual blocks of the conditioner are saved as <c>blocks</c> or, without gradient checkpointing, as <c>model</c>.</summary>
    public static string NormaliseName(string name)
    {
        const string prefix = "conditioner_blocks.0.cond.model.";
        if (!name.StartsWith(prefix, StringComparison.Ordinal))
        {
            return name;
        }

        string[] parts = name[prefix.Length..].Split('.');
        return parts is [_, "0", "model", ..] ? $"{prefix}{parts[0]}.0.blocks.{string.Join('.', parts[3..])}" : name;
    }
}

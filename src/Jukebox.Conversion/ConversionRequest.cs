using Jukebox.Conversion.Targets;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Conversion;

/// <summary>What to convert, and how.</summary>
public sealed record ConversionRequest
{
    /// <summary>Files and folders: see <see cref="Sources.SourceCollector"/>.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>What to write.</summary>
    public TargetFormat Target { get; init; }

    /// <summary>The folder to write.</summary>
    public required string Output { get; init; }

    /// <summary>The published set that the sources belong to: fills in hyperparameters that they lack.</summary>
    public string? PublishedName { get; init; }

    /// <summary>
    /// Storage of the priors' matrices; the VQ-VAE, biases and norms are f32. None is f32 in a model folder, and in
    /// checkpoints as the source has each tensor.
    /// </summary>
    public ElementType? Type { get; init; }

    /// <summary>Folder with label tables.</summary>
    public string? LabelFolder { get; init; }

    /// <summary>Level of the one prior among the sources.</summary>
    public int? Level { get; init; }

    /// <summary>Name in the description.</summary>
    public string? Name { get; init; }

    /// <summary>Licence in the description.</summary>
    public string? Licence { get; init; }

    /// <summary>Whether tensors may be larger than what their files hold of them.</summary>
    public bool AllowExpansion { get; init; }

    /// <summary>Whether an existing folder of the same kind may be replaced.</summary>
    public bool Force { get; init; }
}

/// <summary>How far a conversion is.</summary>
/// <param name="Activity">What is being done.</param>
/// <param name="DoneBytes">Bytes read so far.</param>
/// <param name="TotalBytes">Bytes to read in all.</param>
public readonly record struct ConversionProgress(string Activity, long DoneBytes, long TotalBytes);

/// <summary>A source file as it was found.</summary>
public sealed record SourceReport(string Path, string Format, FileDigest Digest);

/// <summary>What a conversion did.</summary>
public sealed record ConversionReport
{
    /// <summary>The model as written.</summary>
    public required ModelDescription Description { get; init; }

    /// <summary>The source files.</summary>
    public required IReadOnlyList<SourceReport> Sources { get; init; }

    /// <summary>What the user should know; nothing of it prevented the conversion.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

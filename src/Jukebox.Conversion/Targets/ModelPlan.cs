using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Conversion.Targets;

/// <summary>One weight file to write.</summary>
/// <param name="Level">Level of the prior that it holds; none for the VQ-VAE.</param>
/// <param name="Tensors">Its tensors and their sources.</param>
/// <param name="Type">Storage of those that may be narrow, the others being f32; or none to store each as its source does.</param>
public sealed record PlannedFile(int? Level, IReadOnlyList<MatchedTensor> Tensors, ElementType? Type)
{
    /// <summary>Name of the file within the folder.</summary>
    public string NameIn(TargetFormat format) => (format, Level) switch
    {
        (TargetFormat.ModelFolder, null) => ModelDescription.VqVaeFileName,
        (TargetFormat.ModelFolder, { } level) => ModelDescription.PriorFileName(level),
        (_, null) => CheckpointFiles.VqVaeName,
        (_, { } level) => CheckpointFiles.PriorName(level),
    };

    /// <summary>Storage of one tensor.</summary>
    public ElementType TypeOf(MatchedTensor tensor) =>
        Type is not { } type ? tensor.Source.NearestType : tensor.Entry.MayBeNarrow ? type : ElementType.F32;

    /// <summary>Bytes of data to read.</summary>
    public long SourceBytes => Tensors.Sum(tensor => tensor.Source.LengthElements * tensor.Source.ElementBytes);

    /// <summary>Bytes of data to write.</summary>
    public long TargetBytes => Tensors.Sum(tensor => tensor.Source.LengthElements * TypeOf(tensor).LengthBytes());
}

/// <summary>What the model is and which files to write for it.</summary>
/// <param name="VqVae">The VQ-VAE, or what the priors imply of it.</param>
/// <param name="Priors">The priors by level.</param>
/// <param name="SampleRateHz">Samples per second of the audio.</param>
/// <param name="Files">The weight files.</param>
public sealed record ModelPlan(VqVaeSpec VqVae, IReadOnlyList<PriorSpec> Priors, int SampleRateHz, IReadOnlyList<PlannedFile> Files);

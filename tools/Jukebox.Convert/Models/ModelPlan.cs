using Jukebox.Core;
using Jukebox.Core.ModelFormat;

namespace Jukebox.Conversion.Models;

/// <summary>One weight file to write.</summary>
/// <param name="FileName">Name within the model folder.</param>
/// <param name="Tensors">Its tensors and their sources.</param>
/// <param name="Type">Storage of those that may be narrow.</param>
public sealed record PlannedFile(string FileName, IReadOnlyList<MatchedTensor> Tensors, ElementType Type)
{
    /// <summary>Storage of one tensor.</summary>
    public ElementType TypeOf(TensorEntry entry) => entry.MayBeNarrow ? Type : ElementType.F32;

    /// <summary>Bytes of data to read.</summary>
    public long SourceBytes => Tensors.Sum(tensor => tensor.Source.LengthElements * tensor.Source.ElementBytes);

    /// <summary>Bytes of data to write.</summary>
    public long TargetBytes => Tensors.Sum(tensor => tensor.Source.LengthElements * TypeOf(tensor.Entry).LengthBytes());
}

/// <summary>What the model is and which files to write for it.</summary>
/// <param name="VqVae">The VQ-VAE, or what the priors imply of it.</param>
/// <param name="Priors">The priors by level.</param>
/// <param name="SampleRateHz">Samples per second of the audio.</param>
/// <param name="Files">The weight files.</param>
public sealed record ModelPlan(VqVaeSpec VqVae, IReadOnlyList<PriorSpec> Priors, int SampleRateHz, IReadOnlyList<PlannedFile> Files);

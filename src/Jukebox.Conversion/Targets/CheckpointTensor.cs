using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Conversion.Targets;

/// <summary>One tensor of a checkpoint to write.</summary>
/// <param name="Name">The reference's name.</param>
/// <param name="Source">Its data, viewed with the reference's axes.</param>
/// <param name="Type">Storage of one element.</param>
/// <param name="Storage">Number of the storage; tensors with the same one share their data.</param>
internal sealed record CheckpointTensor(string Name, SourceTensor Source, ElementType Type, int Storage)
{
    /// <summary>Bytes of data.</summary>
    public long LengthBytes => Source.LengthElements * Type.LengthBytes();

    /// <summary>The tensors of a file in the reference's order, which lists the lyrics encoder before the prior proper.</summary>
    public static List<CheckpointTensor> Of(PlannedFile file)
    {
        var tensors = new List<CheckpointTensor>();
        foreach (MatchedTensor tensor in file.Tensors.OrderBy(tensor => tensor.Entry.Name.StartsWith("prior.", StringComparison.Ordinal)))
        {
            tensors.Add(new CheckpointTensor(tensor.Entry.Name, Unpack(tensor), file.TypeOf(tensor), tensors.Count));
        }

        // A model folder holds a tied output matrix once, a checkpoint under both names.
        if (!tensors.Exists(tensor => tensor.Name == TiedOutput.OutputName)
            && tensors.Find(tensor => tensor.Name == TiedOutput.EmbeddingName) is { } embedding)
        {
            tensors.Add(embedding with { Name = TiedOutput.OutputName });
        }

        return tensors;
    }

    /// <summary>From (taps, Cin, Cout) to what <see cref="TensorEntry.CheckpointShape"/> has.</summary>
    private static SourceTensor Unpack(MatchedTensor tensor) => tensor.Entry.Role switch
    {
        TensorRole.Convolution => tensor.Source.Permute(2, 1, 0),
        TensorRole.TransposedConvolution => tensor.Source.Permute(1, 2, 0),
        _ => tensor.Source,
    };
}

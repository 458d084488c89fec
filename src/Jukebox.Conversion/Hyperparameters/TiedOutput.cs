using System.Security.Cryptography;
using Jukebox.Conversion.Containers;
using Jukebox.Core.Tensors;

namespace Jukebox.Conversion.Hyperparameters;

/// <summary>The output matrix that most models share with their embedding, and which checkpoints hold under both names.</summary>
internal static class TiedOutput
{
    public const string EmbeddingName = "prior.x_emb.weight";
    public const string OutputName = "prior.x_out.weight";

    /// <summary>Whether output matrix and embedding are equal, or one of them is absent. Only data that the file holds is read.</summary>
    public static bool Equal(ModelPart part)
    {
        if (!part.Tensors.TryGetValue(EmbeddingName, out SourceTensor? embedding) || !part.Tensors.TryGetValue(OutputName, out SourceTensor? output))
        {
            return true;
        }

        bool sameData = embedding.File == output.File && embedding.OffsetBytes == output.OffsetBytes && embedding.Strides.SequenceEqual(output.Strides);
        return embedding.Sizes.SequenceEqual(output.Sizes)
            && (sameData || (!embedding.IsExpanded && !output.IsExpanded && Digest(embedding).AsSpan().SequenceEqual(Digest(output))));
    }

    private static byte[] Digest(SourceTensor tensor)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        new TensorCopier(hash.AppendData, _ => { }, CancellationToken.None).Copy(tensor, ElementType.F32);
        return hash.GetHashAndReset();
    }
}

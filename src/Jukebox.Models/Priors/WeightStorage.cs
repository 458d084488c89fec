using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Models.Priors;

/// <summary>How a prior's weights, and the keys and values that belong to them, lie on a device: what memory and traffic are reckoned from.</summary>
/// <param name="Backend">The device.</param>
/// <param name="Stored">How the weight file has its matrices.</param>
public readonly record struct WeightStorage(IBackend Backend, ElementType Stored)
{
    /// <summary>Of a prior's weight file: its matrices are all stored alike.</summary>
    public static WeightStorage Of(IBackend backend, WeightFile file) => new(backend, file["prior.transformer._attn_mods.0.mlp.c_fc.w"].Type);

    /// <summary>How the device stores the matrices of linear layers.</summary>
    public ElementType PackedType => Backend.PackedType(Stored);

    /// <summary>How it stores keys and values.</summary>
    public ElementType CacheType => Backend.CacheType(PackedType);

    /// <summary>Bytes of a tensor that is loaded as it is: embeddings, filters, biases, norms.</summary>
    public long LoadedBytes(TensorEntry entry) => entry.StoredShape.LengthElements * (entry.MayBeNarrow ? Stored : ElementType.F32).LengthBytes();

    /// <summary>Bytes of what is packed: the matrix of a linear layer, (Cin, Cout), or a table (K, C) that makes logits.</summary>
    public long PackedBytes(TensorEntry entry) => entry.Role == TensorRole.Linear
        ? Backend.PackedBytes(Stored, entry.StoredShape[0], entry.StoredShape[1])
        : Backend.PackedBytes(Stored, entry.StoredShape[1], entry.StoredShape[0]);

    /// <summary>Bytes of all weights of a prior. A table that embeds tokens and makes their logits counts twice: as it is, and packed.</summary>
    public long BytesOf(PriorSpec spec, VqVaeSpec vqvae)
    {
        string logits = TensorTable.LogitsOf(spec);
        long bytes = 0;
        foreach (TensorEntry entry in TensorTable.Of(spec, vqvae))
        {
            bool isPacked = entry.Role == TensorRole.Linear || entry.Name == logits || entry.Name == TensorTable.LyricsLogits;
            bool isLoaded = !isPacked || (entry.Name == logits && !spec.MergedDecoder);
            bytes += (isPacked ? PackedBytes(entry) : 0) + (isLoaded ? LoadedBytes(entry) : 0);
        }

        return bytes;
    }
}

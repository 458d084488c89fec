using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Models.Priors;

/// <summary>
/// What a prior has to read and to compute, from its hyperparameters: what a measured time is compared with the
/// machine's limits by.
/// </summary>
/// <param name="WeightBytes">Weights, read once whatever the batch.</param>
/// <param name="CacheBytes">Keys and values that the queries see.</param>
/// <param name="LinearOperations">Multiplications and additions of the linear layers.</param>
/// <param name="AttentionOperations">Multiplications and additions of the attention.</param>
public readonly record struct PriorTraffic(long WeightBytes, long CacheBytes, long LinearOperations, long AttentionOperations)
{
    /// <summary>Bytes read.</summary>
    public long Bytes => WeightBytes + CacheBytes;

    /// <summary>Multiplications and additions.</summary>
    public long Operations => LinearOperations + AttentionOperations;

    /// <summary>Drawing one token for each of <paramref name="batchSize"/> items at a position of the sequence.</summary>
    /// <param name="spec">The prior.</param>
    /// <param name="vqvae">Its VQ-VAE.</param>
    /// <param name="storage">How weights and caches are stored.</param>
    /// <param name="batchSize">Items side by side.</param>
    /// <param name="position">Position, lyrics of a shared sequence included.</param>
    public static PriorTraffic OfStep(PriorSpec spec, VqVaeSpec vqvae, in WeightStorage storage, int batchSize, int position) =>
        Of(spec, vqvae, storage, batchSize, position, 1, entry => IsBlockWeight(entry) || entry.Name == TensorTable.LogitsOf(spec));

    /// <summary>Taking <paramref name="count"/> known tokens from a position on: no logits.</summary>
    public static PriorTraffic OfPriming(PriorSpec spec, VqVaeSpec vqvae, in WeightStorage storage, int batchSize, int position, int count) =>
        Of(spec, vqvae, storage, batchSize, position, count, IsBlockWeight);

    /// <summary>Multiplications and additions of the attention of <paramref name="count"/> positions from a position on.</summary>
    public static long AttentionOperationsOf(PriorSpec spec, int batchSize, int position, int count) => 2 * KeyValues(spec, batchSize, position, count);

    /// <summary>The encoder's keys and values are projected once per window, not at every step.</summary>
    private static bool IsBlockWeight(TensorEntry entry) =>
        entry.Name.StartsWith("prior.transformer.", StringComparison.Ordinal) && !entry.Name.Contains(".c_enc_kv.", StringComparison.Ordinal);

    private static PriorTraffic Of(
        PriorSpec spec, VqVaeSpec vqvae, in WeightStorage storage, int batchSize, int position, int count, Func<TensorEntry, bool> isRead)
    {
        long weightBytes = 0, multipliers = 0;
        foreach (TensorEntry entry in TensorTable.Of(spec, vqvae).Where(isRead))
        {
            bool isMatrix = entry.StoredShape.Rank > 1;
            weightBytes += isMatrix ? storage.PackedBytes(entry) : storage.LoadedBytes(entry);
            multipliers += isMatrix ? entry.StoredShape.LengthElements : 0;
        }

        long keyValues = KeyValues(spec, batchSize, position, count);
        return new PriorTraffic(weightBytes, keyValues * storage.CacheType.LengthBytes(), 2 * multipliers * batchSize * count, 2 * keyValues);
    }

    /// <summary>Elements of the keys and values that the queries of <paramref name="count"/> positions see.</summary>
    private static long KeyValues(PriorSpec spec, int batchSize, int position, int count)
    {
        long visible = 0;
        for (int depth = 0; depth < spec.Transformer.Depth; depth++)
        {
            var pattern = AttentionPattern.Create(
                spec.Transformer.KindAt(depth), spec.SequenceLength, spec.Transformer.BlockCount, 1, spec.Transformer.Spread, spec.LyricsLength);
            for (int p = position; p < position + count; p++)
            {
                visible += pattern.Visible(p).Count;
            }
        }

        return visible * batchSize * 2 * spec.Transformer.StateWidth;
    }
}

using Jukebox.Core.Contract;
using Jukebox.Models.Format;

namespace Jukebox.Models.Priors;

/// <summary>What a prior will take, computed from its hyperparameters before anything is loaded.</summary>
/// <param name="WeightBytes">Weights, as the device holds them.</param>
/// <param name="CacheBytes">Keys and values of every layer.</param>
/// <param name="ScratchBytes">Activations, conditions, logits.</param>
public readonly record struct PriorMemory(long WeightBytes, long CacheBytes, long ScratchBytes)
{
    /// <summary>All of it.</summary>
    public long TotalBytes => WeightBytes + CacheBytes + ScratchBytes;

    /// <summary>Memory of one prior and one run of it.</summary>
    /// <param name="spec">The prior.</param>
    /// <param name="vqvae">Its VQ-VAE.</param>
    /// <param name="storage">How weights and caches are stored.</param>
    /// <param name="batchSize">Most items side by side.</param>
    /// <param name="primeChunkLength">Most positions primed at once.</param>
    public static PriorMemory Of(
        PriorSpec spec, VqVaeSpec vqvae, in WeightStorage storage, int batchSize, int primeChunkLength = Prior.DefaultChunkLength)
    {
        using var caches = new Workspace(null);
        using var scratch = new Workspace(null);
        _ = new PriorState(spec, batchSize, primeChunkLength, storage.CacheType, caches, scratch);
        return new PriorMemory(storage.BytesOf(spec, vqvae), caches.LengthBytes, scratch.LengthBytes + ConditionerScratchBytes(spec, vqvae));
    }

    /// <summary>
    /// Codes, their embedding, and the two signals that the convolutions pass on: their longest input is that of the last
    /// transposed convolution.
    /// </summary>
    private static long ConditionerScratchBytes(PriorSpec spec, VqVaeSpec vqvae)
    {
        if (spec.UpperCodes is not { } upper)
        {
            return 0;
        }

        long upperLength = spec.ContextLength / vqvae.TokensPerUpperToken(spec.Level + 1);
        long longest = spec.ContextLength / vqvae.Strides[spec.Level + 1];
        return sizeof(float) * (upperLength + (upperLength * spec.Transformer.Width) + (longest * 2 * upper.Width));
    }
}

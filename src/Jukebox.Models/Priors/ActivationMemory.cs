using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Models.Priors;

/// <summary>What <see cref="PriorActivations"/> will take, computed before anything is loaded.</summary>
/// <param name="WeightBytes">What embeds tokens and labels, and two blocks: the one that is computed with and the next.</param>
/// <param name="RowBytes">The windows' rows.</param>
/// <param name="ScratchBytes">Keys and values, and what a chunk of rows goes through; or the conditions, which are gone by then.</param>
public readonly record struct ActivationMemory(long WeightBytes, long RowBytes, long ScratchBytes)
{
    /// <summary>All of it.</summary>
    public long TotalBytes => WeightBytes + RowBytes + ScratchBytes;

    /// <summary>Memory of one call of <see cref="PriorActivations.Read"/>.</summary>
    /// <param name="spec">The prior.</param>
    /// <param name="vqvae">Its VQ-VAE.</param>
    /// <param name="storage">How weights and caches are stored.</param>
    /// <param name="layers">The deepest layer.</param>
    /// <param name="tokens">Tokens of all windows together.</param>
    /// <param name="windows">How many windows they are.</param>
    /// <param name="chunkLength">Positions that go through a block at once.</param>
    public static ActivationMemory Of(
        PriorSpec spec, VqVaeSpec vqvae, in WeightStorage storage, int layers, long tokens, int windows, int chunkLength = PriorActivations.DefaultChunkLength)
    {
        TransformerSpec stack = spec.Transformer;
        chunkLength = Math.Min(chunkLength, spec.SequenceLength);
        long rowBytes = (tokens + ((long)windows * (spec.SequenceLength - spec.ContextLength))) * stack.Width * sizeof(float);
        using var scratch = new Workspace(null);
        foreach (AttentionKind kind in Enumerable.Range(0, layers).Select(stack.KindAt).Distinct())
        {
            _ = PriorActivations.CacheOf(spec, kind, chunkLength, storage.CacheType, scratch);
        }

        _ = new BlockScratch(stack, 1, chunkLength, scratch, "block");
        _ = scratch.Allocate("host", ElementType.F32, chunkLength, stack.Width);
        long conditions = (long)spec.SequenceLength * stack.Width * sizeof(float);
        return new ActivationMemory(WeightBytesOf(spec, vqvae, storage), rowBytes, Math.Max(scratch.LengthBytes, conditions));
    }

    private static long WeightBytesOf(PriorSpec spec, VqVaeSpec vqvae, WeightStorage storage)
    {
        long inputs = 0;
        var blocks = new long[spec.Transformer.Depth];
        foreach (TensorEntry entry in TensorTable.Of(spec, vqvae))
        {
            long bytes = entry.Role == TensorRole.Linear ? storage.PackedBytes(entry) : storage.LoadedBytes(entry);
            if (PriorActivations.BlockOf(entry) is { } block)
            {
                blocks[block] += bytes;
            }
            else
            {
                inputs += bytes;
            }
        }

        return inputs + (2 * blocks.Max());
    }
}

using Jukebox.Core.Randomness;

namespace Jukebox.Training.Batches;

/// <summary>
/// Which items the batch of a step holds, how far their windows are shifted and how their channels are blended: a pure function of the seed and the step.
/// Every epoch is a new permutation of all items, cut into whole batches; what is left over at its end is not used. One
/// thread at a time.
/// </summary>
internal sealed class BatchOrder
{
    // Streams of random numbers that no other use of a run's seed may share.
    private const uint PermutationStream = 0x5045524D;
    private const uint ShiftStream = 0x53484654;
    private const uint BlendStream = 0x424C4E44;

    private readonly ulong _seed;
    private readonly long[] _permutation;
    private long _epoch = -1;

    /// <summary>Prepares the order.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="itemCount">Items, at least as many as a batch has.</param>
    /// <param name="batchSize">Items of a batch.</param>
    public BatchOrder(ulong seed, long itemCount, int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(itemCount, batchSize);
        _seed = seed;
        _permutation = new long[itemCount];
        BatchSize = batchSize;
        StepsPerEpoch = itemCount / batchSize;
    }

    /// <summary>Items of a batch.</summary>
    public int BatchSize { get; }

    /// <summary>Whole batches in an epoch.</summary>
    public long StepsPerEpoch { get; }

    /// <summary>The items of a step, from 0.</summary>
    public ReadOnlySpan<long> ItemsOf(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        (long epoch, long batch) = Math.DivRem(step, StepsPerEpoch);
        if (epoch != _epoch)
        {
            Permute(epoch);
            _epoch = epoch;
        }

        return _permutation.AsSpan((int)(batch * BatchSize), BatchSize);
    }

    /// <summary>A shift in [−half, half), uniform; 0 where half is.</summary>
    /// <param name="step">The step.</param>
    /// <param name="index">Place in the batch.</param>
    /// <param name="half">Half a window.</param>
    public long ShiftOf(long step, int index, long half) => (long)(Uniform(step, (uint)index, ShiftStream) * (2 * half)) - half;

    /// <summary>A share of the left channel in [0, 1), uniform.</summary>
    /// <param name="step">The step.</param>
    /// <param name="index">Place in the batch.</param>
    public double BlendOf(long step, int index) => Uniform(step, (uint)index, BlendStream);

    /// <summary>Fisher and Yates' shuffle.</summary>
    private void Permute(long epoch)
    {
        for (int i = 0; i < _permutation.Length; i++)
        {
            _permutation[i] = i;
        }

        for (int i = _permutation.Length - 1; i > 0; i--)
        {
            int other = (int)(Uniform(epoch, (uint)i, PermutationStream) * (i + 1L));
            (_permutation[i], _permutation[other]) = (_permutation[other], _permutation[i]);
        }
    }

    /// <summary>A number in [0, 1) of 53 random bits.</summary>
    private double Uniform(long counter, uint index, uint stream)
    {
        (uint high, uint low, _, _) = CounterRandom.Philox(
            (uint)counter, (uint)(counter >> 32), index, stream, (uint)_seed, (uint)(_seed >> 32));
        return ((((ulong)high << 32) | low) >> 11) * (1.0 / (1UL << 53));
    }
}

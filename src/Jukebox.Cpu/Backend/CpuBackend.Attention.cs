using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Attention;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Backend;

/// <summary>The key and value caches, and attention over them.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>Values read by a head's single query from which splitting it over threads pays for two more dispatches.</summary>
    private const long SplitMinimumElements = 16 * 1024;

    private AttentionTable _attention;

    /// <inheritdoc/>
    public void AppendToCache(Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, Tensor cursor)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int width = keys.Shape[2], position = Ints(cursor)[0], count = projected.Shape[1];
        int length = OperationShapes.AppendToCache(projected, keys, values, pattern);
        CheckPositions(position, count, length);
        for (int n = 0; n < projected.Shape[0]; n++)
        {
            for (int t = 0; t < count; t++)
            {
                int slot = pattern.Slot(position + t);
                if (slot >= 0)
                {
                    float* row = Floats(projected) + ((((long)n * count) + t + 1) * projected.Shape[2]) - (2 * width);
                    long target = (((long)n * keys.Shape[1]) + slot) * width;
                    new ReadOnlySpan<float>(row, width).CopyTo(new Span<float>(Floats(keys) + target, width));
                    new ReadOnlySpan<float>(row + width, width).CopyTo(new Span<float>(Floats(values) + target, width));
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Attend(Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, int heads, Tensor cursor, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Attend(projected, keys, values, pattern, heads, y);
        AttentionJob job = Prepare(projected, keys, pattern, heads, cursor);
        job.Values = Floats(values);
        job.Output = Floats(y);
        int pairs = y.Shape[0] * heads, count = job.Pattern.Visible(job.Position).Count;
        if (job.QueryCount == 1 && pairs < 2 * _team.Count && (long)count * job.HeadWidth >= SplitMinimumElements)
        {
            AttendSplit(job, pairs, count);
            return;
        }

        DivideQueries(ref job, pairs);
        _team.Run(_attention.Attend, &job, pairs * job.QueryParts);
    }

    /// <inheritdoc/>
    public void AttentionWeights(Tensor projected, Tensor keys, in AttentionPattern pattern, int heads, int head, Tensor cursor, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.AttentionWeights(projected, keys, pattern, heads, head, y);
        AttentionJob job = Prepare(projected, keys, pattern, heads, cursor);
        job.Output = Floats(y);
        job.Head = head;
        DivideQueries(ref job, y.Shape[0]);
        _team.Run(_attention.Weights, &job, y.Shape[0] * job.QueryParts);
    }

    private static AttentionJob Prepare(Tensor projected, Tensor keys, in AttentionPattern pattern, int heads, Tensor cursor)
    {
        var job = new AttentionJob
        {
            Projected = Floats(projected),
            Keys = Floats(keys),
            Pattern = pattern,
            Position = Ints(cursor)[0],
            QueryCount = projected.Shape[1],
            Columns = projected.Shape[2],
            SlotCount = keys.Shape[1],
            Width = keys.Shape[2],
            HeadCount = heads,
            HeadWidth = keys.Shape[2] / heads,
        };
        CheckPositions(job.Position, job.QueryCount, pattern.ContextLength);
        return job;
    }

    private static void CheckPositions(int position, int count, int length)
    {
        if (position < 0 || position > length - count)
        {
            throw new ArgumentException($"positions [{position}, {position + count}) of a sequence of {length}");
        }
    }

    private void BindAttention<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        _attention.Attend = &AttentionKernels<TSimd, TVector>.Attend;
        _attention.ScoreKeys = &AttentionKernels<TSimd, TVector>.ScoreKeys;
        _attention.SoftmaxHead = &AttentionKernels<TSimd, TVector>.SoftmaxHead;
        _attention.MixChannels = &AttentionKernels<TSimd, TVector>.MixChannels;
        _attention.Weights = &AttentionKernels<TSimd, TVector>.Weights;
    }

    /// <summary>Cuts the queries so that every thread gets several parts, and reserves scores for every worker.</summary>
    private void DivideQueries(ref AttentionJob job, int pairs)
    {
        int parts = Math.Clamp(Divide(4 * _team.Count, Math.Max(pairs, 1)), 1, Math.Max(job.QueryCount, 1));
        job.QueriesPerPart = Math.Max(1, Divide(job.QueryCount, parts));
        job.QueryParts = Divide(job.QueryCount, job.QueriesPerPart);
        ReserveScores(ref job, _team.Count);
    }

    private void ReserveScores(ref AttentionJob job, int rows)
    {
        job.ScoresStride = RoundUp(job.SlotCount, 16);
        job.Scores = (float*)_scratch.Reserve(rows * job.ScoresStride * sizeof(float));
    }

    /// <summary>One query per head over a long cache: the threads share its keys, then its channels.</summary>
    private void AttendSplit(AttentionJob job, int pairs, int count)
    {
        ReserveScores(ref job, pairs);
        int parts = Divide(2 * _team.Count, pairs);
        job.KeysPerPart = RoundUp(Divide(count, parts), 16);
        job.KeyParts = Divide(count, job.KeysPerPart);
        job.ChannelsPerPart = RoundUp(Divide(job.HeadWidth, parts), 16);
        job.ChannelParts = Divide(job.HeadWidth, job.ChannelsPerPart);
        _team.Run(_attention.ScoreKeys, &job, pairs * job.KeyParts);
        _team.Run(_attention.SoftmaxHead, &job, pairs);
        _team.Run(_attention.MixChannels, &job, pairs * job.ChannelParts);
    }

    /// <summary>The kernels of attention.</summary>
    private struct AttentionTable
    {
        public Kernel Attend, ScoreKeys, SoftmaxHead, MixChannels, Weights;
    }
}

using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Attention;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Backend;

/// <summary>The gradients of attention over a whole window, and of the cache that it goes over.</summary>
public sealed unsafe partial class CpuBackend
{
    private Kernel _attentionGradient;

    /// <inheritdoc/>
    public void AttendGradient(
        Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, int heads, Tensor dy, Tensor dprojected, Tensor dkeys, Tensor dvalues)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Attend(projected, keys, values, pattern, heads, dy);
        OperationShapes.Require(
            dprojected.Shape == projected.Shape && dkeys.Shape == keys.Shape && dvalues.Shape == keys.Shape && projected.Shape[1] == pattern.ContextLength
            && HoldsWindow(pattern),
            "attend gradient",
            projected,
            keys,
            dy,
            dprojected,
            dkeys,
            dvalues);
        var job = new AttentionGradientJob
        {
            Projected = Floats(projected),
            ProjectedGradient = Floats(dprojected),
            Keys = Floats(keys),
            Values = Floats(values),
            KeyGradient = Floats(dkeys),
            ValueGradient = Floats(dvalues),
            OutputGradient = Floats(dy),
            Pattern = pattern,
            QueryCount = projected.Shape[1],
            Columns = projected.Shape[2],
            SlotCount = keys.Shape[1],
            Width = keys.Shape[2],
            HeadCount = heads,
            HeadWidth = keys.Shape[2] / heads,
        };
        DivideGroups(ref job);
        job.ScoresStride = RoundUp(job.SlotCount, 16);
        long workerFloats = 2 * AttentionGradientJob.QueriesAtOnce * job.ScoresStride;
        job.Scratch = (float*)_scratch.Reserve(_team.Count * workerFloats * sizeof(float));
        new Span<float>(job.KeyGradient, checked((int)dkeys.LengthElements)).Clear();
        new Span<float>(job.ValueGradient, checked((int)dvalues.LengthElements)).Clear();
        _team.Run(_attentionGradient, &job, projected.Shape[0] * heads * job.GroupCount);
    }

    /// <inheritdoc/>
    public void AppendToCacheGradient(Tensor dkeys, Tensor dvalues, in AttentionPattern pattern, Tensor dprojected)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int width = dkeys.Shape[2], slots = dkeys.Shape[1], count = dprojected.Shape[1];
        int length = OperationShapes.AppendToCache(dprojected, dkeys, dvalues, pattern);
        OperationShapes.Require(count == length && HoldsWindow(pattern), "append to cache gradient", dkeys, dvalues, dprojected);
        for (int n = 0; n < dprojected.Shape[0]; n++)
        {
            float* row = Floats(dprojected) + ((((long)n * count) + 1) * dprojected.Shape[2]) - (2 * width);
            for (int t = 0; t < count; t++, row += dprojected.Shape[2])
            {
                int slot = pattern.Slot(t);
                if (slot < 0)
                {
                    new Span<float>(row, 2 * width).Clear();
                    continue;
                }

                long source = (((long)n * slots) + slot) * width;
                new ReadOnlySpan<float>(Floats(dkeys) + source, width).CopyTo(new Span<float>(row, width));
                new ReadOnlySpan<float>(Floats(dvalues) + source, width).CopyTo(new Span<float>(row + width, width));
            }
        }
    }

    /// <summary>Whether no later position takes the slot of an earlier one.</summary>
    private static bool HoldsWindow(in AttentionPattern pattern) =>
        pattern.Kind is not (AttentionKind.Block or AttentionKind.PreviousBlock) || pattern.CacheLength == pattern.ContextLength;

    /// <summary>Cuts the window into groups of queries that share no key with others.</summary>
    private static void DivideGroups(ref AttentionGradientJob job)
    {
        AttentionPattern pattern = job.Pattern;
        (job.GroupCount, job.GroupQueries, job.GroupStep, job.QueryStep) = pattern.Kind switch
        {
            AttentionKind.Block or AttentionKind.PreviousBlock => (pattern.BlockCount, pattern.BlockLength, pattern.BlockLength, 1),
            AttentionKind.TransposedBlock => (pattern.BlockLength, pattern.BlockCount, 1, pattern.BlockLength),
            _ => (1, pattern.ContextLength, 0, 1),
        };
    }

    private void BindAttentionGradient<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        _attentionGradient = &AttentionKernels<TSimd, TVector>.Gradient;
    }
}

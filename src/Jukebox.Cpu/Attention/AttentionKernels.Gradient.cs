using System.Runtime.CompilerServices;
using Jukebox.Core.Contract;
using Jukebox.Cpu.Linear;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Attention;

/// <summary>
/// The gradient of attention over a whole window. A part is one head of one item and one group of queries whose keys no
/// other group sees; what a query sees is the beginning of what a later one of its group sees.
/// </summary>
internal unsafe struct AttentionGradientJob
{
    /// <summary>(N, T, columns): the first S channels are the queries, and their gradient.</summary>
    public float* Projected, ProjectedGradient;

    /// <summary>(N, L, S).</summary>
    public float* Keys, Values, KeyGradient, ValueGradient;

    /// <summary>(N, T, S).</summary>
    public float* OutputGradient;

    /// <summary>Queries whose keys are read once for all.</summary>
    public const int QueriesAtOnce = 4;

    public AttentionPattern Pattern;
    public int QueryCount, Columns, SlotCount, Width, HeadCount, HeadWidth;

    /// <summary>Groups, queries of a group, positions from group to group and from query to query.</summary>
    public int GroupCount, GroupQueries, GroupStep, QueryStep;

    /// <summary>By worker: weights, then slopes, of <see cref="QueriesAtOnce"/> queries.</summary>
    public float* Scratch;

    /// <summary>Room for one query's weights: whole vectors.</summary>
    public long ScoresStride;
}

internal static unsafe partial class AttentionKernels<TSimd, TVector>
{
    /// <summary>
    /// With p the weights and s = p · (dy · v − Σ p (dy · v)) / √D the slopes of the scores: dq = Σ s k, dk += s q and
    /// dv += p dy in order of the queries. The gradients of keys and values must be zero before.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradient(void* argument, int part, int worker)
    {
        ref AttentionGradientJob job = ref *(AttentionGradientJob*)argument;
        int group = part % job.GroupCount, pair = part / job.GroupCount;
        int item = pair / job.HeadCount, channel = pair % job.HeadCount * job.HeadWidth;
        float* weights = job.Scratch + (worker * 2 * AttentionGradientJob.QueriesAtOnce * job.ScoresStride);
        float* slopes = weights + (AttentionGradientJob.QueriesAtOnce * job.ScoresStride);
        long queryStride = (long)job.QueryStep * job.Columns, outputStride = (long)job.QueryStep * job.Width;
        for (int i = 0; i < job.GroupQueries; i += AttentionGradientJob.QueriesAtOnce)
        {
            int queries = Math.Min(AttentionGradientJob.QueriesAtOnce, job.GroupQueries - i), position = (group * job.GroupStep) + (i * job.QueryStep);
            long row = ((long)item * job.QueryCount) + position, firstKey = (long)item * job.SlotCount * job.Width;
            float* q = job.Projected + (row * job.Columns) + channel, dq = job.ProjectedGradient + (row * job.Columns) + channel;
            float* dy = job.OutputGradient + (row * job.Width) + channel;
            VisibleKeys all = job.Pattern.Visible(position + ((queries - 1) * job.QueryStep));
            firstKey += channel;
            Products(ref job, q, queries, queryStride, job.Keys + firstKey, all, weights);
            Products(ref job, dy, queries, outputStride, job.Values + firstKey, all, slopes);
            for (int query = 0; query < AttentionGradientJob.QueriesAtOnce; query++)
            {
                float* own = weights + (query * job.ScoresStride), its = slopes + (query * job.ScoresStride);
                VisibleKeys seen = query < queries ? job.Pattern.Visible(position + (query * job.QueryStep)) : default;
                Slopes(own, its, seen, all.Count, job.HeadWidth);
            }

            for (int c = 0; c < job.HeadWidth; c += 2 * TSimd.Width)
            {
                int lanes = Math.Min(2 * TSimd.Width, job.HeadWidth - c);
                MixQueries(ref job, job.Keys + firstKey + c, slopes, all, dq + c, queryStride, queries, lanes);
                Spread(ref job, job.KeyGradient + firstKey + c, slopes, all, q + c, queryStride, queries, lanes);
                Spread(ref job, job.ValueGradient + firstKey + c, weights, all, dy + c, outputStride, queries, lanes);
            }
        }
    }

    /// <summary>products[query, i] = x[query] · key_i for all visible keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Products(ref AttentionGradientJob job, float* x, int queries, long stride, float* keys, VisibleKeys visible, float* products)
    {
        for (int i = 0; i < visible.Count; i += visible.RunLength)
        {
            int count = Math.Min(visible.Count - i, visible.RunLength);
            byte* run = (byte*)(keys + ((long)visible.Slot(i) * job.Width));
            DotKernels<TSimd, TVector, SingleStorage>.Products(
                x, queries, stride, run, job.Width, count, job.HeadWidth, products + i, job.ScoresStride);
        }
    }

    /// <summary>
    /// Turns a query's scores into weights, and the products of its dy with the values into slopes; both are zero from the
    /// keys that it does not see up to the last whole vector of <paramref name="count"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Slopes(float* weights, float* slopes, VisibleKeys seen, int count, int headWidth)
    {
        int padded = (count + TSimd.Width - 1) / TSimd.Width * TSimd.Width;
        if (seen.Count > 0)
        {
            Softmax(weights, seen, headWidth);
        }

        new Span<float>(weights + seen.Count, padded - seen.Count).Clear();
        new Span<float>(slopes + seen.Count, padded - seen.Count).Clear();
        TVector sum = TSimd.Zero;
        for (int i = 0; i < padded; i += TSimd.Width)
        {
            sum = TSimd.MultiplyAdd(TSimd.Load(weights + i), TSimd.Load(slopes + i), sum);
        }

        TVector mean = TSimd.Splat(TSimd.Sum(sum)), scale = TSimd.Splat(1 / MathF.Sqrt(headWidth));
        for (int i = 0; i < padded; i += TSimd.Width)
        {
            TVector slope = TSimd.Multiply(TSimd.Load(weights + i), TSimd.Subtract(TSimd.Load(slopes + i), mean));
            TSimd.Store(slopes + i, TSimd.Multiply(slope, scale));
        }
    }

    /// <summary>outputs[query] = Σ_i slopes[query, i] · key_i for up to two vectors of channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MixQueries(
        ref AttentionGradientJob job, float* keys, float* slopes, VisibleKeys visible, float* outputs, long stride, int queries, int lanes)
    {
        int width = TSimd.Width, lower = Math.Min(lanes, width), upper = lanes - lower;
        float* s1 = slopes + job.ScoresStride, s2 = s1 + job.ScoresStride, s3 = s2 + job.ScoresStride;
        TVector a0 = TSimd.Zero, b0 = TSimd.Zero, a1 = TSimd.Zero, b1 = TSimd.Zero;
        TVector a2 = TSimd.Zero, b2 = TSimd.Zero, a3 = TSimd.Zero, b3 = TSimd.Zero;
        for (int i = 0; i < visible.Count;)
        {
            float* key = keys + ((long)visible.Slot(i) * job.Width);
            int end = i + Math.Min(visible.Count - i, visible.RunLength);
            for (; i < end; i++, key += job.Width)
            {
                TVector a, b;
                if (lanes == 2 * width)
                {
                    (a, b) = (TSimd.Load(key), TSimd.Load(key + width));
                }
                else
                {
                    (a, b) = (TSimd.LoadPartial(key, lower), TSimd.LoadPartial(key + lower, upper));
                }

                TVector slope = TSimd.Splat(slopes[i]);
                a0 = TSimd.MultiplyAdd(slope, a, a0);
                b0 = TSimd.MultiplyAdd(slope, b, b0);
                slope = TSimd.Splat(s1[i]);
                a1 = TSimd.MultiplyAdd(slope, a, a1);
                b1 = TSimd.MultiplyAdd(slope, b, b1);
                slope = TSimd.Splat(s2[i]);
                a2 = TSimd.MultiplyAdd(slope, a, a2);
                b2 = TSimd.MultiplyAdd(slope, b, b2);
                slope = TSimd.Splat(s3[i]);
                a3 = TSimd.MultiplyAdd(slope, a, a3);
                b3 = TSimd.MultiplyAdd(slope, b, b3);
            }
        }

        StorePair(outputs, a0, b0, lower, upper);
        if (queries > 1)
        {
            StorePair(outputs + stride, a1, b1, lower, upper);
        }

        if (queries > 2)
        {
            StorePair(outputs + (2 * stride), a2, b2, lower, upper);
        }

        if (queries > 3)
        {
            StorePair(outputs + (3 * stride), a3, b3, lower, upper);
        }
    }

    /// <summary>
    /// gradients_i += weights[query, i] · rows[query], query after query, for up to two vectors of channels. Queries that
    /// are not there have weight zero.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(
        ref AttentionGradientJob job, float* gradients, float* weights, VisibleKeys visible, float* rows, long stride, int queries, int lanes)
    {
        int width = TSimd.Width, lower = Math.Min(lanes, width), upper = lanes - lower;
        float* w1 = weights + job.ScoresStride, w2 = w1 + job.ScoresStride, w3 = w2 + job.ScoresStride;
        float* r1 = queries > 1 ? rows + stride : rows, r2 = queries > 2 ? rows + (2 * stride) : rows, r3 = queries > 3 ? rows + (3 * stride) : rows;
        TVector a0 = TSimd.LoadPartial(rows, lower), b0 = TSimd.LoadPartial(rows + lower, upper);
        TVector a1 = TSimd.LoadPartial(r1, lower), b1 = TSimd.LoadPartial(r1 + lower, upper);
        TVector a2 = TSimd.LoadPartial(r2, lower), b2 = TSimd.LoadPartial(r2 + lower, upper);
        TVector a3 = TSimd.LoadPartial(r3, lower), b3 = TSimd.LoadPartial(r3 + lower, upper);
        for (int i = 0; i < visible.Count;)
        {
            float* gradient = gradients + ((long)visible.Slot(i) * job.Width);
            int end = i + Math.Min(visible.Count - i, visible.RunLength);
            for (; i < end; i++, gradient += job.Width)
            {
                TVector first = TSimd.Splat(weights[i]), second = TSimd.Splat(w1[i]), third = TSimd.Splat(w2[i]), fourth = TSimd.Splat(w3[i]);
                TVector a, b;
                if (lanes == 2 * width)
                {
                    (a, b) = (TSimd.Load(gradient), TSimd.Load(gradient + width));
                }
                else
                {
                    (a, b) = (TSimd.LoadPartial(gradient, lower), TSimd.LoadPartial(gradient + lower, upper));
                }

                a = TSimd.MultiplyAdd(first, a0, a);
                b = TSimd.MultiplyAdd(first, b0, b);
                a = TSimd.MultiplyAdd(second, a1, a);
                b = TSimd.MultiplyAdd(second, b1, b);
                a = TSimd.MultiplyAdd(third, a2, a);
                b = TSimd.MultiplyAdd(third, b2, b);
                a = TSimd.MultiplyAdd(fourth, a3, a);
                b = TSimd.MultiplyAdd(fourth, b3, b);
                StorePair(gradient, a, b, lower, upper);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePair(float* destination, TVector a, TVector b, int lower, int upper)
    {
        if (upper == TSimd.Width)
        {
            TSimd.Store(destination, a);
            TSimd.Store(destination + TSimd.Width, b);
        }
        else
        {
            TSimd.StorePartial(destination, a, lower);
            TSimd.StorePartial(destination + lower, b, upper);
        }
    }
}

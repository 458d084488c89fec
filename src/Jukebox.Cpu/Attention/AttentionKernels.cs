using System.Runtime.CompilerServices;
using Jukebox.Core.Contract;
using Jukebox.Cpu.Linear;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Attention;

/// <summary>Attention of T queries of N items, and how it is cut into parts.</summary>
internal unsafe struct AttentionJob
{
    /// <summary>(N, T, columns): the first S channels are the queries.</summary>
    public float* Projected;

    /// <summary>(N, L, S).</summary>
    public float* Keys, Values;

    /// <summary>(N, T, S); for weights (N, T, L).</summary>
    public float* Output;

    public AttentionPattern Pattern;
    public int Position, QueryCount, Columns, SlotCount, Width, HeadCount, HeadWidth;

    /// <summary>The head whose weights are wanted.</summary>
    public int Head;

    /// <summary>Queries of a part, and parts of one head's queries.</summary>
    public int QueriesPerPart, QueryParts;

    /// <summary>Keys, and channels, of a part when a single query is split.</summary>
    public int KeysPerPart, KeyParts, ChannelsPerPart, ChannelParts;

    /// <summary>Room for one query's scores, by worker, or by (item, head) when a single query is split.</summary>
    public float* Scores;

    public long ScoresStride;

    /// <summary>
    /// The query that is computed i-th. Those that see the same keys come one after the other, so that these are still in a cache: with the transposed
    /// pattern all of one offset, a block's length apart.
    /// </summary>
    public readonly int Query(int i)
    {
        if (Pattern.Kind != AttentionKind.TransposedBlock)
        {
            return i;
        }

        int length = Pattern.BlockLength, whole = QueryCount / length, longer = QueryCount % length; // the first so many offsets have one more
        int split = longer * (whole + 1);
        (int offset, int row) = i < split ? Math.DivRem(i, whole + 1) : Math.DivRem(i - split, whole);
        return (row * length) + offset + (i < split ? 0 : longer);
    }
}

/// <summary>
/// Attention over the cache. A query's arithmetic is the same in a step and in a chunk, whole or split: a score is one
/// dot product, the softmax goes over the scores in order, and each output channel is one chain over the keys.
/// </summary>
internal static unsafe partial class AttentionKernels<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Vectors of output channels whose sums stay in registers.</summary>
    private const int Strip = 4;

    /// <summary>A part is some queries of one head of one item.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Attend(void* argument, int part, int worker)
    {
        ref AttentionJob job = ref *(AttentionJob*)argument;
        int block = part % job.QueryParts, pair = part / job.QueryParts;
        int head = pair % job.HeadCount, item = pair / job.HeadCount;
        float* scores = job.Scores + (worker * job.ScoresStride);
        int first = block * job.QueriesPerPart, end = Math.Min(first + job.QueriesPerPart, job.QueryCount);
        for (int i = first; i < end; i++)
        {
            int t = job.Query(i);
            VisibleKeys visible = job.Pattern.Visible(job.Position + t);
            Score(ref job, item, head, t, visible, 0, visible.Count, scores);
            Softmax(scores, visible, job.HeadWidth);
            Mix(ref job, item, head, t, visible, scores, 0, job.HeadWidth);
        }
    }

    /// <summary>A single query, first stage: a part is some keys of one head of one item.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScoreKeys(void* argument, int part, int worker)
    {
        ref AttentionJob job = ref *(AttentionJob*)argument;
        int pair = part / job.KeyParts, first = part % job.KeyParts * job.KeysPerPart;
        VisibleKeys visible = job.Pattern.Visible(job.Position);
        int end = Math.Min(first + job.KeysPerPart, visible.Count);
        Score(ref job, pair / job.HeadCount, pair % job.HeadCount, 0, visible, first, end, job.Scores + (pair * job.ScoresStride));
    }

    /// <summary>A single query, second stage: a part is one head of one item.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SoftmaxHead(void* argument, int part, int worker)
    {
        ref AttentionJob job = ref *(AttentionJob*)argument;
        Softmax(job.Scores + (part * job.ScoresStride), job.Pattern.Visible(job.Position), job.HeadWidth);
    }

    /// <summary>A single query, third stage: a part is some channels of one head of one item.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MixChannels(void* argument, int part, int worker)
    {
        ref AttentionJob job = ref *(AttentionJob*)argument;
        int pair = part / job.ChannelParts, first = part % job.ChannelParts * job.ChannelsPerPart;
        int end = Math.Min(first + job.ChannelsPerPart, job.HeadWidth);
        VisibleKeys visible = job.Pattern.Visible(job.Position);
        Mix(ref job, pair / job.HeadCount, pair % job.HeadCount, 0, visible, job.Scores + (pair * job.ScoresStride), first, end);
    }

    /// <summary>The softmax weights of one head by cache slot; a part is some queries of one item.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Weights(void* argument, int part, int worker)
    {
        ref AttentionJob job = ref *(AttentionJob*)argument;
        int block = part % job.QueryParts, item = part / job.QueryParts;
        float* scores = job.Scores + (worker * job.ScoresStride);
        int first = block * job.QueriesPerPart, end = Math.Min(first + job.QueriesPerPart, job.QueryCount);
        for (int t = first; t < end; t++)
        {
            VisibleKeys visible = job.Pattern.Visible(job.Position + t);
            Score(ref job, item, job.Head, t, visible, 0, visible.Count, scores);
            Softmax(scores, visible, job.HeadWidth);
            float* row = job.Output + ((((long)item * job.QueryCount) + t) * job.SlotCount);
            new Span<float>(row, job.SlotCount).Clear();
            for (int i = 0; i < visible.Count; i++)
            {
                row[visible.Slot(i)] = scores[i];
            }
        }
    }

    /// <summary>scores[i] = query · key_i for the visible keys first … end − 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Score(ref AttentionJob job, int item, int head, int t, VisibleKeys visible, int first, int end, float* scores)
    {
        float* query = job.Projected + ((((long)item * job.QueryCount) + t) * job.Columns) + (head * job.HeadWidth);
        float* keys = job.Keys + ((long)item * job.SlotCount * job.Width) + (head * job.HeadWidth);
        for (int i = first; i < end;)
        {
            // As many keys as lie next to each other.
            int count = Math.Min(end - i, visible.RunLength - (i % visible.RunLength));
            byte* run = (byte*)(keys + ((long)visible.Slot(i) * job.Width));
            DotKernels<TSimd, TVector, SingleStorage>.Products(query, 1, 0, run, job.Width, count, job.HeadWidth, scores + i, 0);
            i += count;
        }
    }

    /// <summary>
    /// scores = softmax(scores / √D) over the visible keys and as many zero scores as the pattern has zero keys. The
    /// last vector is filled up with −∞, so the room must be a whole number of vectors.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Softmax(float* scores, VisibleKeys visible, int headWidth)
    {
        int padded = (visible.Count + TSimd.Width - 1) / TSimd.Width * TSimd.Width;
        new Span<float>(scores + visible.Count, padded - visible.Count).Fill(float.NegativeInfinity);
        TVector scale = TSimd.Splat(1 / MathF.Sqrt(headWidth));
        TVector largest = TSimd.Splat(visible.ZeroKeys > 0 ? 0 : float.NegativeInfinity);
        for (int i = 0; i < padded; i += TSimd.Width)
        {
            TVector score = TSimd.Multiply(TSimd.Load(scores + i), scale);
            TSimd.Store(scores + i, score);
            largest = TSimd.Max(score, largest);
        }

        TVector max = TSimd.Splat(TSimd.MaxLane(largest)), sum = TSimd.Zero;
        for (int i = 0; i < padded; i += TSimd.Width)
        {
            TVector weight = VectorMath<TSimd, TVector>.Exp(TSimd.Subtract(TSimd.Load(scores + i), max));
            TSimd.Store(scores + i, weight);
            sum = TSimd.Add(sum, weight);
        }

        float total = TSimd.Sum(sum);
        if (visible.ZeroKeys > 0)
        {
            total += visible.ZeroKeys * MathF.Exp(-TSimd.MaxLane(max));
        }

        TVector divisor = TSimd.Splat(total);
        for (int i = 0; i < padded; i += TSimd.Width)
        {
            TSimd.Store(scores + i, TSimd.Divide(TSimd.Load(scores + i), divisor));
        }
    }

    /// <summary>output[c] = Σ_i weights[i] · value_i[c] for the head's channels first … end − 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(ref AttentionJob job, int item, int head, int t, VisibleKeys visible, float* weights, int first, int end)
    {
        float* output = job.Output + ((((long)item * job.QueryCount) + t) * job.Width) + (head * job.HeadWidth);
        float* values = job.Values + ((long)item * job.SlotCount * job.Width) + (head * job.HeadWidth);
        int c = first;
        for (; c + (Strip * TSimd.Width) <= end; c += Strip * TSimd.Width)
        {
            MixStrip(values + c, job.Width, visible, weights, output + c);
        }

        for (; c < end; c += TSimd.Width)
        {
            MixVector(values + c, job.Width, visible, weights, output + c, Math.Min(TSimd.Width, end - c));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MixStrip(float* values, int stride, VisibleKeys visible, float* weights, float* output)
    {
        TVector a = TSimd.Zero, b = TSimd.Zero, c = TSimd.Zero, d = TSimd.Zero;
        for (int i = 0; i < visible.Count;)
        {
            float* value = values + ((long)visible.Slot(i) * stride);
            int end = i + Math.Min(visible.Count - i, visible.RunLength);
            for (; i < end; i++, value += stride)
            {
                TVector weight = TSimd.Splat(weights[i]);
                a = TSimd.MultiplyAdd(weight, TSimd.Load(value), a);
                b = TSimd.MultiplyAdd(weight, TSimd.Load(value + TSimd.Width), b);
                c = TSimd.MultiplyAdd(weight, TSimd.Load(value + (2 * TSimd.Width)), c);
                d = TSimd.MultiplyAdd(weight, TSimd.Load(value + (3 * TSimd.Width)), d);
            }
        }

        TSimd.Store(output, a);
        TSimd.Store(output + TSimd.Width, b);
        TSimd.Store(output + (2 * TSimd.Width), c);
        TSimd.Store(output + (3 * TSimd.Width), d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MixVector(float* values, int stride, VisibleKeys visible, float* weights, float* output, int count)
    {
        TVector sum = TSimd.Zero;
        for (int i = 0; i < visible.Count;)
        {
            float* value = values + ((long)visible.Slot(i) * stride);
            int end = i + Math.Min(visible.Count - i, visible.RunLength);
            for (; i < end; i++, value += stride)
            {
                sum = TSimd.MultiplyAdd(TSimd.Splat(weights[i]), TSimd.LoadPartial(value, count), sum);
            }
        }

        TSimd.StorePartial(output, sum, count);
    }
}

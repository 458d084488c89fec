using Jukebox.Core.Contract;

namespace Jukebox.Testing.Reference;

public static partial class ReferenceOps
{
    /// <summary>
    /// The positions that the query at <paramref name="p"/> sees, and how many zero keys stand beside them: the rules of
    /// the original's attention functions, stated here a second time on purpose. B is the length of a block.
    /// </summary>
    public static (List<int> Positions, int ZeroKeys) VisiblePositions(
        AttentionKind kind, int p, int contextLength, int blockCount, int spread, int lyricsLength)
    {
        int length = contextLength / blockCount;
        var seen = new List<int>();
        int zeroKeys = 0;
        for (int j = 0; j < (kind == AttentionKind.LyricsCross ? lyricsLength : contextLength); j++)
        {
            bool causal = j <= p;
            bool sees = kind switch
            {
                AttentionKind.Dense => causal,
                AttentionKind.Block => causal && j / length == p / length,
                AttentionKind.TransposedBlock => causal && j % length == p % length,
                AttentionKind.PreviousBlock => j / length == (p / length) - 1,
                AttentionKind.Summary => causal && j % length == length - 1 && j / length < blockCount - 1,
                AttentionKind.SummarySpread => causal && j % length >= length - spread && j / length < blockCount - 1,
                AttentionKind.LyricsCross => true,
                AttentionKind.LyricsPrefix => causal && j < ((lyricsLength / blockCount) + 1) * blockCount,
                _ => throw new ArgumentException($"unknown kind {kind}"),
            };
            if (sees)
            {
                seen.Add(j);
            }
        }

        if (kind == AttentionKind.PreviousBlock && p < length)
        {
            zeroKeys = length;
        }
        else if (kind is AttentionKind.Summary or AttentionKind.SummarySpread)
        {
            zeroKeys = kind == AttentionKind.Summary ? 1 : spread;
        }

        return (seen, zeroKeys);
    }

    /// <summary>softmax over visible j of q · k_j / √D, zero keys scoring 0: one weight per visible position.</summary>
    public static double[] AttentionWeights(ReadOnlySpan<double> query, List<double[]> keys, int zeroKeys)
    {
        var weights = new double[keys.Count];
        double sum = zeroKeys;
        for (int i = 0; i < weights.Length; i++)
        {
            double score = 0;
            for (int c = 0; c < query.Length; c++)
            {
                score += query[c] * keys[i][c];
            }

            weights[i] = Math.Exp(score / Math.Sqrt(query.Length));
            sum += weights[i];
        }

        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] /= sum;
        }

        return weights;
    }

    /// <summary>y[n,t] = Σ_j weights_j · v_j over the visible positions j, head by head: all by position.</summary>
    public static double[] Attend(in ReferenceAttention shape, double[] queries, double[] keys, double[] values)
    {
        var y = new double[queries.Length];
        for (int n = 0; n < shape.Batch; n++)
        {
            for (int t = 0; t < shape.Length; t++)
            {
                (List<int> seen, int zeroKeys) = shape.Visible(t);
                for (int head = 0; head < shape.Heads; head++)
                {
                    int depth = shape.Width / shape.Heads, q = shape.Query(n, t, head);
                    List<double[]> visible = [];
                    foreach (int j in seen)
                    {
                        visible.Add(keys.AsSpan(shape.Key(n, j, head), depth).ToArray());
                    }

                    double[] weights = AttentionWeights(queries.AsSpan(q, depth), visible, zeroKeys);
                    for (int i = 0; i < seen.Count; i++)
                    {
                        for (int c = 0; c < depth; c++)
                        {
                            y[q + c] += weights[i] * values[shape.Key(n, seen[i], head) + c];
                        }
                    }
                }
            }
        }

        return y;
    }
}

using Jukebox.Core.Contract;

namespace Jukebox.Testing.Reference;

public static partial class ReferenceGradients
{
    /// <summary>
    /// The gradient of <see cref="ReferenceOps.Attend"/>: with p the softmax weights of the query at t and
    /// s_j = p_j · (dy · v_j − Σ_i p_i (dy · v_i)) / √D: dq = Σ_j s_j k_j, dk_j += s_j q, dv_j += p_j dy. All by position.
    /// </summary>
    public static (double[] Dq, double[] Dk, double[] Dv) Attend(in ReferenceAttention shape, double[] queries, double[] keys, double[] values, double[] dy)
    {
        var (dq, dk, dv) = (new double[queries.Length], new double[keys.Length], new double[values.Length]);
        for (int n = 0; n < shape.Batch; n++)
        {
            for (int t = 0; t < shape.Length; t++)
            {
                (List<int> seen, int zeroKeys) = shape.Visible(t);
                for (int head = 0; head < shape.Heads; head++)
                {
                    int depth = shape.Width / shape.Heads, q = shape.Query(n, t, head);
                    List<double[]> visible = [];
                    List<double> changes = [];
                    foreach (int j in seen)
                    {
                        visible.Add(keys.AsSpan(shape.Key(n, j, head), depth).ToArray());
                        changes.Add(Dot(dy, q, values, shape.Key(n, j, head), depth));
                    }

                    double[] weights = ReferenceOps.AttentionWeights(queries.AsSpan(q, depth), visible, zeroKeys);
                    double mean = weights.Zip(changes, (weight, change) => weight * change).Sum();
                    for (int i = 0; i < seen.Count; i++)
                    {
                        int k = shape.Key(n, seen[i], head);
                        double slope = weights[i] * (changes[i] - mean) / Math.Sqrt(depth);
                        for (int c = 0; c < depth; c++)
                        {
                            dq[q + c] += slope * keys[k + c];
                            dk[k + c] += slope * queries[q + c];
                            dv[k + c] += weights[i] * dy[q + c];
                        }
                    }
                }
            }
        }

        return (dq, dk, dv);
    }

    private static double Dot(double[] x, int firstX, double[] y, int firstY, int count)
    {
        double sum = 0;
        for (int c = 0; c < count; c++)
        {
            sum += x[firstX + c] * y[firstY + c];
        }

        return sum;
    }
}

/// <summary>What attends to what: queries (N, T, S), keys and values (N, L, S) by position, L being T but for the encoder's.</summary>
public readonly record struct ReferenceAttention(
    AttentionKind Kind, int Length, int BlockCount, int Batch, int Heads, int Width, int Spread, int LyricsLength)
{
    /// <summary>Positions of keys.</summary>
    public int KeyCount => Kind == AttentionKind.LyricsCross ? LyricsLength : Length;

    /// <summary>Who is seen from a position.</summary>
    public (List<int> Positions, int ZeroKeys) Visible(int position) =>
        ReferenceOps.VisiblePositions(Kind, position, Length, BlockCount, Spread, LyricsLength);

    /// <summary>First channel of a head's query.</summary>
    public int Query(int n, int t, int head) => (((n * Length) + t) * Width) + (head * Width / Heads);

    /// <summary>First channel of a head's key or value.</summary>
    public int Key(int n, int j, int head) => (((n * KeyCount) + j) * Width) + (head * Width / Heads);
}

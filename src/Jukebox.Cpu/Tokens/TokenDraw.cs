using Jukebox.Core.Contract;

namespace Jukebox.Cpu.Tokens;

/// <summary>Filters logits and draws one token: the host side of <see cref="IBackend.SampleTokens"/>.</summary>
public static class TokenDraw
{
    /// <summary>
    /// Draws from softmax(filter(logits ÷ temperature)) by inverting the cumulative distribution, summed in index
    /// order in double precision.
    /// </summary>
    /// <param name="logits">(K).</param>
    /// <param name="rule">Temperature and filters.</param>
    /// <param name="uniform">In [0, 1).</param>
    /// <param name="room">Scratch of 2 · K.</param>
    /// <returns>The token, or <see cref="IBackend.NotFinite"/> where a logit is NaN or +∞, or none is finite.</returns>
    public static int Draw(ReadOnlySpan<float> logits, in SamplingRule rule, double uniform, Span<float> room)
    {
        Span<float> kept = room[..logits.Length];
        for (int i = 0; i < kept.Length; i++)
        {
            kept[i] = logits[i] / rule.Temperature;
        }

        Filter(kept, rule.TopK, rule.TopP, room.Slice(logits.Length, logits.Length));
        float max = float.NegativeInfinity;
        foreach (float logit in kept)
        {
            max = Math.Max(max, logit);
        }

        double total = 0;
        foreach (float logit in kept)
        {
            total += MathF.Exp(logit - max);
        }

        if (!double.IsFinite(total) || total == 0)
        {
            return IBackend.NotFinite;
        }

        double target = uniform * total, sum = 0;
        int last = 0;
        for (int i = 0; i < kept.Length; i++)
        {
            float weight = MathF.Exp(kept[i] - max);
            sum += weight;
            if (weight > 0)
            {
                last = i;
                if (sum > target)
                {
                    return i;
                }
            }
        }

        return last;
    }

    /// <summary>
    /// Sets filtered logits to −∞. Top-k keeps ties with the k-th largest; top-p keeps the most probable entries up to
    /// and including the one whose mass crosses p.
    /// </summary>
    /// <param name="logits">(K), changed in place.</param>
    /// <param name="topK">0 for none.</param>
    /// <param name="topP">0 for none; not looked at when there is a top-k.</param>
    /// <param name="sorted">Scratch of K.</param>
    public static void Filter(Span<float> logits, int topK, float topP, Span<float> sorted)
    {
        if (topK <= 0 && topP <= 0)
        {
            return;
        }

        logits.CopyTo(sorted);
        sorted.Sort();
        sorted.Reverse();
        int keep = topK > 0 ? Math.Min(topK, sorted.Length) : Nucleus(sorted, topP);
        float limit = sorted[keep - 1];

        // Ties with the last entry that top-p keeps: later indices first, as the original's sort has them.
        int ties = topK > 0 ? logits.Length : keep - sorted.IndexOf(limit);
        for (int i = logits.Length - 1; i >= 0; i--)
        {
            if (logits[i] < limit || (logits[i] == limit && ties-- <= 0))
            {
                logits[i] = float.NegativeInfinity;
            }
        }
    }

    private static int Nucleus(ReadOnlySpan<float> sorted, float topP)
    {
        double total = 0;
        foreach (float logit in sorted)
        {
            total += Math.Exp(logit - sorted[0]);
        }

        double mass = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            mass += Math.Exp(sorted[i] - sorted[0]) / total;
            if (mass > topP)
            {
                return i + 1;
            }
        }

        return sorted.Length;
    }
}

using Jukebox.Core.Contract;
using Jukebox.Models.Format;

namespace Jukebox.Models.Priors;

/// <summary>How likely a prior finds codes, however many.</summary>
public static class CodeScore
{
    /// <summary>
    /// Bits of each code, given the codes before it that its window holds, the labels, and the codes above: windows overlap, and
    /// each code is scored in the first that holds it. Codes that no window reaches, because windows begin where a code of the
    /// level above does, have none: NaN.
    /// </summary>
    /// <param name="run">A run of the level's prior.</param>
    /// <param name="vqvae">The VQ-VAE that made the codes.</param>
    /// <param name="codes">All codes of the level.</param>
    /// <param name="upper">All codes of the level above; none at the top.</param>
    /// <param name="hopFraction">New codes of each further window over its length.</param>
    /// <param name="labels">The label row of the window that begins at a code.</param>
    /// <param name="progress">Told the share that is done; may throw to stop.</param>
    public static double[] BitsOf(
        PriorRun run, VqVaeSpec vqvae, int[] codes, int[]? upper, double hopFraction, Func<int, long[]> labels, Action<double> progress)
    {
        int context = run.Spec.ContextLength;
        int factor = upper is null ? 1 : vqvae.TokensPerUpperToken(run.Spec.Level + 1);
        int hop = Math.Max(factor, (int)(hopFraction * context) / factor * factor);
        var bits = new double[codes.Length];
        int scored = 0;
        IEnumerable<int> starts = codes.Length <= context ? [0] : WindowStarts.Of(codes.Length, context, hop);
        foreach (int start in starts.Select(start => start / factor * factor))
        {
            int end = Math.Min(start + context, codes.Length);
            WindowScore score = run.Score(new PriorWindow
            {
                StartToken = start,
                Items = [0],
                Labels = run.Spec.Labels is null ? [] : [labels(start)],
                UpperCodes = upper is null ? null : [Padded(upper, start / factor, context / factor)],
                Known = [codes[start..end]],
                Rule = new SamplingRule(),
                Seed = 0,
            })[0];
            for (; scored < end; scored++)
            {
                bits[scored] = score.MusicBits[scored - start];
            }

            progress((double)end / codes.Length);
        }

        bits.AsSpan(scored).Fill(double.NaN);
        return bits;
    }

    /// <summary>The codes from a place on; zeros where they end before the window.</summary>
    private static int[] Padded(int[] codes, int start, int count)
    {
        var window = new int[count];
        codes.AsSpan(start, Math.Min(count, codes.Length - start)).CopyTo(window);
        return window;
    }
}

using Jukebox.Core;
using Jukebox.Core.ModelFormat;
using Jukebox.Models;

namespace Jukebox.Cli;

/// <summary>How likely a level's prior finds a song.</summary>
/// <param name="Level">Level.</param>
/// <param name="Item">Item of the song.</param>
/// <param name="BitsPerToken">Mean over the song.</param>
/// <param name="UniformBits">What a model that knows nothing would give.</param>
/// <param name="BitsBySecond">Mean over each second, from the first on.</param>
public sealed record LevelScore(int Level, int Item, double BitsPerToken, double UniformBits, double[] BitsBySecond);

/// <summary>Scores the codes of a song with the model that made them, or another of the same VQ-VAE.</summary>
internal static class SongScore
{
    /// <summary>Scores one item at one level; windows overlap by <paramref name="hopFraction"/>, each token is scored in the first that holds it.</summary>
    public static LevelScore Of(
        SongModel model, PriorRun run, SongDescription song, int row, int[] codes, int[]? upper, double hopFraction, Action<double> progress)
    {
        PriorSpec spec = run.Spec;
        int context = spec.ContextLength;
        int factor = upper is null ? 1 : model.Description.VqVae.TokensPerUpperToken(spec.Level + 1);
        int hop = Math.Max(factor, (int)(hopFraction * context) / factor * factor);
        var bits = new double[codes.Length];
        int scored = 0;
        IEnumerable<int> starts = codes.Length <= context ? [0] : SamplingPlan.WindowStarts(codes.Length, context, hop);
        foreach (int start in starts.Select(start => start / factor * factor))
        {
            int end = Math.Min(start + context, codes.Length);
            WindowScore score = run.Score(new PriorWindow
            {
                StartToken = start,
                Items = [song.Items[row]],
                Labels = [model.LabelRow(spec.Level, song.Request.Labels![row], song.TotalSamples, song.OffsetSamples, start)],
                UpperCodes = upper is null ? null : [Padded(upper, start / factor, context / factor)],
                Known = [codes[start..end]],
                Rule = new SamplingRule(),
                Seed = song.Seed,
            })[0];
            for (; scored < end; scored++)
            {
                bits[scored] = score.MusicBits[scored - start];
            }

            progress((double)end / codes.Length);
        }

        for (; scored < codes.Length; scored++)
        {
            bits[scored] = double.NaN;
        }

        int samplesPerToken = model.Description.VqVae.SamplesPerToken(spec.Level);
        double[] bySecond = [.. bits.Index()
            .Where(token => !double.IsNaN(token.Item))
            .GroupBy(token => (long)token.Index * samplesPerToken / model.Description.SampleRateHz, token => token.Item)
            .Select(second => second.Average())];
        return new LevelScore(spec.Level, song.Items[row], bits.Where(b => !double.IsNaN(b)).Average(), Math.Log2(spec.VocabularySize), bySecond);
    }

    /// <summary>The codes from a place on; zeros where the song ends before the window.</summary>
    private static int[] Padded(int[] codes, int start, int count)
    {
        var window = new int[count];
        codes.AsSpan(start, Math.Min(count, codes.Length - start)).CopyTo(window);
        return window;
    }
}

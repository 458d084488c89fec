using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Models.Priors;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;

namespace Jukebox.Studio.Songs;

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
        SongLabel label = song.Request.Labels![row];
        double[] bits = CodeScore.BitsOf(
            run, model.Description.VqVae, codes, upper, hopFraction, start => model.LabelRow(spec.Level, label, song.TotalSamples, song.OffsetSamples, start), progress);
        int samplesPerToken = model.Description.VqVae.SamplesPerToken(spec.Level);
        double[] bySecond = [.. bits.Index()
            .Where(token => !double.IsNaN(token.Item))
            .GroupBy(token => (long)token.Index * samplesPerToken / model.Description.SampleRateHz, token => token.Item)
            .Select(second => second.Average())];
        return new LevelScore(spec.Level, song.Items[row], bits.Where(b => !double.IsNaN(b)).Average(), Math.Log2(spec.VocabularySize), bySecond);
    }
}

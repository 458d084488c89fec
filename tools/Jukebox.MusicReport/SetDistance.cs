using Jukebox.Core.Randomness;
using Jukebox.MusicReport.Statistics;

namespace Jukebox.MusicReport;

/// <summary>
/// How far the timbre and pitch-class statistics of a set of excerpts are from those of held-out music: the Fréchet distance of
/// normal distributions fitted to both, over features scaled to deviation 1 over the training music. Held-out music is weighted
/// so that instruments have the shares that they have among the samples, and pieces of one instrument count alike. What the
/// distance of samples means shows beside that of as many training excerpts of the same instruments.
/// </summary>
internal sealed class SetDistance
{
    private const int Draws = 50;
    private const ulong DrawSeed = 1;

    private readonly FeatureScale _scale;
    private readonly IReadOnlyList<AnalyzedExcerpt> _train;
    private readonly GaussianFit _heldOut;
    private readonly Dictionary<string, int> _counts;

    /// <summary>Prepares distances for samples of given instruments.</summary>
    /// <param name="train">Training excerpts.</param>
    /// <param name="heldOut">Held-out excerpts.</param>
    /// <param name="counts">Samples of each instrument; all of them instruments of both sets.</param>
    public SetDistance(IReadOnlyList<AnalyzedExcerpt> train, IReadOnlyList<AnalyzedExcerpt> heldOut, Dictionary<string, int> counts)
    {
        _train = train;
        _counts = counts;
        _scale = new FeatureScale([.. train.Select(excerpt => excerpt.Features.Row)]);
        _heldOut = GaussianFit.Of([.. heldOut.Zip(Weights(heldOut, counts), (excerpt, weight) => (_scale.Apply(excerpt.Features.Row), weight))]);
    }

    /// <summary>Weights that add up to 1: by instrument as counted, equal by piece within it, equal by excerpt within that.</summary>
    public static double[] Weights(IReadOnlyList<AnalyzedExcerpt> excerpts, Dictionary<string, int> counts)
    {
        double total = counts.Values.Sum();
        Dictionary<string, int> ofPiece = excerpts.GroupBy(excerpt => excerpt.Owner).ToDictionary(piece => piece.Key, piece => piece.Count());
        Dictionary<string, int> pieces = excerpts.GroupBy(excerpt => excerpt.Instrument!).ToDictionary(
            set => set.Key, set => set.Select(excerpt => excerpt.Owner).Distinct().Count());
        return [.. excerpts.Select(excerpt => counts.GetValueOrDefault(excerpt.Instrument!) / total / pieces[excerpt.Instrument!] / ofPiece[excerpt.Owner])];
    }

    /// <summary>Distance of one excerpt of each sample.</summary>
    public double Of(IEnumerable<AnalyzedExcerpt> samples)
    {
        AnalyzedExcerpt[] set = [.. samples];
        return GaussianFit.FrechetDistance(_heldOut, GaussianFit.Of([.. set.Select(excerpt => (_scale.Apply(excerpt.Features.Row), 1.0 / set.Length))]));
    }

    /// <summary>
    /// Mean distance of sets of training excerpts, each with as many of each instrument as there are samples, from as many pieces
    /// as possible.
    /// </summary>
    public double OfTraining() => Enumerable.Range(0, Draws).Average(draw => Of(_counts.SelectMany(count => Draw(draw, count.Key, count.Value))));

    private IEnumerable<AnalyzedExcerpt> Draw(int draw, string instrument, int count)
    {
        AnalyzedExcerpt[][] pieces = [.. _train.Where(excerpt => excerpt.Instrument == instrument)
            .GroupBy(excerpt => excerpt.Owner).Select(piece => piece.ToArray())
            .Select((piece, i) => (piece, Order: CounterRandom.Uniform(DrawSeed, draw, 0, i))).OrderBy(entry => entry.Order).Select(entry => entry.piece)];
        return Enumerable.Range(0, count).Select(i => pieces[i % pieces.Length]).Select(
            (piece, i) => piece[(int)(CounterRandom.Uniform(DrawSeed, draw, 1, i) * piece.Length)]);
    }
}

using Jukebox.MusicReport.Audio;
using Jukebox.MusicReport.Statistics;

namespace Jukebox.MusicReport;

/// <summary>How well features tell a label of pieces that they were not learnt from.</summary>
/// <param name="Label">instrument or composer.</param>
/// <param name="Features">What it is told by: timbre, or vectors of a layer.</param>
/// <param name="Pieces">Held-out pieces whose label the training pieces have, too.</param>
/// <param name="Classes">Labels to choose from.</param>
/// <param name="Chance">Share that the commonest label of the training pieces would be right of.</param>
/// <param name="Linear">Share that a linear classifier is right of.</param>
/// <param name="Nearest">Share of which the nearest training piece has the label (cosine, features scaled).</param>
public sealed record ProbeFinding(string Label, string Features, int Pieces, int Classes, double Chance, double Linear, double Nearest);

/// <summary>Whether vectors of pieces say who wrote them and what plays: one vector a piece, learnt on one split, tried on the other.</summary>
internal static class VectorProbe
{
    /// <summary>Probes vectors of each layer and, to compare with, timbre.</summary>
    /// <param name="pieces">The pieces.</param>
    /// <param name="features">Each a name, and a row for each piece.</param>
    public static ProbeFinding[] Run(IReadOnlyList<Piece> pieces, IReadOnlyList<(string Name, double[][] Rows)> features) =>
    [
        .. from label in (IEnumerable<(string Name, Func<Piece, string> Of)>)[("instrument", piece => piece.Instrument), ("composer", piece => piece.Artist)]
           where pieces.All(piece => label.Of(piece).Length > 0)
           from set in features
           select Probe(label.Name, set.Name, [.. pieces.Zip(set.Rows, (piece, row) => (label.Of(piece), piece.HeldOut, row))]),
    ];

    private static ProbeFinding Probe(string label, string features, (string Label, bool HeldOut, double[] Row)[] all)
    {
        (string Label, bool HeldOut, double[] Row)[] train = [.. all.Where(piece => !piece.HeldOut)];
        HashSet<string> known = [.. train.Select(piece => piece.Label)];
        (string Label, bool HeldOut, double[] Row)[] tried = [.. all.Where(piece => piece.HeldOut && known.Contains(piece.Label))];
        var linear = new LinearDiscriminant([.. train.Select(piece => piece.Row)], [.. train.Select(piece => piece.Label)]);
        var scale = new FeatureScale([.. train.Select(piece => piece.Row)]);
        (string Label, double[] Row)[] places = [.. train.Select(piece => (piece.Label, Direction(scale.Apply(piece.Row))))];
        string commonest = train.GroupBy(piece => piece.Label).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).First().Key;
        double Share(Func<(string Label, bool HeldOut, double[] Row), string> told) => tried.Length == 0 ? 0 : tried.Average(piece => told(piece) == piece.Label ? 1.0 : 0);
        return new ProbeFinding(
            label, features, tried.Length, known.Count, Share(_ => commonest), Share(piece => linear.Classify([piece.Row])), Share(piece => NearestTo(Direction(scale.Apply(piece.Row)), places)));
    }

    private static string NearestTo(double[] direction, (string Label, double[] Row)[] places) => places.MaxBy(place => Dot(place.Row, direction)).Label;

    private static double[] Direction(double[] row)
    {
        double length = Math.Sqrt(Dot(row, row));
        return length == 0 ? row : Array.ConvertAll(row, value => value / length);
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}

using Jukebox.MusicReport.Statistics;

namespace Jukebox.MusicReport;

/// <summary>Hears instruments by timbre.</summary>
/// <param name="discriminant">Learnt from training music and from degraded copies of it.</param>
internal sealed class InstrumentClassifier(LinearDiscriminant discriminant)
{
    /// <summary>Learns from excerpts of known instruments.</summary>
    public static InstrumentClassifier Learn(IReadOnlyList<(string Instrument, double[] Timbre)> excerpts) =>
        new(new LinearDiscriminant([.. excerpts.Select(excerpt => excerpt.Timbre)], [.. excerpts.Select(excerpt => excerpt.Instrument)]));

    /// <summary>Share of single excerpts whose instrument is heard.</summary>
    public double Accuracy(IReadOnlyList<(string Instrument, double[] Timbre)> excerpts) =>
        excerpts.Average(excerpt => discriminant.Classify([excerpt.Timbre]) == excerpt.Instrument ? 1.0 : 0);

    /// <summary>What is heard in each sample, over all of its excerpts.</summary>
    public IReadOnlyList<HeardInstrument> Listen(IReadOnlyList<AnalyzedExcerpt> excerpts) =>
        [.. excerpts.GroupBy(excerpt => (excerpt.Owner, excerpt.Instrument))
            .Select(sample => new HeardInstrument(sample.Key.Owner, sample.Key.Instrument, discriminant.Classify(sample.Select(excerpt => excerpt.Features.Timbre))))];
}

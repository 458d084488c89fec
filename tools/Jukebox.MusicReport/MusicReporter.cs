using Jukebox.MusicReport.Audio;
using Jukebox.MusicReport.Features;
using MathNet.Numerics;

namespace Jukebox.MusicReport;

/// <summary>Measures whether samples are music, against music.</summary>
public sealed class MusicReporter
{
    private const double ClassifierFloor = 0.95;
    private const double InstrumentFloor = 0.8;
    private const double DistanceCeiling = 3;
    private const double PitchFloor = 0.9;

    /// <summary>Excerpts that a training piece gives at most: long pieces are no better teachers.</summary>
    private const int ExcerptsOfPiece = 5;

    /// <summary>What a classifier learns from beside the audio itself: from little loss to much.</summary>
    private static readonly Degradation?[] Learnt = [null, Degraded(8000, 20), Degraded(6000, 13), Degraded(4000, 8)];

    /// <summary>What it is tried on, too.</summary>
    private static readonly Degradation?[] Tried = [Degraded(5000, 13)];

    private readonly ReportRequest _request;
    private readonly AudioAnalysis _analysis;

    /// <summary>The same figures whatever native libraries and processors a machine has.</summary>
    static MusicReporter()
    {
        Control.UseManaged();
        Control.UseSingleThread();
    }

    private MusicReporter(ReportRequest request, Action<string, int, int> progress, CancellationToken cancellation)
    {
        _request = request;
        _analysis = new AudioAnalysis(request.Seconds, request.Threads, progress, cancellation);
    }

    /// <summary>Makes a report.</summary>
    /// <param name="request">What to measure.</param>
    /// <param name="progress">Told of every file that is done: what kind, how many are done, how many there are.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ReportException">Audio is missing, or labels do not match.</exception>
    public static Findings Run(ReportRequest request, Action<string, int, int> progress, CancellationToken cancellation) =>
        new MusicReporter(request, progress, cancellation).Run();

    private Findings Run()
    {
        IReadOnlyList<Piece> pieces = ReferenceMusic.Find(
            _request.Reference, TabSeparatedTable.Read(_request.Manifest, "file", "genre", "split"), _request.TrainSplit, _request.HeldOutSplit);
        Piece[] trainPieces = [.. pieces.Where(piece => !piece.HeldOut)], heldOutPieces = [.. pieces.Where(piece => piece.HeldOut)];

        // Wrong folders and labels are found before the long work.
        (string Folder, IReadOnlyList<SampleFile> Files)[] sets = [.. _request.Samples.Select(folder => (folder, FindSamples(folder, trainPieces)))];
        IReadOnlyList<(string Layer, double[][] Vectors)> vectors = _request.Vectors is { } folder ? VectorFiles.Read(folder, pieces) : [];
        InstrumentClassifier classifier = Learn(trainPieces);
        IReadOnlyList<AnalyzedExcerpt> train = Analyze("training", trainPieces, ExcerptsOfPiece), heldOut = Analyze("held-out", heldOutPieces);
        var reference = new ReferenceFindings(
            ExcerptsByInstrument(train),
            ExcerptsByInstrument(heldOut),
            [new Figure(
                "classifier right on held-out excerpts", classifier.Accuracy([.. heldOut.Select(excerpt => (excerpt.Instrument!, excerpt.Features.Timbre))]),
                ClassifierFloor, AtMost: false)],
            classifier.Accuracy(_analysis.AnalyzeCopies("degraded held-out", heldOutPieces, Tried)),
            DecodedAccuracy(classifier, heldOutPieces),
            SampleChecks.ExtremesOf(heldOut),
            SampleChecks.Find(heldOut));
        return new Findings(reference, [.. sets.Select(set => Measure(set.Folder, set.Files, classifier, train, heldOut))], Probe(pieces, vectors, [.. train, .. heldOut]));
    }

    /// <summary>What vectors tell, and what the mean timbre of a piece's excerpts does.</summary>
    private static ProbeFinding[] Probe(IReadOnlyList<Piece> pieces, IReadOnlyList<(string Layer, double[][] Vectors)> vectors, IReadOnlyList<AnalyzedExcerpt> excerpts)
    {
        if (vectors.Count == 0)
        {
            return [];
        }

        ILookup<string, double[]> timbre = excerpts.ToLookup(excerpt => excerpt.Owner, excerpt => excerpt.Features.Timbre);
        double[][] means = [.. pieces.Select(piece => timbre[piece.Name].ToArray()).Select(rows => rows[0].Select((_, d) => rows.Average(row => row[d])).ToArray())];
        return VectorProbe.Run(pieces, [("timbre", means), .. vectors.Select(set => (set.Layer.Length == 0 ? "vectors" : $"layer {set.Layer}", set.Vectors))]);
    }

    private static Degradation Degraded(double cutoffHz, double decibels) => new(cutoffHz, decibels, ExcerptAnalyzer.SampleRateHz);

    private IReadOnlyList<SampleFile> FindSamples(string folder, Piece[] train) => SampleFiles.Find(
        folder,
        [.. train.Select(piece => piece.Instrument).Distinct()],
        _request.SampleTable is { } path ? TabSeparatedTable.Read(path, "file", "genre") : null);

    /// <summary>From the training music, degraded copies of it, and what models make of it.</summary>
    private InstrumentClassifier Learn(Piece[] train) => InstrumentClassifier.Learn(
        [.. _analysis.AnalyzeCopies("copies of training", train, Learnt, ExcerptsOfPiece),
         .. _request.Decoded.SelectMany(folder => _analysis.AnalyzeCopies("decoded training", ReferenceMusic.In(folder, train), [null], ExcerptsOfPiece))]);

    private SortedDictionary<string, double> DecodedAccuracy(InstrumentClassifier classifier, Piece[] heldOut) => new(
        _request.Decoded.ToDictionary(
            folder => folder,
            folder => classifier.Accuracy(_analysis.AnalyzeCopies("decoded held-out", ReferenceMusic.In(folder, heldOut), [null]))),
        StringComparer.Ordinal);

    private IReadOnlyList<AnalyzedExcerpt> Analyze(string what, Piece[] pieces, int most = int.MaxValue) =>
        _analysis.Analyze(what, [.. pieces.Select(piece => (piece.Name, (string?)piece.Instrument, piece.Path))], most);

    private static SortedDictionary<string, int> ExcerptsByInstrument(IEnumerable<AnalyzedExcerpt> excerpts) =>
        new(excerpts.GroupBy(excerpt => excerpt.Instrument!).ToDictionary(set => set.Key, set => set.Count()), StringComparer.Ordinal);

    private SampleFindings Measure(
        string folder, IReadOnlyList<SampleFile> files, InstrumentClassifier classifier, IReadOnlyList<AnalyzedExcerpt> train, IReadOnlyList<AnalyzedExcerpt> heldOut)
    {
        IReadOnlyList<AnalyzedExcerpt> samples = _analysis.Analyze($"samples of {folder}", [.. files.Select(file => (file.Name, file.Instrument, file.Path))]);
        AnalyzedExcerpt[][] bySample = [.. samples.GroupBy(excerpt => excerpt.Owner).Select(sample => sample.ToArray())];
        Dictionary<string, int> counts = CountsOf(files, heldOut);
        double[] weights = SetDistance.Weights(heldOut, counts);
        var distances = new SetDistance(train, heldOut, counts);
        var distance = new Comparison(distances.Of(bySample.Select(sample => sample[0])), distances.OfTraining());
        Comparison inTune = Compare(excerpt => excerpt.Features.Pitch.InTuneShare);
        IReadOnlyList<HeardInstrument> heard = classifier.Listen(samples);
        IReadOnlyList<SampleFault> faults = SampleChecks.Find(samples);
        return new SampleFindings(
            folder, [.. FiguresOf(heard, distance, inTune, faults)], heard, distance, inTune, Compare(excerpt => excerpt.Features.Pitch.TonalShare), faults);

        Comparison Compare(Func<AnalyzedExcerpt, double> value) =>
            new(bySample.Average(sample => sample.Average(value)), heldOut.Zip(weights, (excerpt, weight) => weight * value(excerpt)).Sum());
    }

    /// <summary>Samples of each instrument; where nothing was asked of one, all are taken to be shared out as the held-out pieces are.</summary>
    private static Dictionary<string, int> CountsOf(IReadOnlyList<SampleFile> files, IReadOnlyList<AnalyzedExcerpt> heldOut)
    {
        IEnumerable<string> labels = files.All(file => file.Instrument is not null)
            ? files.Select(file => file.Instrument!)
            : heldOut.DistinctBy(excerpt => excerpt.Owner).Select(excerpt => excerpt.Instrument!);
        return labels.GroupBy(label => label).OrderBy(set => set.Key, StringComparer.Ordinal).ToDictionary(set => set.Key, set => set.Count());
    }

    private static IEnumerable<Figure> FiguresOf(IReadOnlyList<HeardInstrument> heard, Comparison distance, Comparison inTune, IReadOnlyList<SampleFault> faults)
    {
        HeardInstrument[] asked = [.. heard.Where(sample => sample.Asked is not null)];
        if (asked.Length > 0)
        {
            yield return new Figure(
                "instrument heard is the one asked for", asked.Average(sample => sample.Asked == sample.Heard ? 1.0 : 0), InstrumentFloor, AtMost: false);
        }

        yield return new Figure("distance to held-out music over that of training music", distance.Samples / distance.Music, DistanceCeiling, AtMost: true);
        yield return new Figure("tonal energy within 20 cents over that of held-out music", inTune.Samples / inTune.Music, PitchFloor, AtMost: false);
        foreach (string fault in SampleChecks.Names)
        {
            yield return new Figure($"samples with {fault}", faults.Count(found => found.Fault == fault), 0, AtMost: true);
        }
    }
}

using Jukebox.Audio.Reading;
using Jukebox.MusicReport.Audio;
using Jukebox.MusicReport.Features;

namespace Jukebox.MusicReport;

/// <summary>Reads audio and measures its excerpts, several files at once; results are in the files' order.</summary>
/// <param name="seconds">Length of an excerpt.</param>
/// <param name="threads">Files at once.</param>
/// <param name="progress">Told of every file that is done: a name, how many are done, how many there are.</param>
/// <param name="cancellation">Stops it.</param>
internal sealed class AudioAnalysis(double seconds, int threads, Action<string, int, int> progress, CancellationToken cancellation)
{
    private readonly int _lengthSamples = (int)Math.Round(seconds * ExcerptAnalyzer.SampleRateHz);

    /// <summary>Measures excerpts of files, at most so many of each.</summary>
    public IReadOnlyList<AnalyzedExcerpt> Analyze(string what, IReadOnlyList<(string Name, string? Instrument, string Path)> files, int most = int.MaxValue) =>
        [.. ForEach(what, files, file => file.Path, most, (file, analyzer, excerpt) => new AnalyzedExcerpt(file.Name, file.Instrument, analyzer.Analyze(excerpt)))];

    /// <summary>The timbre of excerpts of pieces, at most so many of each, after each degradation; none leaves them as they are.</summary>
    public IReadOnlyList<(
        string Instrument, double[] Timbre)> AnalyzeCopies(string what, IReadOnlyList<Piece> pieces, IReadOnlyList<Degradation?> degradations, int most = int.MaxValue) =>
        [.. ForEach(what, pieces, piece => piece.Path, most, (piece, analyzer, excerpt) =>
            degradations.Select(degradation => (piece.Instrument, analyzer.Timbre(degradation?.Apply(excerpt) ?? excerpt))).ToArray()).SelectMany(copies => copies)];

    private IEnumerable<TResult> ForEach<TFile, TResult>(
        string what, IReadOnlyList<TFile> files, Func<TFile, string> pathOf, int most, Func<TFile, ExcerptAnalyzer, float[], TResult> measure)
    {
        var results = new TResult[files.Count][];
        int done = 0;
        try
        {
            Parallel.For(
                0,
                files.Count,
                new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
                () => new ExcerptAnalyzer(),
                (i, _, analyzer) =>
                {
                    results[i] = [.. Excerpt.Cut(Load(pathOf(files[i])), _lengthSamples, most).Select(excerpt => measure(files[i], analyzer, excerpt))];
                    progress(what, Interlocked.Increment(ref done), files.Count);
                    return analyzer;
                },
                _ => { });
        }
        catch (AggregateException errors)
        {
            // One file's trouble is the user's to mend; which of several comes first does not matter.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
        }

        return results.SelectMany(excerpts => excerpts);
    }

    private static float[] Load(string path)
    {
        float[] samples = AudioFile.Load(new AudioRange(path), ExcerptAnalyzer.SampleRateHz);
        return samples.Length >= ExcerptAnalyzer.ShortestExcerpt
            ? samples
            : throw new ReportException($"{path} is shorter than a second, which is too little to be measured; take it away or make it longer.");
    }
}

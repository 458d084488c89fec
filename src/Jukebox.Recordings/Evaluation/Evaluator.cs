using Jukebox.Audio.Reading;
using Jukebox.Audio.Writing;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Models.Priors;
using Jukebox.Models.VqVaes;

namespace Jukebox.Recordings.Evaluation;

/// <summary>What to measure.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Most seconds taken of a file, from its start; none takes all.</summary>
    public double? Seconds { get; init; }

    /// <summary>Whether to measure the priors.</summary>
    public bool Priors { get; init; } = true;

    /// <summary>New tokens of each further window over its length; less gives tokens more context.</summary>
    public double HopFraction { get; init; } = 0.5;

    /// <summary>Folder that the reconstructions are written to, or none.</summary>
    public string? OutputFolder { get; init; }

    /// <summary>Whether files that are already there are replaced.</summary>
    public bool Force { get; init; }
}

/// <summary>
/// Measures a model on recordings: what each level's codes keep of them, how its codebook is used, and how well each prior
/// predicts the codes. A recording is cut to whole tokens of the coarsest level, so that all levels are measured on the same audio.
/// </summary>
public sealed class Evaluator
{
    // Encoders and decoders of all levels hold scratch at once, so each works on shorter pieces than it would alone.
    private const int PieceRows = VqVae.DefaultPieceRows / 3;

    private readonly ModelFolder _folder;
    private readonly IBackend _backend;
    private readonly EvaluationOptions _options;
    private readonly Action<string> _progress;
    private readonly CancellationToken _cancellation;
    private readonly Action<string>? _note;
    private readonly List<MeasuredTrack> _tracks = [];
    private readonly List<SkippedFile> _skipped = [];

    private Evaluator(ModelFolder folder, IBackend backend, EvaluationOptions options, Action<string> progress, Action<string>? note, CancellationToken cancellation) =>
        (_folder, _backend, _options, _progress, _note, _cancellation) = (folder, backend, options, progress, note, cancellation);

    private VqVaeSpec Spec => _folder.Description.VqVae;

    private int SampleRateHz => _folder.Description.SampleRateHz;

    /// <summary>Samples of a token of the coarsest level.</summary>
    private int TopHop => Spec.SamplesPerToken(Spec.Levels - 1);

    /// <summary>Measures. Files that cannot be read, or are too short, are skipped and named.</summary>
    /// <param name="folder">The model.</param>
    /// <param name="backend">What computes.</param>
    /// <param name="tracks">The recordings.</param>
    /// <param name="options">What to measure.</param>
    /// <param name="progress">Told where the work stands, often.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="note">Told what is to be said of recordings that are measured all the same.</param>
    /// <exception cref="AudioException">No recording can be measured.</exception>
    /// <exception cref="RecordingException">A reconstruction would be written over something; nothing is measured.</exception>
    public static EvaluationReport Run(
        ModelFolder folder,
        IBackend backend,
        IReadOnlyList<EvaluationTrack> tracks,
        EvaluationOptions options,
        Action<string> progress,
        CancellationToken cancellation,
        Action<string>? note = null)
    {
        var evaluator = new Evaluator(folder, backend, options, progress, note, cancellation);
        evaluator.MeasureReconstructions(tracks);
        var unknown = new SortedSet<string>(StringComparer.Ordinal);
        if (options.Priors)
        {
            evaluator.MeasurePriors(unknown);
        }

        return evaluator.Report(unknown);
    }

    private void MeasureReconstructions(IReadOnlyList<EvaluationTrack> tracks)
    {
        using var vqvae = VqVae.Load(_backend, _folder.OpenVqVae(), Spec, PieceRows);
        ReconstructionFiles? output = _options.OutputFolder is { } folder ? ReconstructionFiles.Plan(folder, Spec.Levels, [.. tracks.Select(track => track.Path)], _options.Force) : null;
        foreach ((int index, EvaluationTrack track) in tracks.Index())
        {
            try
            {
                _tracks.Add(Reconstruct(vqvae, index, track, output, $"file {index + 1} of {tracks.Count}"));
            }
            catch (Exception e) when (e is AudioException or DamagedFileException)
            {
                _skipped.Add(new SkippedFile(track.Path, e.Message));
            }
        }

        if (_tracks.Count == 0)
        {
            throw new AudioException($"None of the {tracks.Count} files can be measured; the first: {_skipped[0].Reason}");
        }
    }

    /// <summary>Reads a recording once, with all levels side by side, so that no more of it than a level looks at is held.</summary>
    private MeasuredTrack Reconstruct(VqVae vqvae, int index, EvaluationTrack track, ReconstructionFiles? output, string place)
    {
        (long measuredSamples, long length) = Lengths(track.Path);
        using var file = AudioFile.Open(new AudioRange(track.Path), SampleRateHz, note: _note);
        var measured = new MeasuredTrack(track, measuredSamples, length, Spec.Levels, Spec.CodebookSize);
        List<int>[] kept = [.. measured.Codes.Select(_ => new List<int>())];
        WaveWriter[] waves = output is null ? [] : [.. Enumerable.Range(0, Spec.Levels).Select(level => output.Begin(level, index, SampleRateHz))];
        try
        {
            Array.ForEach(measured.Meters, meter => meter.Begin(measuredSamples));
            vqvae.Reconstruct(
                measuredSamples,
                new RecordingSamples(file, first => _progress($"{place}  {Path.GetFileName(track.Path)}  {(double)first / measuredSamples:P0}"), _cancellation).Read,
                (level, _, codes) =>
                {
                    measured.Histograms[level].Add(codes);
                    kept[level].AddRange(codes[..(int)Math.Min(codes.Length, Math.Max(0, KeptCodes(level) - kept[level].Count))]);
                },
                (level, audio, reconstruction) =>
                {
                    measured.Meters[level].AddNext(audio, reconstruction);
                    if (output is not null)
                    {
                        waves[level].Write(reconstruction);
                    }
                });
        }
        finally
        {
            Array.ForEach(waves, wave => wave.Dispose());
        }

        for (int level = 0; level < Spec.Levels; level++)
        {
            measured.Codes[level] = [.. kept[level]];
        }

        return measured;
    }

    /// <summary>Samples of a recording that are measured, and of the whole as far as it is looked at.</summary>
    private (long Measured, long Whole) Lengths(string path)
    {
        long most = _options.Seconds is { } seconds ? (long)Math.Min(seconds * SampleRateHz, long.MaxValue / 2) : long.MaxValue;
        using var file = AudioFile.Open(path, SampleRateHz);
        long whole = file.CountSamples(most);
        long measured = Math.Min(whole, most) / TopHop * TopHop;
        return measured >= ReconstructionMeter.ShortestSignal
            ? (measured, whole)
            : throw new AudioException(
                $"{path} is too short: {(double)measured / SampleRateHz:0.###} s in whole tokens; it takes "
                + $"{(double)ReconstructionMeter.ShortestSignal / SampleRateHz:0.###} s.");
    }

    /// <summary>Codes of a level that priors are asked about: those of the longest song that one of them knows, and of a window beyond it.</summary>
    private long KeptCodes(int level)
    {
        if (!_options.Priors)
        {
            return 0;
        }

        double samples = _folder.Description.Priors
            .Select(prior => ((prior.Labels?.MaxDurationSeconds ?? double.PositiveInfinity) * SampleRateHz) + ((double)prior.ContextLength * Spec.SamplesPerToken(prior.Level)))
            .DefaultIfEmpty(0).Max();
        return (long)Math.Ceiling(Math.Min(samples / Spec.SamplesPerToken(level), int.MaxValue));
    }

    private void MeasurePriors(SortedSet<string> unknown)
    {
        LabelTables tables = LabelTables.Open(_folder.Path);
        foreach (PriorSpec spec in _folder.Description.Priors.OrderByDescending(prior => prior.Level))
        {
            using var prior = Prior.Load(_backend, _folder, spec.Level);
            using PriorRun run = prior.CreateRun(1);
            foreach ((int index, MeasuredTrack track) in _tracks.Index())
            {
                ItemLabels labels = LabelsOf(spec, tables, track);
                unknown.UnionWith(labels.Warnings.Select(warning => $"{warning.Kind.ToString().ToLowerInvariant()} '{warning.Given}' (level {spec.Level})"));
                track.Bits[spec.Level] = CodeScore.BitsOf(
                    run,
                    Spec,
                    track.ScoredCodes(spec, Spec, SampleRateHz),
                    spec.UpperCodes is null ? null : track.Codes[spec.Level + 1],
                    _options.HopFraction,
                    start => labels.ForWindow(start).Row,
                    share =>
                    {
                        _cancellation.ThrowIfCancellationRequested();
                        _progress($"prior of level {spec.Level}  file {index + 1} of {_tracks.Count}  {share:P0}");
                    });
            }
        }
    }

    /// <summary>Labels as in training: the imagined song is the whole recording, or as near to it as the model knows lengths.</summary>
    private ItemLabels LabelsOf(PriorSpec spec, LabelTables tables, MeasuredTrack track)
    {
        long shortest = (long)Math.Ceiling((spec.Labels?.MinDurationSeconds ?? 0) * SampleRateHz);
        long longest = (long)Math.Ceiling((spec.Labels?.MaxDurationSeconds ?? long.MaxValue / SampleRateHz) * SampleRateHz) - 1;
        return ItemLabels.Build(spec, Spec.SamplesPerToken(spec.Level), tables, new LabelRequest
        {
            Artist = track.Track.Label.Artist,
            Genre = track.Track.Label.Genre,
            Lyrics = track.Track.Label.Lyrics,
            TotalSamples = Math.Clamp(track.LengthSamples, Math.Min(shortest, longest), longest),
        });
    }

    private EvaluationReport Report(SortedSet<string> unknown) => new(
        _folder.Description.Name,
        _folder.Path,
        _tracks.Sum(track => (double)track.MeasuredSamples / SampleRateHz),
        [.. Enumerable.Range(0, Spec.Levels).Select(LevelReport)],
        [.. _tracks.Select(track => track.Report(SampleRateHz))],
        _skipped,
        [.. unknown]);

    private LevelEvaluation LevelReport(int level)
    {
        var meter = new ReconstructionMeter();
        var codes = new CodeHistogram(Spec.CodebookSize);
        foreach (MeasuredTrack track in _tracks)
        {
            meter.Add(track.Meters[level]);
            codes.Add(track.Histograms[level]);
        }

        double? bits = MeasuredTrack.MeanBits(_tracks.SelectMany(track => track.Bits[level]));
        return new LevelEvaluation(
            level,
            Spec.SamplesPerToken(level),
            codes.Total,
            meter.Quality.SignalToNoiseDecibels,
            meter.Quality.SpectralConvergence,
            Spec.CodebookSize,
            codes.UsedCodes,
            codes.UsedShare,
            codes.Perplexity,
            codes.EntropyBits,
            bits,
            1 - (bits / codes.EntropyBits));
    }
}

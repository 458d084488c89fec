using Jukebox.Models.Format;

namespace Jukebox.Recordings.Evaluation;

/// <summary>What is known of a recording while a model is measured.</summary>
/// <param name="track">The recording.</param>
/// <param name="measuredSamples">Samples that are measured.</param>
/// <param name="lengthSamples">Samples of the whole.</param>
/// <param name="levels">Levels of the model.</param>
/// <param name="codebookSize">Codes of each.</param>
internal sealed class MeasuredTrack(EvaluationTrack track, long measuredSamples, long lengthSamples, int levels, int codebookSize)
{
    public EvaluationTrack Track => track;

    public long MeasuredSamples => measuredSamples;

    public long LengthSamples => lengthSamples;

    /// <summary>By level: codes from the first on, as far as priors are asked about them.</summary>
    public int[][] Codes { get; } = [.. Enumerable.Range(0, levels).Select(_ => Array.Empty<int>())];

    /// <summary>By level: all codes, counted.</summary>
    public CodeHistogram[] Histograms { get; } = [.. Enumerable.Range(0, levels).Select(_ => new CodeHistogram(codebookSize))];

    /// <summary>By level.</summary>
    public ReconstructionMeter[] Meters { get; } = [.. Enumerable.Range(0, levels).Select(_ => new ReconstructionMeter())];

    /// <summary>By level: bits of each code; empty where no prior was asked.</summary>
    public double[][] Bits { get; } = [.. Enumerable.Range(0, levels).Select(_ => Array.Empty<double>())];

    /// <summary>The codes that lie within the longest song that a prior knows.</summary>
    public int[] ScoredCodes(PriorSpec prior, VqVaeSpec vqvae, int sampleRateHz)
    {
        int[] codes = Codes[prior.Level];
        double most = (prior.Labels?.MaxDurationSeconds ?? double.PositiveInfinity) * sampleRateHz / vqvae.SamplesPerToken(prior.Level);
        return most < codes.Length ? codes[..(int)most] : codes;
    }

    /// <summary>Mean of what was scored; none where nothing was.</summary>
    public static double? MeanBits(IEnumerable<double> bits)
    {
        double[] scored = [.. bits.Where(value => !double.IsNaN(value))];
        return scored.Length == 0 ? null : scored.Average();
    }

    public FileEvaluation Report(int sampleRateHz) => new(
        track.Path,
        track.Label.Artist,
        track.Label.Genre,
        (double)measuredSamples / sampleRateHz,
        [.. Meters.Select((meter, level) => new FileLevelEvaluation(level, meter.Quality.SignalToNoiseDecibels, meter.Quality.SpectralConvergence, MeanBits(Bits[level])))]);
}

namespace Jukebox.Recordings.Evaluation;

/// <summary>What was measured of a model.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Seconds">Audio that it was measured on.</param>
/// <param name="Levels">By level, the finest first.</param>
/// <param name="Files">By file.</param>
/// <param name="Skipped">Files that could not be measured.</param>
/// <param name="UnknownLabels">Artists and genres of the files that the model does not know.</param>
public sealed record EvaluationReport(
    string Model,
    string Folder,
    double Seconds,
    IReadOnlyList<LevelEvaluation> Levels,
    IReadOnlyList<FileEvaluation> Files,
    IReadOnlyList<SkippedFile> Skipped,
    IReadOnlyList<string> UnknownLabels);

/// <summary>What was measured of a level, over all files.</summary>
/// <param name="Level">The level.</param>
/// <param name="SamplesPerToken">Audio samples of a token.</param>
/// <param name="Tokens">Tokens of all files.</param>
/// <param name="SnrDb">Signal over error of the reconstruction from the level's codes alone; none of silence.</param>
/// <param name="SpectralConvergence">Relative distance of magnitudes; the mean over three resolutions; none of silence.</param>
/// <param name="CodebookSize">Codes there are.</param>
/// <param name="UsedCodes">Codes that occur.</param>
/// <param name="UsedShare">Their share.</param>
/// <param name="Perplexity">2 to the power of the entropy.</param>
/// <param name="EntropyBits">Entropy of single codes.</param>
/// <param name="BitsPerToken">Of the prior, which is told the codes before; none where there is no prior, or it was not asked.</param>
/// <param name="BelowEntropy">1 − bits per token over entropy.</param>
public sealed record LevelEvaluation(
    int Level,
    int SamplesPerToken,
    long Tokens,
    double? SnrDb,
    double? SpectralConvergence,
    int CodebookSize,
    int UsedCodes,
    double UsedShare,
    double Perplexity,
    double EntropyBits,
    double? BitsPerToken,
    double? BelowEntropy);

/// <summary>What was measured of a file.</summary>
/// <param name="File">Its path.</param>
/// <param name="Artist">Its artist; empty for unknown.</param>
/// <param name="Genre">Its genre; empty for unknown.</param>
/// <param name="Seconds">How much of it was measured.</param>
/// <param name="Levels">By level, the finest first.</param>
public sealed record FileEvaluation(string File, string Artist, string Genre, double Seconds, IReadOnlyList<FileLevelEvaluation> Levels);

/// <summary>What was measured of a file at a level.</summary>
/// <param name="Level">The level.</param>
/// <param name="SnrDb">As of the whole.</param>
/// <param name="SpectralConvergence">As of the whole.</param>
/// <param name="BitsPerToken">As of the whole.</param>
public sealed record FileLevelEvaluation(int Level, double? SnrDb, double? SpectralConvergence, double? BitsPerToken);

/// <summary>A file that could not be measured, and why, in one sentence.</summary>
public sealed record SkippedFile(string File, string Reason);

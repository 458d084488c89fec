using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Models.Priors;
using Jukebox.Songs;
using Jukebox.Songs.Folder;
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

/// <summary>How far the scoring of an item at a level is.</summary>
/// <param name="Level">Level.</param>
/// <param name="Item">Item of the song.</param>
/// <param name="Share">0 to 1.</param>
public readonly record struct ScoreProgress(int Level, int Item, double Share);

/// <summary>Scores the codes of a song with the model that made them, or another of the same VQ-VAE.</summary>
public static class SongScore
{
    /// <summary>Scores a song, level by level, the coarsest first; a level is passed over where there are no codes, or none above it that its prior reads.</summary>
    /// <param name="backend">What computes.</param>
    /// <param name="model">The model; its priors are loaded one after the other.</param>
    /// <param name="path">Folder of the song, which may be in use: what it has so far is scored then.</param>
    /// <param name="onlyLevel">The level to score, or none for all.</param>
    /// <param name="hopFraction">
    /// New tokens of each further window over its length, more than 0 and at most 1; a token is scored in the first window that holds it.
    /// </param>
    /// <param name="note">Told where the song has less than it is to have.</param>
    /// <param name="progress">Told where the work stands, often.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>A score for each item and level.</returns>
    /// <exception cref="SamplingException">There is no song, or it was made with another model.</exception>
    /// <exception cref="StudioException">There is nothing to score.</exception>
    /// <exception cref="DamagedFileException">Codes or weights are damaged.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static LevelScore[] Of(
        IBackend backend, ModelFolder model, string path, int? onlyLevel, double hopFraction,
        Action<string> note, Action<ScoreProgress> progress, CancellationToken cancellation)
    {
        SongNotes.Unfinished(path, note);
        SongDescription song = SongFolder.ReadDescription(path, SongModel.Reference(model), model.Description);
        using var songModel = new SongModel(model, backend);
        var scores = new List<LevelScore>();
        foreach (PriorSpec spec in model.Description.Priors.Where(prior => onlyLevel is null || prior.Level == onlyLevel).OrderByDescending(prior => prior.Level))
        {
            int[][] codes = SongFolder.ReadCodes(path, spec.Level);
            int[][] upper = spec.UpperCodes is null ? [] : SongFolder.ReadCodes(path, spec.Level + 1);
            if (codes.Length == 0 || codes[0].Length == 0 || (upper.Length == 0 && spec.UpperCodes is not null))
            {
                continue;
            }

            using var prior = Prior.Load(backend, model, spec.Level);
            using PriorRun run = prior.CreateRun(1);
            for (int row = 0; row < codes.Length; row++)
            {
                int item = song.Items[row];
                int[]? above = upper.Length == 0 ? null : upper[row];
                int[] known = above is null ? codes[row] : WithUpper(codes[row], above, model.Description.VqVae.TokensPerUpperToken(spec.Level + 1));
                if (known.Length == 0)
                {
                    continue;
                }

                scores.Add(Of(songModel, run, song, row, known, above, hopFraction, share =>
                {
                    cancellation.ThrowIfCancellationRequested();
                    progress(new ScoreProgress(spec.Level, item, share));
                }));
            }
        }

        return scores.Count > 0 ? [.. scores] : throw new StudioException($"'{path}' has no codes at a level that '{model.Path}' has a prior for.");
    }

    /// <summary>The codes that have one above them: those of a song that was stopped while it was encoded may go on beyond that.</summary>
    private static int[] WithUpper(int[] codes, int[] upper, int factor) => codes[..(int)Math.Min(codes.Length, (long)upper.Length * factor)];

    private static LevelScore Of(
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

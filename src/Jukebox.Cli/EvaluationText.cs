using System.Globalization;
using Jukebox.Core.Text;
using Jukebox.Recordings.Evaluation;

namespace Jukebox.Cli;

/// <summary>An evaluation as a table for people.</summary>
internal static class EvaluationText
{
    public static void Write(EvaluationReport report, TextWriter output)
    {
        string skipped = report.Skipped.Count == 0 ? "" : $", {report.Skipped.Count} skipped";
        output.WriteLine($"{report.Model}  ({report.Folder})  on {report.Files.Count} files, {Readable.Duration(report.Seconds)}{skipped}");
        output.WriteLine();
        output.WriteLine("level  samples/token      tokens        SNR  convergence    codes in use  perplexity  entropy  bits/token  below entropy");
        foreach (LevelEvaluation level in report.Levels)
        {
            string used = $"{level.UsedCodes} ({level.UsedShare.ToString("0 %", CultureInfo.InvariantCulture)})";
            string below = level.BelowEntropy?.ToString("0.0 %", CultureInfo.InvariantCulture) ?? "-";
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{level.Level,5}  {level.SamplesPerToken,13}  {level.Tokens,10}  {Figure(level.SnrDb, "0.00"),6} dB  {Figure(level.SpectralConvergence, "0.000"),11}  {used,14}  {level.Perplexity,10:0.0}  {level.EntropyBits,7:0.000}  {Figure(level.BitsPerToken, "0.000"),10}  {below,13}"));
        }
    }

    private static string Figure(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}

using System.Globalization;
using Jukebox.Core.Text;
using Jukebox.Studio.Embeddings;

namespace Jukebox.Cli;

/// <summary>What <c>embed</c> says.</summary>
internal static class EmbedText
{
    /// <summary>Where a run stands, and when it ends if it goes on as it did.</summary>
    public static string Progress(EmbedProgress at)
    {
        double left = at.Inputs - at.SettledBefore - at.Done, perSecond = at.Done / at.Elapsed.TotalSeconds;
        string pace = at.Done >= 1 ? $", {Readable.Rate(60 * perSecond)} files a minute" : "";
        string end = at.Done > 0 ? $", done at {Readable.FinishTime(TimeSpan.FromSeconds(Math.Min(left / perSecond, 1e9)), TimeProvider.System)}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"file {Math.Min(at.SettledBefore + (int)at.Done + 1, at.Inputs)} of {at.Inputs}  {at.Input}  {at.Windows:0.0} windows{pace}{end}");
    }

    public static void Print(EmbedReport report, TextWriter output)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Inputs} {(report.Inputs == 1 ? "input" : "inputs")}: {report.Done} computed, {report.AlreadyDone} there already, {report.Skipped} left out, {report.Failed} failed; {report.Windows} windows in {Readable.Duration(report.Seconds)}"));
        output.WriteLine(report.Manifest);
    }

    public static void Print(EmbedPlan plan, TextWriter output)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{plan.Inputs} {(plan.Inputs == 1 ? "input" : "inputs")}, {plan.Windows} windows with {plan.Tokens} tokens{(plan.Unreadable > 0 ? $"; {plan.Unreadable} cannot be read" : "")}"));
        output.WriteLine($"results  {Readable.Bytes(plan.OutputBytes)}");
        output.WriteLine($"memory   {Readable.Bytes(plan.MemoryBytes)} with {plan.Batch} {(plan.Batch == 1 ? "window" : "windows")} at a time; {Readable.Bytes(plan.WeightBytes)} of weights are gone through for each such batch");
        output.WriteLine(plan.Seconds is { } seconds
            ? $"time     {Readable.Duration(seconds)} for {Readable.Scaled(plan.Operations)}FLOP, at three quarters of the multiply-add rate measured just now"
            : "time     not reckoned");
    }

    public static void Print(EmbedCheckup checkup, string? merged, TextWriter output)
    {
        foreach (string problem in checkup.Problems)
        {
            output.WriteLine(problem);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{checkup.Done} done, {checkup.Skipped} left out, {checkup.Failed} failed; {checkup.Problems.Length} {(checkup.Problems.Length == 1 ? "problem" : "problems")}"));
        if (merged is not null)
        {
            output.WriteLine(merged);
        }
    }
}

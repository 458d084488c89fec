using System.CommandLine;
using Jukebox.Studio.Verification;

namespace Jukebox.Cli.Commands;

/// <summary><c>verify FOLDER</c>: whether a model, a song or a run is what was written.</summary>
internal static class VerifyCommand
{
    public static Command Create(Session session)
    {
        Argument<string> folder = CommonOptions.Path<string>("FOLDER", "A model, a song or a training run.");
        Option<bool> json = CommonOptions.Json();
        var command = new CommandWithExample(
            "verify", "Says whether a model, a song or a run is what was written, byte by byte.", "verify weights/tiny")
        {
            folder, json,
        };
        command.SetAction(result =>
        {
            var report = VerifyReport.Of(result.GetRequiredValue(folder));
            session.Tell(report, ReportJson.Default.VerifyReport, result.GetValue(json), Print);
            return report.IsWhole ? ExitCode.Success : ExitCode.Failed;
        });
        return command;
    }

    private static void Print(VerifyReport report, TextWriter output)
    {
        foreach (string line in report.Problems.Concat(report.Notes))
        {
            output.WriteLine(line);
        }

        string counted = report.Problems.Length == 1 ? "1 fault" : $"{report.Problems.Length} faults";
        output.WriteLine(report.IsWhole ? $"{report.Path}: the {report.Kind} is whole." : $"{report.Path}: the {report.Kind} is not whole: {counted}.");
    }
}

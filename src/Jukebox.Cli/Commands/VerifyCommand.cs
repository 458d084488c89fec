using System.CommandLine;
using System.Text.Json;
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
            if (result.GetValue(json))
            {
                session.Terminal.Output.WriteLine(JsonSerializer.Serialize(report, ReportJson.Default.VerifyReport));
            }
            else
            {
                foreach (string line in report.Problems.Concat(report.Notes))
                {
                    session.Terminal.Output.WriteLine(line);
                }

                string counted = report.Problems.Length == 1 ? "1 fault" : $"{report.Problems.Length} faults";
                session.Terminal.Output.WriteLine(
                    report.IsWhole ? $"{report.Path}: the {report.Kind} is whole." : $"{report.Path}: the {report.Kind} is not whole: {counted}.");
            }

            return report.IsWhole ? ExitCode.Success : ExitCode.Failed;
        });
        return command;
    }
}

using System.CommandLine;
using Jukebox.Core.Errors;
using Jukebox.Core.Text;
using Jukebox.Studio.Devices;
using Jukebox.Studio.Models;

namespace Jukebox.Cli.Commands;

/// <summary><c>info MODEL</c>: what is in a model folder.</summary>
internal static class InfoCommand
{
    public static Command Create(Session session)
    {
        var model = CommonOptions.Path<string?>("MODEL", $"Model folder. [default: ${ModelLocator.Variable}, else the shipped weights/tiny]");
        model.Arity = ArgumentArity.ZeroOrOne;
        var devices = new Option<bool>("--devices") { Description = "Say what this machine can compute on instead." };
        Option<bool> json = CommonOptions.Json();
        var command = new CommandWithExample(
            "info", "Says what is in a model folder: parameters, bytes, window lengths, labels, origin, licence.", "info weights/tiny");
        command.Arguments.Add(model);
        command.Options.Add(devices);
        command.Options.Add(json);
        command.SetAction(result =>
        {
            if (result.GetValue(devices))
            {
                if (result.GetValue(json))
                {
                    throw new UsageException("--devices has no --json; leave one of them out.");
                }

                foreach (string line in Devices.Describe())
                {
                    session.Terminal.Output.WriteLine(line);
                }

                return;
            }

            session.Tell(ModelReport.Of(ModelLocator.Find(result.GetValue(model))), ReportJson.Default.ModelReport, result.GetValue(json), Print);
        });
        return command;
    }

    private static void Print(ModelReport report, TextWriter output)
    {
        output.WriteLine($"{report.Name}  ({report.Folder})");
        output.WriteLine($"origin   {report.Origin}");
        output.WriteLine($"licence  {report.Licence}");
        output.WriteLine($"audio    {report.SampleRateHz} Hz, {report.CodebookSize} codes per level");
        output.WriteLine($"VQ-VAE   {Readable.Scaled(report.VqVaeParameters)}parameters");
        output.WriteLine($"files    {Readable.Bytes(report.TotalBytes)}");
        foreach (LevelReport level in report.Levels)
        {
            output.WriteLine();
            output.WriteLine($"level {level.Level}  {level.SamplesPerToken} samples per token, {level.TokensPerSecond:0.0} tokens per second");
            if (level.Parameters == 0)
            {
                output.WriteLine("  no prior: this level can be encoded and decoded, not sampled");
                continue;
            }

            output.WriteLine($"  prior     {Readable.Scaled(level.Parameters)}parameters, {level.Layers} layers, width {level.Width}, {Readable.Bytes(level.FileBytes)}");
            output.WriteLine($"  window    {level.ContextTokens} tokens, {level.WindowSeconds:0.00} s");
            string total = level.TotalSeconds is { } seconds ? $", total length {seconds:0.##} s" : "";
            output.WriteLine($"  defaults  temperature {level.Temperature}, top-k {level.TopK}, top-p {level.TopP}, hop {level.HopFraction} of a window{total}");
            output.WriteLine(level.LabelGeneration is { } generation
                ? $"  labels    v{generation}: {level.Artists} artists, {level.Genres} genres, total length {level.MinSeconds:0.##} to {level.MaxSeconds:0.##} s"
                : "  labels    none");
            output.WriteLine(level.LyricTokens > 0 ? $"  lyrics    {level.LyricTokens} characters of {level.LyricsMode}" : "  lyrics    none");
        }
    }
}

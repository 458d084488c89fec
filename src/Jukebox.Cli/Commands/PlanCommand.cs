using System.CommandLine;
using Jukebox.Cli.Options;
using Jukebox.Core.Contract;
using Jukebox.Core.Text;
using Jukebox.Models.Format;
using Jukebox.Songs.Plan;
using Jukebox.Songs.Request;
using Jukebox.Studio.Bench;
using Jukebox.Studio.Songs;

namespace Jukebox.Cli.Commands;

/// <summary><c>plan</c>: what a request needs before it starts.</summary>
internal static class PlanCommand
{
    public static Command Create(Session session)
    {
        var options = new SampleOptions();
        Option<PerLevel<double>?> rate = PerLevel<double>.Option(
            "--tokens-per-second", "Speed to reckon with, as 'sample' or 'bench' printed it. [default: a quick measurement]", 1e-6, 1e9);
        var noTime = new Option<bool>("--no-time") { Description = "Reckon memory, disk and tokens only." };
        Option<bool> json = CommonOptions.Json();
        var command = new CommandWithExample(
            "plan",
            "Says what a song takes before it starts: memory, disk, tokens and time. Takes the options of 'sample'.",
            "plan --seconds 20 --count 4")
        {
            rate, noTime, json,
        };
        options.AddTo(command);
        command.SetAction(result =>
        {
            using var folder = ModelFolder.Open(options.Machine.ModelFolder(result));
            SampleRequest request = options.Request(result, folder.Description, session.Cancellation);
            string output = options.Song.Output(result, request);
            SongDescription song = SongJob.Resolve(folder, request);
            using IBackend backend = options.Machine.OpenBackend(result, session);
            var needs = Requirements.Of(SamplingPlan.Create(song, folder.Description), folder, output, session.Limits, backend);
            if (result.GetValue(rate) is { } given)
            {
                needs = needs.WithTime("the tokens per second that were given", level => level.NewTokens / given.At(level.Level, folder.Description.VqVae.Levels));
            }
            else if (!result.GetValue(noTime))
            {
                needs = SongTime.Measure(needs, backend, folder, level => Show(session.Terminal, level), session.Cancellation);
                session.Terminal.EndProgress();
            }

            session.Tell(needs, ReportJson.Default.Requirements, result.GetValue(json), Print);
        });
        return command;
    }

    /// <summary>A line for each level: the one before stays.</summary>
    private static void Show(Terminal terminal, int level)
    {
        terminal.EndProgress();
        terminal.Progress(() => $"measuring level {level}", force: true);
    }

    private static void Print(Requirements needs, TextWriter output)
    {
        string part = needs.TotalSeconds is { } whole ? $", as part of a song of {whole:0.00} s" : "";
        output.WriteLine($"{needs.Items} × {needs.AudioSeconds:0.00} s of audio{part}");
        foreach (LevelRequirement level in needs.Levels)
        {
            string time = level.ComputingSeconds is { } seconds ? $", {Readable.Duration(seconds)}" : "";
            output.WriteLine(
                $"level {level.Level}  {level.Windows} windows, {level.NewTokens} tokens to draw, {level.PrimedTokens} to load again, {level.BatchSize} side "
                + $"by side, {Readable.Bytes(level.MemoryBytes)}{time}");
        }

        output.WriteLine($"memory   {Readable.Bytes(needs.MemoryBytes)} of {Readable.Bytes(needs.AvailableMemoryBytes)} available{(needs.MemoryBytes > needs.AvailableMemoryBytes ? ": NOT ENOUGH" : "")}");
        output.WriteLine(
            $"disk     {Readable.Bytes(needs.DiskBytes)} of {Readable.Bytes(needs.FreeDiskBytes)} free{(needs.DiskBytes > needs.FreeDiskBytes ? ": NOT ENOUGH" : "")}");
        output.WriteLine(needs.ComputingSeconds is { } total ? $"time     {Readable.Duration(total)}, from {needs.TimeSource}" : "time     not reckoned");
    }
}

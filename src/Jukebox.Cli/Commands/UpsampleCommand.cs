using System.CommandLine;
using Jukebox.Audio.Reading;
using Jukebox.Cli.Options;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;

namespace Jukebox.Cli.Commands;

/// <summary><c>upsample SONG</c>: the finer levels of a song, for chosen items or a stretch.</summary>
internal static class UpsampleCommand
{
    public static Command Create(Session session)
    {
        Argument<string> source = CommonOptions.Path<string>("SONG", "Song folder with the coarse codes; it is not changed.");
        var range = new Option<string?>("--range") { Description = "Stretch to refine. [default: the whole song]", HelpName = "START-END" };
        Option<int[]?> items = SongOptions.Items();
        var from = new Option<int?>("--from-level")
        {
            Description = "Coarsest level to sample anew; the one above it must be there. [default: the second coarsest]",
            HelpName = "L",
        }.Within(0, 63);
        var to = new Option<int>("--to-level") { Description = "Finest level to sample.", HelpName = "L", DefaultValueFactory = _ => 0 }.Within(0, 63);
        var song = new SongOptions();
        var labels = new LabelOptions();
        var draws = new DrawOptions();
        var machine = new MachineOptions();
        var command = new CommandWithExample(
            "upsample", "Samples the finer levels of a song, for chosen items or a stretch.", "upsample draft --items 1 --range 2-4 --output fine")
        {
            source, range, items, from, to,
        };
        song.AddTo(command);
        labels.AddTo(command);
        draws.AddTo(command);
        machine.AddTo(command);
        command.SetAction(result =>
        {
            using IBackend backend = machine.OpenBackend(result, session);
            string path = GivenFolder.Song(result.GetRequiredValue(source));
            using var folder = ModelFolder.Open(machine.ModelOf(result, SongFolder.ReadDescription(path)));
            AudioRange stretch = result.GetValue(range) is { } text ? Stretch(path, text) : new AudioRange(path);
            int coarsest = result.GetValue(from) ?? folder.Description.VqVae.Levels - 2;
            int finest = result.GetValue(to);
            if (finest < 0 || finest > coarsest || coarsest > folder.Description.VqVae.Levels - 2)
            {
                throw new UsageException(
                    $"Levels {coarsest} down to {finest} cannot be refined: the model's finer levels are {folder.Description.VqVae.Levels - 2} down to 0.");
            }

            var request = new SampleRequest
            {
                Mode = SamplingMode.Upsample,
                SampleLevels = [.. Enumerable.Range(finest, coarsest - finest + 1).Reverse()],
                Source = new SourceRequest(path, SongOptions.ItemsOf(result, items), stretch.StartSeconds, stretch.EndSeconds),
            };
            request = labels.Apply(result, song.Apply(result, request, folder.Description));
            request = draws.Apply(result, request, folder.Description);
            return SongRun.Begin(session, backend, folder, request, song.Output(result, request), song.Force(result), labels.AllowUnknown(result));
        });
        return command;
    }

    private static AudioRange Stretch(string path, string text)
    {
        AudioRange? stretch = AudioRange.ParseTimes(path, text);
        return stretch is not null && (stretch.EndSeconds is null || stretch.EndSeconds > stretch.StartSeconds)
            ? stretch
            : throw new UsageException($"--range {text}: give it as START-END in seconds with a decimal point, 2-4.5 say, the end after the start.");
    }
}

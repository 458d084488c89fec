using System.CommandLine;
using Jukebox.Cli.Options;
using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;

namespace Jukebox.Cli.Commands;

/// <summary><c>continue SONG</c>: more seconds, from where a song ends or from a cut.</summary>
internal static class ContinueCommand
{
    public static Command Create(Session session)
    {
        Argument<string> source = CommonOptions.Path<string>("SONG", "Song folder to go on from; it is not changed.");
        var more = new Option<double?>("--more-seconds") { Description = "Length to add. [default: 20]", HelpName = "SECONDS" }.Within(1e-3, 1e6);
        var cut = new Option<double?>("--cut", "--prompt-length-in-seconds")
        {
            Description = "Go on from this second instead of from the end.",
            HelpName = "SECONDS",
        }.Within(1e-3, 1e6);
        Option<int[]?> items = SongOptions.Items();
        var song = new SongOptions("Length of the whole audio; instead of --more-seconds.");
        var labels = new LabelOptions();
        var draws = new DrawOptions();
        var machine = new MachineOptions();
        var command = new CommandWithExample(
            "continue", "Adds seconds to a song, from where it ends or from a cut.", "continue song --more-seconds 3 --cut 4 --count 2 --output longer")
        {
            source, more, cut, items,
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
            var request = new SampleRequest
            {
                Mode = SamplingMode.Continue,
                MoreSeconds = result.GetValue(more),
                Source = new SourceRequest(path, SongOptions.ItemsOf(result, items), 0, result.GetValue(cut)),
            };
            request = labels.Apply(result, song.Apply(result, request, folder.Description));
            request = draws.Apply(result, request, folder.Description);
            return SongRun.Begin(session, backend, folder, request, song.Output(result, request), song.Force(result), labels.AllowUnknown(result));
        });
        return command;
    }
}

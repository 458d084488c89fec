using System.CommandLine;
using Jukebox.Cli.Options;
using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;
using Jukebox.Studio.Songs;

namespace Jukebox.Cli.Commands;

/// <summary><c>decode CODES</c>: codes of one level to audio.</summary>
internal static class DecodeCommand
{
    public static Command Create(Session session)
    {
        Argument<string> source = CommonOptions.Path<string>("CODES", "Song folder, as sample or encode wrote it.");
        var level = new Option<int?>("--level") { Description = "Level whose codes are decoded. [default: the finest that is there]", HelpName = "L" }.Within(0, 63);
        Option<int[]?> items = SongOptions.Items();
        var output = new Option<string>("--output", "-o") { Description = "Folder for the wave files.", HelpName = "FOLDER", DefaultValueFactory = _ => "decoded" };
        Option<bool> force = CommonOptions.Force();
        var machine = new MachineOptions();
        var command = new CommandWithExample(
            "decode", "Turns codes of one level into audio.", "decode song --level 1 --output decoded")
        {
            source, level, items, output, force,
        };
        machine.AddTo(command);
        command.SetAction(result =>
        {
            string path = GivenFolder.Song(result.GetRequiredValue(source));
            SongDescription song = SongFolder.ReadDescription(path);
            using IBackend backend = machine.OpenBackend(result, session);
            using var folder = ModelFolder.Open(machine.ModelOf(result, song));
            using var job = DecodeJob.Open(backend, folder, path, result.GetValue(level), session.Limits, session.Terminal.Note);
            foreach (int item in SongOptions.ItemsOf(result, items) ?? song.Items)
            {
                session.Terminal.Output.WriteLine(job.Write(
                    item, result.GetRequiredValue(output), result.GetValue(force),
                    seconds => session.Terminal.Progress(() => $"level {job.Level}  {seconds:0.0} s decoded"), session.Cancellation));
            }
        });
        return command;
    }
}

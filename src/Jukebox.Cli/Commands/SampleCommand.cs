using System.CommandLine;
using Jukebox.Cli.Options;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;

namespace Jukebox.Cli.Commands;

/// <summary><c>sample</c>: a song, from nothing or from a recording.</summary>
internal static class SampleCommand
{
    public static Command Create(Session session)
    {
        var options = new SampleOptions();
        var resume = new Option<string?>("--resume") { Description = "Go on with a song that was interrupted; nothing else needs to be given.", HelpName = "FOLDER" };
        var repair = new Option<bool>("--repair") { Description = "With --resume: cut a journal that is damaged in the middle; the old one is kept beside it." };
        var command = new CommandWithExample(
            "sample",
            "Makes a song, from nothing or from a recording.",
            "sample --seconds 10 --seed 1 --output song");
        options.AddTo(command);
        command.Options.Add(resume);
        command.Options.Add(repair);
        command.SetAction(result =>
        {
            if (result.GetValue(resume) is not null)
            {
                CommonOptions.RefuseGiven(result, command.Options.Except([resume, repair, .. options.Machine.All]), "song"); // the machine may be another one
            }
            else if (result.GetValue(repair))
            {
                throw new UsageException("--repair mends the song that --resume names.");
            }

            using IBackend backend = options.Machine.OpenBackend(result, session);
            if (result.GetValue(resume) is { } given)
            {
                string path = GivenFolder.Song(given);
                using var its = ModelFolder.Open(options.Machine.ModelOf(result, SongFolder.ReadDescription(path)));
                return SongRun.Resume(session, backend, its, path, result.GetValue(repair));
            }

            using var folder = ModelFolder.Open(options.Machine.ModelFolder(result));
            SampleRequest request = options.Request(result, folder.Description, session.Cancellation);
            return SongRun.Begin(
                session, backend, folder, request, options.Song.Output(result, request), options.Song.Force(result), options.Labels.AllowUnknown(result));
        });
        return command;
    }
}

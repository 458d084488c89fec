using System.CommandLine;
using Jukebox.Audio.Reading;
using Jukebox.Cli.Options;
using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Studio.Recordings;

namespace Jukebox.Cli.Commands;

/// <summary><c>encode AUDIO</c>: audio to codes of all levels, in a song folder that the other commands read.</summary>
internal static class EncodeCommand
{
    public static Command Create(Session session)
    {
        Argument<string> audio = CommonOptions.Path<string>("AUDIO", "Recording of any format and rate, or a stretch of it: file@12.5-24.");
        var output = new Option<string?>("--output", "-o") { Description = "Folder for the codes. [default: the recording's name, -codes]", HelpName = "FOLDER" };
        Option<bool> force = CommonOptions.Force();
        var machine = new MachineOptions();
        var command = new CommandWithExample("encode", "Turns audio into codes of all levels.", "encode recording.wav --output codes") { audio, output, force };
        machine.AddTo(command);
        command.SetAction(result =>
        {
            var range = AudioRange.Parse(result.GetRequiredValue(audio));
            PipedRecording.Take(range.Path, session.Cancellation);
            using IBackend backend = machine.OpenBackend(result, session);
            using var folder = ModelFolder.Open(machine.ModelFolder(result));
            string path = result.GetValue(output) ?? (range.Path == PipedRecording.StandardInput ? "stdin" : Path.GetFileNameWithoutExtension(range.Path)) + "-codes";
            EncodeJob.Run(
                backend, folder, range, path, session.Limits, result.GetValue(force), session.Terminal.Note,
                done => session.Terminal.Progress(() => $"{done.DoneSeconds:0.0} of {done.TotalSeconds:0.0} s encoded"), session.Cancellation);
            session.Terminal.EndProgress();
            session.Terminal.Output.WriteLine(path);
        });
        return command;
    }
}

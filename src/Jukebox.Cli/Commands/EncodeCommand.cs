using System.CommandLine;
using Jukebox.Audio.Reading;
using Jukebox.Cli.Options;
using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Journal;
using Jukebox.Songs.Request;

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
            using IBackend backend = machine.OpenBackend(result, session);
            using var folder = ModelFolder.Open(machine.ModelFolder(result));
            string path = result.GetValue(output) ?? Path.GetFileNameWithoutExtension(range.Path) + "-codes";
            SongDescription song = Describe(folder, range);
            using (var songFolder = SongFolder.Create(path, song, result.GetValue(force)))
            using (var vqvae = VqVae.Load(backend, folder.OpenVqVae(), folder.Description.VqVae))
            {
                for (int level = folder.Description.VqVae.Levels - 1; level >= 0; level--)
                {
                    EncodeLevel(session, vqvae, level, song, range, songFolder);
                }
            }

            session.Terminal.EndProgress();
            session.Terminal.Output.WriteLine(path);
        });
        return command;
    }

    /// <summary>A song whose every token is known and whose prompt is the recording.</summary>
    private static SongDescription Describe(ModelFolder folder, AudioRange range)
    {
        ModelDescription model = folder.Description;
        double end = range.StartSeconds + ((double)LengthOf(range, model.SampleRateHz) / model.SampleRateHz);
        SongDescription song = SongRun.Resolve(folder, new SampleRequest
        {
            Prompts = [new PromptRequest(range.Path, range.StartSeconds, end)],
            Seconds = end - range.StartSeconds,
            SampleLevels = [model.VqVae.Levels - 1],
            Seed = 0,
        });
        return song with { Request = song.Request with { SampleLevels = [], Levels = [] } };
    }

    private static long LengthOf(AudioRange range, int sampleRateHz)
    {
        using var file = AudioFile.Open(range, sampleRateHz);
        if (file.LengthSamples >= 0)
        {
            return file.LengthSamples;
        }

        var block = new float[sampleRateHz];
        long length = 0;
        for (int count; (count = file.Read(block)) > 0;)
        {
            length += count;
        }

        return length;
    }

    /// <summary>Each level reads the recording anew, so that no more of it than a block is held.</summary>
    private static void EncodeLevel(Session session, VqVae vqvae, int level, SongDescription song, AudioRange range, SongFolder folder)
    {
        using var file = AudioFile.Open(range, song.SampleRateHz);
        using CodeJournal journal = folder.OpenJournal(level);
        var codes = new int[song.KnownTokens[level]];
        vqvae.Encode(
            level,
            song.SampleLength,
            (first, block) =>
            {
                session.Cancellation.ThrowIfCancellationRequested();
                Fill(file, block);
                session.Terminal.Progress(() => $"level {level}  {(double)first / song.SampleRateHz:0.0} s encoded");
            },
            0,
            codes);
        journal.AppendRun(0, codes);
        journal.Flush();
    }

    private static void Fill(AudioFile file, Span<float> block)
    {
        int count = 0;
        for (int read; count < block.Length && (read = file.Read(block[count..])) > 0;)
        {
            count += read;
        }

        // A file whose stated length was a little too long ends in silence.
        block[count..].Clear();
    }
}

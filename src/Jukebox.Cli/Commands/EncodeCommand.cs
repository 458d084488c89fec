using System.CommandLine;
using Jukebox.Audio.Reading;
using Jukebox.Cli.Options;
using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Journal;
using Jukebox.Songs.Plan;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;

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
            PipedRecording.Take(range.Path);
            using IBackend backend = machine.OpenBackend(result, session);
            using var folder = ModelFolder.Open(machine.ModelFolder(result));
            string path = result.GetValue(output) ?? (range.Path == PipedRecording.StandardInput ? "stdin" : Path.GetFileNameWithoutExtension(range.Path)) + "-codes";
            SongDescription song = Describe(folder, range);
            using (var songFolder = SongFolder.Create(path, song, result.GetValue(force)))
            using (var vqvae = VqVae.Load(backend, folder.OpenVqVae(), folder.Description.VqVae))
            {
                Encode(session, vqvae, song, range, songFolder);
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
        long length = LengthOf(range, model.SampleRateHz);
        double end = range.StartSeconds + ((double)length / model.SampleRateHz);
        var resolver = new RequestResolver(model, SongModel.Reference(folder), (_, rate) => new Counted(length, rate));
        SongDescription song = resolver.Resolve(new SampleRequest
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
        return file.CountSamples();
    }

    /// <summary>Reads the recording once for all levels; neither of it nor of its codes more is held than a level looks at.</summary>
    private static void Encode(Session session, VqVae vqvae, SongDescription song, AudioRange range, SongFolder folder)
    {
        using var file = AudioFile.Open(range, song.SampleRateHz, note: session.Terminal.Note);
        var levels = new List<LevelCodes>();
        try
        {
            for (int level = 0; level < vqvae.Spec.Levels; level++)
            {
                levels.Add(new LevelCodes(folder.OpenJournal(level, keeps: false)));
            }

            vqvae.Encode(
                song.SampleLength,
                (first, block) =>
                {
                    session.Cancellation.ThrowIfCancellationRequested();
                    file.Fill(block); // a file whose stated length was a little too long ends in silence
                    session.Terminal.Progress(() => $"{(double)first / song.SampleRateHz:0.0} of {(double)song.SampleLength / song.SampleRateHz:0.0} s encoded");
                },
                (level, _, codes) => levels[level].Append(codes));
            levels.ForEach(level => level.Flush());
        }
        finally
        {
            levels.ForEach(level => level.Dispose());
        }
    }

    /// <summary>Codes on their way into a journal, in records of full length however they come.</summary>
    private sealed class LevelCodes(CodeJournal journal) : IDisposable
    {
        private readonly int[] _run = new int[CodeJournal.RunLength];
        private int _count;

        public void Append(ReadOnlySpan<int> codes)
        {
            while (!codes.IsEmpty)
            {
                int taken = Math.Min(codes.Length, _run.Length - _count);
                codes[..taken].CopyTo(_run.AsSpan(_count));
                codes = codes[taken..];
                _count += taken;
                if (_count == _run.Length)
                {
                    Write();
                }
            }
        }

        public void Flush()
        {
            Write();
            journal.Flush();
        }

        public void Dispose() => journal.Dispose();

        private void Write()
        {
            journal.AppendRun(0, _run.AsSpan(0, _count));
            _count = 0;
        }
    }

    /// <summary>Stands for a recording that was counted already.</summary>
    private sealed class Counted(long lengthSamples, int sampleRateHz) : MonoAudio
    {
        public override int SampleRateHz => sampleRateHz;

        public override long LengthSamples => lengthSamples;

        public override int Read(Span<float> mono) => throw new NotSupportedException("only its length is known");

        public override void Dispose()
        {
        }
    }
}

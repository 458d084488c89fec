using System.CommandLine;
using Jukebox.Audio.Writing;
using Jukebox.Cli.Options;
using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Text;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Jukebox.Studio;

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
        var command = new CommandWithExample("decode", "Turns codes of one level into audio.", "decode song --level 1 --output decoded") { source, level, items, output, force };
        machine.AddTo(command);
        command.SetAction(result =>
        {
            string path = GivenFolder.Song(result.GetRequiredValue(source));
            SongDescription song = SongFolder.ReadDescription(path);
            using IBackend backend = machine.OpenBackend(result, session);
            using var folder = ModelFolder.Open(machine.ModelOf(result, song));
            SongFolder.ReadDescription(path, SongModel.Reference(folder), folder.Description);
            int chosen = result.GetValue(level) ?? FinestOf(path, folder.Description.VqVae.Levels);
            int[][] codes = SongFolder.ReadCodes(path, chosen);
            NoteUnfinished(session, path);
            int[] wanted = SongOptions.ItemsOf(result, items) ?? song.Items;
            using var vqvae = VqVae.Load(backend, folder.OpenVqVae(), folder.Description.VqVae);
            foreach (int item in wanted)
            {
                int row = Array.IndexOf(song.Items, item);
                if (row < 0 || row >= codes.Length || codes[row].Length == 0)
                {
                    throw new StudioException($"'{path}' has no codes of item {item} at level {chosen}: it has the items {string.Join(", ", song.Items)}.");
                }

                string file = Path.Combine(result.GetRequiredValue(output), $"level_{chosen}", $"item_{item}.wav");
                Write(session, vqvae, chosen, codes[row], file, folder.Description.SampleRateHz, result.GetValue(force));
                session.Terminal.Output.WriteLine(file);
            }
        });
        return command;
    }

    private static int FinestOf(string path, int levels) =>
        Enumerable.Range(0, levels).Where(level => File.Exists(SongFolder.JournalPath(path, level))).Cast<int?>().FirstOrDefault()
        ?? throw new StudioException($"'{path}' has no codes yet.");

    private static void Write(Session session, VqVae vqvae, int level, int[] codes, string file, int sampleRateHz, bool force)
    {
        if (File.Exists(file) && !force)
        {
            throw new StudioException($"'{file}' is there already: choose another --output, or replace it with --force.");
        }

        string parent = Path.GetDirectoryName(Path.GetFullPath(file))!;
        long needed = WaveWriter.HeaderBytes + ((long)codes.Length * vqvae.Spec.SamplesPerToken(level) * sizeof(short));
        if (needed > session.Limits.FreeDiskBytes(parent))
        {
            string free = Readable.Bytes(session.Limits.FreeDiskBytes(parent));
            throw new StudioException($"Not enough disk space: '{file}' needs {Readable.Bytes(needed)} and {free} are free; make room, or choose another --output.");
        }

        Directory.CreateDirectory(parent);
        string unfinished = file + ".part";
        try
        {
            DecodeTo(session, vqvae, level, codes, unfinished, sampleRateHz);
            DurableFile.Replace(unfinished, file);
        }
        catch (IOException e) when (FileFailure.IsDiskFull(e))
        {
            throw new StudioException($"The disk is full: '{file}' cannot be written; make room, or choose another --output.", e);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private static void DecodeTo(Session session, VqVae vqvae, int level, int[] codes, string file, int sampleRateHz)
    {
        using var wave = WaveWriter.Create(file, sampleRateHz);
        vqvae.Decode(
            level,
            codes.Length,
            (first, block) => codes.AsSpan((int)first, block.Length).CopyTo(block),
            0,
            codes.Length,
            (_, samples) =>
            {
                session.Cancellation.ThrowIfCancellationRequested();
                wave.Write(samples);
                double seconds = (double)wave.LengthFrames / sampleRateHz;
                session.Terminal.Progress(() => $"level {level}  {seconds:0.0} s decoded");
            });
        wave.Flush(toDisk: true);
    }

    /// <summary>Says so where a song has less than it is to have: what is made of it then ends early.</summary>
    internal static void NoteUnfinished(Session session, string path)
    {
        if (SongIntegrity.Unfinished(path) is { } sentence)
        {
            session.Terminal.Note(sentence);
        }
    }
}

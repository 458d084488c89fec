using Jukebox.Audio.Reading;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;
using Jukebox.Songs;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Journal;
using Jukebox.Songs.Plan;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Jukebox.Studio.Devices;

namespace Jukebox.Studio.Recordings;

/// <summary>How far a recording is encoded.</summary>
/// <param name="DoneSeconds">Seconds that have been read.</param>
/// <param name="TotalSeconds">Seconds in all.</param>
public readonly record struct EncodeProgress(double DoneSeconds, double TotalSeconds);

/// <summary>
/// Turns a recording into codes of all levels, in a song folder that can be decoded, scored, continued and upsampled: a song whose every
/// token is known, and whose prompt is the recording.
/// </summary>
public static class EncodeJob
{
    /// <summary>Encodes a recording. It is read for its length, then once for all levels; no more of it and of its codes is held than a level looks at.</summary>
    /// <param name="backend">What computes.</param>
    /// <param name="model">The model; only its VQ-VAE is loaded.</param>
    /// <param name="recording">A recording of any format and rate, or a stretch of it.</param>
    /// <param name="output">The folder to write.</param>
    /// <param name="limits">What the machine has to spare.</param>
    /// <param name="force">Whether a song that is there already is deleted.</param>
    /// <param name="note">Told what is to be said of the recording, a line each.</param>
    /// <param name="progress">Told where the work stands, often.</param>
    /// <param name="cancellation">Stops it. What is on disk then is a song with a part of its codes, which can only be encoded again.</param>
    /// <exception cref="AudioException">The recording cannot be read.</exception>
    /// <exception cref="SamplingException">The recording is shorter than a token of the coarsest level, or the folder is not free.</exception>
    /// <exception cref="StudioException">The disk is short of room for the codes, or became full while they were written.</exception>
    /// <exception cref="JukeboxException">The recording or the weights are damaged, or the device fails.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Run(
        IBackend backend, ModelFolder model, AudioRange recording, string output, MachineResources limits, bool force,
        Action<string> note, Action<EncodeProgress> progress, CancellationToken cancellation)
    {
        SongDescription song = Describe(model, recording);
        CheckDisk(song, output, limits);
        using var vqvae = VqVae.Load(backend, model.OpenVqVae(), model.Description.VqVae);
        try
        {
            using var folder = SongFolder.Create(output, song, force);
            Encode(vqvae, recording, folder, note, progress, cancellation);
        }
        catch (StorageException e) when (DurableFile.IsDiskFull(e.InnerException))
        {
            throw new StudioException(
                $"The disk is full: '{output}' has only a part of the codes; make room, and 'jukebox-native encode' with --force makes them anew.", e);
        }
    }

    private static SongDescription Describe(ModelFolder folder, AudioRange recording)
    {
        ModelDescription model = folder.Description;
        long length = LengthOf(recording, model.SampleRateHz);
        double end = recording.StartSeconds + ((double)length / model.SampleRateHz);
        var resolver = new RequestResolver(model, SongModel.Reference(folder), (_, _) => length);
        SongDescription song = resolver.Resolve(new SampleRequest
        {
            Prompts = [new PromptRequest(recording.Path, recording.StartSeconds, end)],
            Seconds = end - recording.StartSeconds,
            SampleLevels = [model.VqVae.Levels - 1],
            Seed = 0,
        });
        return song with { Request = song.Request with { SampleLevels = [], Levels = [] } };
    }

    private static long LengthOf(AudioRange recording, int sampleRateHz)
    {
        using var file = AudioFile.Open(recording, sampleRateHz);
        return file.CountSamples();
    }

    private static void CheckDisk(SongDescription song, string output, MachineResources limits)
    {
        long needed = song.SamplesPerToken.Index().Sum(level => JournalRuns.LengthBytes(song.JournalHeader(level.Index)));
        long free = limits.FreeDiskBytes(output);
        if (needed > free)
        {
            throw Shortage.OfDisk("the codes need", needed, free, output, "make room, or choose another --output");
        }
    }

    private static void Encode(
        VqVae vqvae, AudioRange recording, SongFolder folder, Action<string> note, Action<EncodeProgress> progress, CancellationToken cancellation)
    {
        SongDescription song = folder.Description;
        double seconds = (double)song.SampleLength / song.SampleRateHz;
        using var file = AudioFile.Open(recording, song.SampleRateHz, note: note);
        var samples = new RecordingSamples(file, first => progress(new EncodeProgress((double)first / song.SampleRateHz, seconds)), cancellation);
        var levels = new List<JournalRuns>();
        try
        {
            for (int level = 0; level < vqvae.Spec.Levels; level++)
            {
                levels.Add(new JournalRuns(folder.OpenJournal(level, keeps: false), row: 0));
            }

            vqvae.Encode(song.SampleLength, samples.Read, (level, _, codes) => levels[level].Append(codes));
            levels.ForEach(level => level.Flush());
        }
        finally
        {
            levels.ForEach(level => level.Dispose());
        }
    }
}

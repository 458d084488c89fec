using Jukebox.Audio.Writing;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;
using Jukebox.Songs;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Jukebox.Studio.Devices;

namespace Jukebox.Studio.Songs;

/// <summary>Turns codes of one level of a song into audio: a wave file for each item. The caller disposes model folder and backend after it.</summary>
public sealed class DecodeJob : IDisposable
{
    private readonly string _path;
    private readonly int[] _items;
    private readonly int[][] _codes; // by place in the list of items
    private readonly int _sampleRateHz;
    private readonly MachineResources _limits;
    private readonly VqVae _vqvae;

    private DecodeJob(string path, SongDescription song, int level, int[][] codes, VqVae vqvae, MachineResources limits) =>
        (_path, _items, Level, _codes, _vqvae, _sampleRateHz, _limits) = (path, song.Items, level, codes, vqvae, song.SampleRateHz, limits);

    /// <summary>Indices of the song's items.</summary>
    public IReadOnlyList<int> Items => _items;

    /// <summary>The level that is decoded.</summary>
    public int Level { get; }

    /// <summary>Opens a song to decode it.</summary>
    /// <param name="backend">What computes.</param>
    /// <param name="model">The model that the song was made with; only its VQ-VAE is loaded.</param>
    /// <param name="path">Folder of the song, which may be in use: what it has so far is decoded then.</param>
    /// <param name="level">The level, 0 being the finest; none for the finest that has codes.</param>
    /// <param name="limits">What the machine has to spare.</param>
    /// <param name="note">Told where the song has less than it is to have.</param>
    /// <exception cref="SamplingException">There is no song, or it was made with another model.</exception>
    /// <exception cref="StudioException">It has no codes yet.</exception>
    /// <exception cref="DamagedFileException">Codes or weights are damaged.</exception>
    public static DecodeJob Open(IBackend backend, ModelFolder model, string path, int? level, MachineResources limits, Action<string> note)
    {
        SongDescription song = SongFolder.ReadDescription(path, SongModel.Reference(model), model.Description);
        int chosen = level ?? FinestOf(path, model.Description.VqVae.Levels);
        int[][] codes = SongFolder.ReadCodes(path, chosen);
        SongNotes.Unfinished(path, note);
        return new DecodeJob(path, song, chosen, codes, VqVae.Load(backend, model.OpenVqVae(), model.Description.VqVae), limits);
    }

    /// <summary>Writes the audio of an item: 16 bits, mono, at the model's rate. The file appears when it is whole.</summary>
    /// <param name="item">Index of the item.</param>
    /// <param name="output">Folder to write to.</param>
    /// <param name="force">Whether a file that is there is replaced.</param>
    /// <param name="progress">Told often how many seconds are decoded.</param>
    /// <param name="cancellation">Stops it; nothing is written then.</param>
    /// <returns>Path of the file: <c>level_L/item_I.wav</c> below the folder.</returns>
    /// <exception cref="StudioException">There are no codes of the item, or the file is there, or the disk is short of room.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public string Write(int item, string output, bool force, Action<double> progress, CancellationToken cancellation)
    {
        int row = Array.IndexOf(_items, item);
        if (row < 0)
        {
            throw new StudioException($"'{_path}' has no item {item}: it has the items {string.Join(", ", _items)}.");
        }

        if (row >= _codes.Length || _codes[row].Length == 0)
        {
            throw new StudioException($"'{_path}' has no codes of item {item} at level {Level} yet; choose another --level, or finish the song first.");
        }

        string file = Path.Combine(output, $"level_{Level}", $"item_{item}.wav");
        if (File.Exists(file) && !force)
        {
            throw new StudioException($"'{file}' is there already: choose another --output, or replace it with --force.");
        }

        string parent = Path.GetDirectoryName(Path.GetFullPath(file))!;
        CheckDisk(file, parent, _codes[row].Length);
        Directory.CreateDirectory(parent);
        string unfinished = file + ".part";
        try
        {
            Decode(_codes[row], unfinished, progress, cancellation);
            DurableFile.Replace(unfinished, file);
            return file;
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

    /// <summary>Frees the VQ-VAE's device memory.</summary>
    public void Dispose() => _vqvae.Dispose();

    private static int FinestOf(string path, int levels) =>
        Enumerable.Range(0, levels).Where(level => File.Exists(SongFolder.JournalPath(path, level))).Cast<int?>().FirstOrDefault()
        ?? throw new StudioException($"'{path}' has no codes yet.");

    private void CheckDisk(string file, string parent, int tokens)
    {
        long needed = WaveWriter.HeaderBytes + ((long)tokens * _vqvae.Spec.SamplesPerToken(Level) * sizeof(short));
        long free = _limits.FreeDiskBytes(parent);
        if (needed > free)
        {
            throw Shortage.OfDisk($"'{file}' needs", needed, free, null, "make room, or choose another --output");
        }
    }

    private void Decode(int[] codes, string file, Action<double> progress, CancellationToken cancellation)
    {
        using var wave = WaveWriter.Create(file, _sampleRateHz);
        _vqvae.Decode(
            Level,
            codes.Length,
            (first, block) => codes.AsSpan((int)first, block.Length).CopyTo(block),
            0,
            codes.Length,
            (_, samples) =>
            {
                cancellation.ThrowIfCancellationRequested();
                wave.Write(samples);
                progress((double)wave.LengthFrames / _sampleRateHz);
            });
        wave.Flush(toDisk: true);
    }
}

using System.Security.Cryptography;
using System.Text;
using Jukebox.Audio.Reading;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Labels;
using Jukebox.Recordings.Caches;
using Jukebox.Recordings.Folders;

namespace Jukebox.Recordings.Windows;

/// <summary>
/// The recordings of a folder and of all folders below it, decoded to mono at one rate and kept in a cache, with what a side
/// table says of them. Their order is that of their names, whatever the file system's.
/// </summary>
public sealed class AudioSet
{
    private const string LyricsExtension = ".txt";

    private readonly PcmCache _cache;
    private readonly HashSet<string> _withSide = []; // hashes

    private AudioSet(string folder, PcmCache cache, int fileCount, Track[] tracks, UnreadableFile[] unreadable)
    {
        (Folder, _cache, FileCount, Tracks, Unreadable) = (folder, cache, fileCount, tracks, unreadable);
    }

    /// <summary>The folder of audio.</summary>
    public string Folder { get; }

    /// <summary>Samples per second.</summary>
    public int SampleRateHz => _cache.SampleRateHz;

    /// <summary>Files that look like audio.</summary>
    public int FileCount { get; }

    /// <summary>Those that can be read.</summary>
    public IReadOnlyList<Track> Tracks { get; }

    /// <summary>Those that cannot.</summary>
    public IReadOnlyList<UnreadableFile> Unreadable { get; }

    /// <summary>What of the folder was not looked at, a line for each kind.</summary>
    public IReadOnlyList<string> Overlooked { get; private init; } = [];

    /// <summary>What is to be said of recordings that were decoded now, and are taken all the same.</summary>
    public IReadOnlyList<string> Notes { get; private init; } = [];

    /// <summary>How many of them the side table leaves out, where there is one: nothing is known of these.</summary>
    public int Unlisted { get; private init; }

    /// <summary>Finds and decodes the recordings of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="manifestPath">Side table, or none where the folder has one or there is none.</param>
    /// <param name="cacheFolder">Where decoded audio is kept.</param>
    /// <param name="sampleRateHz">Wanted rate.</param>
    /// <param name="threads">Files decoded at once.</param>
    /// <param name="progress">Told how many of how many files are done.</param>
    /// <param name="cancellation">Stops between files.</param>
    /// <exception cref="RecordingException">There is no such folder, or no audio in it.</exception>
    /// <exception cref="DamagedFileException">The side table is not sound.</exception>
    public static AudioSet Open(
        string folder, string? manifestPath, string cacheFolder, int sampleRateHz, int threads, Action<int, int> progress, CancellationToken cancellation)
    {
        AudioFolderContent content = Find(folder);
        string[] files = content.Names;
        var notes = new string?[files.Length];
        var manifest = Manifest.Of(folder, manifestPath);
        ManifestRow?[]? rows = manifest?.RowsOf(files);
        IEnumerable<string> overlooked = manifest?.Unmatched(rows!) is { } unmatched ? content.Overlooked.Append(unmatched) : content.Overlooked;
        var cache = PcmCache.Open(cacheFolder, sampleRateHz);
        var tracks = new Track?[files.Length];
        var reasons = new string?[files.Length];
        int done = 0;
        Run(files.Length, threads, cancellation, i =>
        {
            try
            {
                tracks[i] = Read(folder, files[i], rows?[i], cache, note => notes[i] = note);
            }
            catch (Exception e) when (e is AudioException or DamagedFileException)
            {
                reasons[i] = e.Message;
            }

            progress(Interlocked.Increment(ref done), files.Length);
        });
        UnreadableFile[] unreadable = [.. files.Zip(reasons).Where(pair => pair.Second is not null).Select(pair => new UnreadableFile(pair.First, pair.Second!))];
        int unlisted = rows is null ? 0 : tracks.Zip(rows).Count(pair => pair is { First: not null, Second: null });
        return unreadable.Length < files.Length
            ? new AudioSet(folder, cache, files.Length, [.. tracks.OfType<Track>()], unreadable) { Unlisted = unlisted, Overlooked = [.. overlooked], Notes = [.. notes.OfType<string>()] }
            : throw new RecordingException($"{folder}: none of its {files.Length} audio files can be read; the first: {unreadable[0].Reason}");
    }

    /// <summary>Opens recordings that a run began with; what else there is in the folder by now does not matter.</summary>
    /// <param name="folder">The folder, which is needed only for what the cache no longer holds.</param>
    /// <param name="tracks">The recordings.</param>
    /// <param name="cacheFolder">Where decoded audio is kept.</param>
    /// <param name="sampleRateHz">Their rate.</param>
    /// <param name="threads">Files decoded at once.</param>
    /// <param name="progress">Told how many of how many files are done.</param>
    /// <param name="cancellation">Stops between files.</param>
    /// <exception cref="RecordingException">One is gone, or is not what it was.</exception>
    public static AudioSet Reopen(
        string folder, IReadOnlyList<Track> tracks, string cacheFolder, int sampleRateHz, int threads, Action<int, int> progress, CancellationToken cancellation)
    {
        var cache = PcmCache.Open(cacheFolder, sampleRateHz);
        int done = 0;
        Run(tracks.Count, threads, cancellation, i =>
        {
            Track track = tracks[i];
            string path = Path.Combine(folder, track.Name);
            if (cache.Find(track.Hash) != track.LengthSamples
                && (!File.Exists(path) || PcmCache.HashOf(path) != track.Hash || cache.Prepare(path, track.Hash) != track.LengthSamples))
            {
                throw Changed(path);
            }

            progress(Interlocked.Increment(ref done), tracks.Count);
        });
        return new AudioSet(folder, cache, tracks.Count, [.. tracks], []);
    }

    /// <summary>
    /// Decodes the sides of recordings with two channels, which <see cref="ReadBlend"/> needs; what is in the cache is not
    /// decoded again.
    /// </summary>
    /// <param name="tracks">The recordings, of this set.</param>
    /// <param name="threads">Files decoded at once.</param>
    /// <param name="progress">Told how many of how many files are done.</param>
    /// <param name="cancellation">Stops between files.</param>
    /// <exception cref="RecordingException">A recording is gone, or is not what it was.</exception>
    public void PrepareSides(IReadOnlyList<Track> tracks, int threads, Action<int, int> progress, CancellationToken cancellation)
    {
        var lengths = new long[tracks.Count];
        int done = 0;
        Run(lengths.Length, threads, cancellation, i =>
        {
            lengths[i] = PrepareSide(tracks[i]);
            progress(Interlocked.Increment(ref done), lengths.Length);
        });
        _withSide.UnionWith(tracks.Where((_, i) => lengths[i] > 0).Select(track => track.Hash));
    }

    /// <summary>Reads samples of a track: the mean of its channels.</summary>
    public void Read(Track track, long first, Span<float> samples) => _cache.Read(track.Hash, AudioMix.Mid, first, samples);

    /// <summary>Reads a blend of a track's two channels; the mean where it has not two.</summary>
    /// <param name="track">The track.</param>
    /// <param name="first">First sample.</param>
    /// <param name="left">Share of the left channel, 0 to 1; the rest is the right one's.</param>
    /// <param name="samples">Filled.</param>
    public void ReadBlend(Track track, long first, float left, Span<float> samples)
    {
        Read(track, first, samples);
        if (_withSide.Contains(track.Hash))
        {
            var side = new float[samples.Length];
            _cache.Read(track.Hash, AudioMix.Side, first, side);
            for (int i = 0; i < side.Length; i++)
            {
                samples[i] += ((2 * left) - 1) * side[i];
            }
        }
    }

    /// <summary>What tells this data from other: hexadecimal SHA-256 over names, contents, labels and uses.</summary>
    public static string FingerprintOf(IEnumerable<Track> tracks)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Track track in tracks)
        {
            foreach (string part in (ReadOnlySpan<string>)[track.Name, track.Hash, track.Artist, track.Genre, track.Lyrics, track.Split.ToString()])
            {
                hash.AppendData(Encoding.UTF8.GetBytes(part));
                hash.AppendData([0]);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static AudioFolderContent Find(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new RecordingException($"There is no folder '{folder}'; give the folder that holds the audio with --data.");
        }

        AudioFolderContent content = AudioFolder.Look(folder);
        return content.Names.Length > 0
            ? content
            : throw new RecordingException(string.Join(' ', [
                $"{folder} holds no audio ({string.Join(", ", AudioFolder.Extensions.Take(9).Select(extension => extension[1..]))}, …); give another folder with --data.",
                .. content.Overlooked]));
    }

    private static Track Read(string folder, string name, ManifestRow? row, PcmCache cache, Action<string> note)
    {
        string path = Path.Combine(folder, name);
        string hash = PcmCache.HashOf(path);
        long length = cache.Prepare(path, hash, note: note);
        string lyrics = row?.Lyrics is { Length: > 0 } stated ? stated : LyricsBeside(path);
        return new Track(name, hash, length, row?.Artist ?? "", row?.Genre ?? "", lyrics, row?.Split ?? TrackSplit.Unstated);
    }

    /// <summary>Samples of the side of a recording: as many as it has, or none where it has not two channels.</summary>
    private long PrepareSide(Track track)
    {
        string path = Path.Combine(Folder, track.Name);
        long length = _cache.Find(track.Hash, AudioMix.Side)
            ?? (File.Exists(path) && PcmCache.HashOf(path) == track.Hash ? _cache.Prepare(path, track.Hash, AudioMix.Side) : throw Changed(path));
        return length == 0 || length == track.LengthSamples
            ? length
            : throw new RecordingException(
                $"{path} was decoded to {track.LengthSamples} samples once and to {length} another time; delete the cache, which is made again.");
    }

    private static RecordingException Changed(string path) =>
        new($"{path} is not what the run began with, so going on would not give the same weights; put it back, or begin another run.");

    private static string LyricsBeside(string path)
    {
        string lyrics = Path.ChangeExtension(path, LyricsExtension);
        return RegularFile.KindOf(lyrics) == FileKind.Regular ? LyricsText.Load(lyrics) : "";
    }

    /// <summary>Runs jobs side by side; the first failure is thrown as it is.</summary>
    private static void Run(int count, int threads, CancellationToken cancellation, Action<int> job)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads), CancellationToken = cancellation }, job);
        }
        catch (AggregateException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e.InnerExceptions[0]).Throw();
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using Jukebox.Audio.Reading;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Recordings.Embeddings;
using Jukebox.Recordings.VectorFiles;
using Jukebox.Songs.Folder;
using Jukebox.Studio.Devices;
using Jukebox.Studio.Songs;

namespace Jukebox.Studio.Embeddings;

/// <summary>
/// Makes vectors of recordings, as many as there are: reads, encodes, gathers windows of one recording after the other, takes them through the layers
/// together, and puts each recording's files in place with a line in the manifest. A run that ended in whatever way goes on with what has no such line.
/// Numbers do not depend on batch, part, order, threads or interruptions.
/// </summary>
public sealed partial class EmbedJob
{
    /// <summary>Windows that go through a layer together where nobody says how many: more hide the reading of weights no better.</summary>
    internal const int MostWindows = 4;

    private readonly EmbeddingExtractor _extractor;
    private readonly ModelFolder _model;
    private readonly EmbeddingSettings _settings;
    private readonly EmbedOptions _options;
    private readonly EmbeddingManifest _manifest;
    private readonly EmbedReport _report;
    private readonly Action<string> _note;
    private readonly Action<EmbedProgress> _progress;
    private readonly CancellationToken _cancellation;
    private readonly string _fingerprint;
    private readonly int _batch;
    private readonly Stopwatch _watch = new();
    private readonly List<(EmbedItem.Clip Clip, EncodedWindow Window)> _pending = [];
    private readonly List<EmbedItem> _open = [];
    private int _cut, _silent, _settledBefore;

    private EmbedJob(
        EmbeddingExtractor extractor, ModelFolder model, EmbeddingSettings settings, EmbedOptions options, EmbeddingManifest manifest, string fingerprint, int batch, int inputs,
        Action<string> note, Action<EmbedProgress> progress, CancellationToken cancellation)
    {
        (_extractor, _model, _settings, _options, _manifest, _fingerprint, _batch, _note, _progress, _cancellation) =
            (extractor, model, settings, options, manifest, fingerprint, batch, note, progress, cancellation);
        _report = new EmbedReport { Folder = options.Folder, Manifest = manifest.Path, Inputs = inputs };
    }

    /// <summary>Makes them.</summary>
    /// <param name="backend">What computes.</param>
    /// <param name="model">The model; only the top level's encoder and the layers up to the deepest are read.</param>
    /// <param name="inputs">All inputs, of all parts.</param>
    /// <param name="settings">Settings that fit the model: <see cref="EmbeddingCheck.Require"/>.</param>
    /// <param name="options">Where to, and how much of it.</param>
    /// <param name="limits">What the machine has to spare.</param>
    /// <param name="note">Told what is to be said, a line each.</param>
    /// <param name="progress">Told where the work stands, often.</param>
    /// <param name="cancellation">Stops it; the windows in hand are dropped.</param>
    /// <exception cref="StudioException">The folder holds results of other settings or other parts, memory is short, or the first failure was to end it.</exception>
    /// <exception cref="StorageException">The disk is full.</exception>
    /// <exception cref="JukeboxException">The weights are damaged, or the device fails.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static EmbedReport Run(
        IBackend backend, ModelFolder model, IReadOnlyList<EmbedInput> inputs, EmbeddingSettings settings, EmbedOptions options, MachineResources limits,
        Action<string> note, Action<EmbedProgress> progress, CancellationToken cancellation)
    {
        EmbedInput[] own = [.. options.Shard.Of(inputs)];
        int batch = EmbedPlan.BatchOf(backend, model, settings, options.Batch, limits);
        _ = EmbeddingExtractor.NamesOf(model, settings); // refused before there is a folder
        Directory.CreateDirectory(options.Folder);
        string path = EmbeddingManifest.PathOf(options.Folder, options.Shard.Index, options.Shard.Count);
        RequireSameParts(options);
        string fingerprint = settings.Fingerprint(model.Fingerprint, options.Storage);
        using var manifest = EmbeddingManifest.Open(path);
        Dictionary<string, EmbeddingRecord> known = options.Force ? [] : EmbeddingManifest.Read(path);
        if (known.Values.FirstOrDefault(record => record.Settings != fingerprint) is not null)
        {
            throw new StudioException($"{path} was made with other settings or another model: choose another folder, or --force to replace it.");
        }

        EmbedPartList.Write(path, inputs, own);
        if (options.Force)
        {
            manifest.Clear();
        }

        using var extractor = new EmbeddingExtractor(backend, model, settings, options.Threads);
        var job = new EmbedJob(extractor, model, settings, options, manifest, fingerprint, batch, own.Length, note, progress, cancellation);
        job.All(own, known);
        return job._report;
    }

    /// <summary>How a device stores the top prior's matrices, where that decides bits: "f32" for whatever is exact.</summary>
    public static string StorageOf(IBackend backend, ModelFolder model) => backend.Memory is null
        ? "f32"
        : Requirements.StorageOf(model, EmbeddingCheck.TopOf(model.Description, model.Path).Level, backend).PackedType.ToString().ToLowerInvariant();

    private void All(EmbedInput[] inputs, Dictionary<string, EmbeddingRecord> known)
    {
        _watch.Start();
        try
        {
            foreach (EmbedInput input in inputs)
            {
                _cancellation.ThrowIfCancellationRequested();
                if (IsSettled(input, known.GetValueOrDefault(input.Name)))
                {
                    _settledBefore++;
                }
                else
                {
                    Take(input);
                }
            }

            Flush();
        }
        finally
        {
            _open.ForEach(item => item.Dispose());
            _report.Seconds = _watch.Elapsed.TotalSeconds;
        }

        NoteCounts();
    }

    /// <summary>Whether a run before has settled an input that is still what it was.</summary>
    private bool IsSettled(EmbedInput input, EmbeddingRecord? record)
    {
        if (record is null || record.Input != input.Text || EmbedStamp.Of(FileOf(input), hash: false) != new EmbedStamp(record.Bytes, record.Modified, null))
        {
            return false;
        }

        switch (record.State)
        {
            case EmbeddingState.Done when record.Outputs.All(output => RegularFile.Exists(PathOf(output)) && new FileInfo(PathOf(output)).Length == output.Bytes):
                _report.AlreadyDone++;
                return true;
            case EmbeddingState.Skipped:
                _report.Skipped++;
                return true;
            case EmbeddingState.Failed when !_options.RetryFailed:
                _report.Failed++;
                return true;
            default:
                return false;
        }
    }

    private string PathOf(EmbeddingOutput output) => Path.Combine(_options.Folder, output.Path);

    private void Take(EmbedInput input)
    {
        var item = new EmbedItem(input, EmbedStamp.Of(FileOf(input), _options.Hash));
        _open.Add(item);
        try
        {
            if (Queue(item, _options.Times is { } times ? EmbedTimes.Of(times, input) : null) is { } skipped)
            {
                _open.Remove(item);
                item.Notes.Add(skipped);
                _report.Skipped++;
                _manifest.Add(item.Record(_fingerprint, EmbeddingState.Skipped));
                return;
            }

            item.IsQueued = true;
        }
        catch (Exception e) when (e is JukeboxException and not StorageException or IOException or UnauthorizedAccessException)
        {
            item.Fail(e is JukeboxException ? e.Message : FileFailure.Sentence(e));
        }

        Settle();
    }

    private void Add(EmbedItem.Clip clip, EncodedWindow window)
    {
        clip.Item.Give(clip, window);
        _pending.Add((clip, window));
        if (_pending.Count >= _batch)
        {
            Flush();
        }
    }

    /// <summary>Takes the windows in hand through the layers.</summary>
    private void Flush()
    {
        _pending.RemoveAll(pending => pending.Clip.Item.Failure is not null);
        if (_pending.Count > 0)
        {
            string current = _pending[^1].Clip.Item.Input.Text;
            _extractor.Compute(
                [.. _pending.Select(pending => pending.Window)],
                (done, layers) => Report((double)done / Math.Max(1, layers), current),
                (frames, failure) =>
                {
                    EmbedItem item = _pending.First(pending => pending.Clip.Frames == frames).Clip.Item;
                    item.Fail($"{item.Input.Text}: {failure.Message}");
                },
                _cancellation);
            foreach ((EmbedItem.Clip clip, _) in _pending)
            {
                clip.Item.Came(clip, _options.Storage);
            }

            _report.Windows += _pending.Count;
            _pending.Clear();
        }

        Settle();
    }

    /// <summary>Writes a line for every input that is complete.</summary>
    private void Settle()
    {
        foreach (EmbedItem item in _open.Where(item => item.IsComplete).ToArray())
        {
            _open.Remove(item);
            _manifest.Add(item.Record(_fingerprint, item.Failure is null ? EmbeddingState.Done : EmbeddingState.Failed));
            if (item.Failure is null)
            {
                _report.Done++;
                continue;
            }

            _report.Failed++;
            _note($"Failed: {item.Failure}");
            if (_options.StopAtFirst)
            {
                throw new StudioException($"Stopped at the first input that failed, as --stop-at-first asks; {_manifest.Path} has what is done.");
            }
        }
    }

    /// <summary>Tells where the work stands.</summary>
    /// <param name="share">Share that is done of the windows in hand.</param>
    /// <param name="input">The input at hand.</param>
    private void Report(double share, string input) => _progress(new EmbedProgress(
        _settledBefore,
        _report.AlreadyDone + _report.Done + _report.Skipped + _report.Failed - _settledBefore
            + _open.Sum(item => item.ShareDone) + (share * _pending.Sum(pending => pending.Clip.Item.ShareOfWindow)),
        _report.Inputs,
        _report.Windows + (share * _pending.Count),
        _watch.Elapsed,
        input));

    private void NoteCounts()
    {
        double seconds = _extractor.Windows.WindowTokens / _extractor.TokensPerSecond;
        if (_cut > 0)
        {
            _note(string.Create(
                CultureInfo.InvariantCulture,
                $"Of {_cut} {(_cut == 1 ? "recording that is" : "recordings that are")} longer the first {seconds:0.00} s were taken; "
                + $"--hop 0{(_settings.Pool == Pooling.None ? "" : " --pool-over file")} takes them whole."));
        }

        if (_silent > 0)
        {
            _note($"{_silent} {(_silent == 1 ? "recording is" : "recordings are")} silent (peak 0): the embedding is that of silence.");
        }
    }

    /// <summary>The file that an input is read from: of a song its codes, which may grow.</summary>
    private string FileOf(EmbedInput input) => input.SongRow is null
        ? PipedRecording.PlaceOf(input.Range.Path)
        : SongFolder.JournalPath(input.Range.Path, _extractor.Top.Level);

    /// <summary>Parts of another number would be other parts: an input would be computed twice, or never.</summary>
    private static void RequireSameParts(EmbedOptions options)
    {
        string own = EmbeddingManifest.PathOf(options.Folder, options.Shard.Index, options.Shard.Count);
        if (EmbeddingManifest.In(options.Folder).FirstOrDefault(path => EmbedCheckup.PartOf(path).Count != options.Shard.Count) is { } other)
        {
            int count = EmbedCheckup.PartOf(other).Count;
            string remedy = count == 1
                ? "leave --shard out"
                : $"give the --shard that it was begun with, I/{count}, {Math.Min(3, count)}/{count} say (an array of {count} tasks, submitted whole, goes on with all of them)";
            throw new StudioException(
                $"{options.Folder} holds {Path.GetFileName(other)}, and this run would write {Path.GetFileName(own)}: its inputs are parted otherwise; "
                + $"{remedy}, or choose another folder.");
        }
    }
}

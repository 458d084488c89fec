using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Text;
using Jukebox.Recordings.Folders;
using Jukebox.Recordings.Windows;
using Jukebox.Training.Modules;
using Jukebox.Training.Settings;

namespace Jukebox.Training.Runs;

/// <summary>
/// What a run writes: <c>run.json</c>, <c>tracks.json</c> (the recordings that it uses), <c>checkpoints/</c>, <c>metrics.jsonl</c>, <c>loss.svg</c>, <c>samples/</c>,
/// <c>labels/</c>, in the end <c>model/</c>. An open folder is locked against other processes.
/// </summary>
public sealed class RunFolder : IDisposable
{
    private const string SamplesFolder = PlayedByRuns.SamplesFolder;
    private const string DescriptionFileName = PlayedByRuns.DescriptionFileName;
    private const string CheckpointsFolder = "checkpoints";
    internal const string MetricsFileName = "metrics.jsonl";
    private const string CurvesFileName = "loss.svg";
    private const string LabelsFolder = "labels";
    private const string ModelFolderName = "model";
    private const string TracksFileName = "tracks.json";
    private const string Remedy = "put the original back, or begin the run again with --force";

    /// <summary>Folders of a run that a new one in its place does not keep.</summary>
    private static readonly string[] Parts = [SamplesFolder, ModelFolderName, LabelsFolder];

    private readonly FolderLock _lock;

    private RunFolder(string path, RunDescription description, FolderLock folderLock)
    {
        (FolderPath, Description, _lock) = (path, description, folderLock);
        Checkpoints = new CheckpointFolder(CheckpointsPath(path));
    }

    /// <summary>Path as it was given.</summary>
    public string FolderPath { get; }

    /// <summary>What the run is.</summary>
    public RunDescription Description { get; private set; }

    /// <summary>Its checkpoints.</summary>
    internal CheckpointFolder Checkpoints { get; }

    /// <summary>Its figures.</summary>
    public string MetricsPath => Path.Combine(FolderPath, MetricsFileName);

    /// <summary>Their curves.</summary>
    public string CurvesPath => Path.Combine(FolderPath, CurvesFileName);

    /// <summary>The model that it ends with.</summary>
    public string ModelPath => ModelPathOf(FolderPath);

    /// <summary>Where the samples of a step go.</summary>
    public string SamplesPath(long step) => Path.Combine(FolderPath, SamplesFolder, string.Create(CultureInfo.InvariantCulture, $"step_{step:D9}"));

    /// <summary>Where a run's checkpoints are.</summary>
    public static string CheckpointsPath(string path) => Path.Combine(path, CheckpointsFolder);

    /// <summary>The model of the run in a folder.</summary>
    public static string ModelPathOf(string path) => Path.Combine(path, ModelFolderName);

    /// <summary>Reads the description of a run, which may be in progress.</summary>
    /// <exception cref="TrainingException">There is no run.</exception>
    /// <exception cref="DamagedFileException">It, or a file that was written with it, is not what was written.</exception>
    public static RunDescription ReadDescription(string path)
    {
        if (!HoldsRun(path))
        {
            throw new TrainingException($"{path} holds no run: it has no {DescriptionFileName}; begin one with --output {path}.");
        }

        var description = RunDescription.Read(Path.Combine(path, DescriptionFileName));
        foreach ((string name, FileDigest digest) in description.Files ?? [])
        {
            string file = Path.Combine(path, name);
            if (DigestOf(RegularFile.ReadAll(file, SealedJson.LimitBytes, Remedy)) != digest)
            {
                throw new DamagedFileException(file, -1, "it is not what was written when the run began, as its digest tells", Remedy);
            }
        }

        return description;
    }

    /// <summary>Whether a folder holds a run.</summary>
    public static bool HoldsRun(string path) => PlayedByRuns.HoldsRun(path);

    /// <summary>
    /// Refuses a folder that holds a run, or what a run would write over though it is no run's: asked before anything is
    /// computed for a new one.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <param name="force">Whether a run that is there is given up.</param>
    /// <param name="inputs">What the new run is to read, which must not go with the old one.</param>
    /// <exception cref="TrainingException">It does, and may not be replaced.</exception>
    public static void CheckFree(string path, bool force, params ReadOnlySpan<string?> inputs)
    {
        foreach (string? input in inputs)
        {
            if (input is not null && Parts.Any(part => FilePath.IsWithin(input, Path.Combine(path, part))))
            {
                throw new TrainingException($"{input} is a part of {path}, and would be deleted for the new run; choose another folder with --output.");
            }
        }

        if (!HoldsRun(path))
        {
            if (Foreign(path) is { } name)
            {
                throw new TrainingException($"{path} holds '{name}' but no run, and a run would write over it; choose another folder.");
            }
        }
        else if (!force)
        {
            throw new TrainingException($"{path} already holds a run; go on with it by --resume {path}, choose another folder, or overwrite it with --force.");
        }
    }

    /// <summary>Begins a run: locks the folder, deletes the run that <paramref name="force"/> gives up, writes the description.</summary>
    /// <exception cref="TrainingException">There is a run already, or something else that would be lost.</exception>
    /// <exception cref="StorageException">Another process uses the folder.</exception>
    internal static RunFolder Create(string path, RunDescription description, IReadOnlyList<Track> tracks, bool force, params IEnumerable<LabelTableText> tables)
    {
        Directory.CreateDirectory(path);
        FolderLock folderLock = FolderLock.Take(path);
        try
        {
            CheckFree(path, force);
            var folder = new RunFolder(path, description, folderLock);
            folder.Checkpoints.Clear();
            foreach (string part in Parts)
            {
                DeleteFolder(Path.Combine(path, part));
            }

            File.Delete(folder.MetricsPath);
            File.Delete(folder.CurvesPath);
            description.Files = new SortedDictionary<string, FileDigest>(StringComparer.Ordinal);
            IEnumerable<(string Name, byte[] Content)> files = tables.Select(table => (table.Path, Encoding.UTF8.GetBytes(table.Text)));
            foreach ((string name, byte[] content) in files.Prepend((TracksFileName, JsonSerializer.SerializeToUtf8Bytes([.. tracks], TrainingJson.Default.TrackArray))))
            {
                string file = Path.Combine(path, name);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                DurableFile.WriteAtomically(file, content);
                description.Files.Add(name, DigestOf(content));
            }

            DurableFile.WriteAtomically(Path.Combine(path, DescriptionFileName), description.ToJson());
            return folder;
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Opens a run to go on with it.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="TrainingException">There is no run.</exception>
    /// <exception cref="StorageException">Another process uses the folder.</exception>
    public static RunFolder Resume(string path)
    {
        RunDescription description = ReadDescription(path);
        FolderLock folderLock = FolderLock.Take(path);
        try
        {
            return new RunFolder(path, description, folderLock);
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>The recordings that the run uses.</summary>
    /// <exception cref="DamagedFileException">They are not what was written.</exception>
    public IReadOnlyList<Track> ReadTracks() => ReadTracks(FolderPath, Description);

    /// <summary>The recordings that the run in a folder uses.</summary>
    internal static IReadOnlyList<Track> ReadTracks(string folder, RunDescription description)
    {
        string path = Path.Combine(folder, TracksFileName);
        try
        {
            return ReadTrackFile(path) is { } tracks && tracks.All(IsWhole) && AudioSet.FingerprintOf(tracks) == description.DataFingerprint ? tracks : throw new JsonException("the recordings are others");
        }
        catch (JsonException e)
        {
            throw new DamagedFileException(path, -1, $"it is not what was written ({JsonMistake.Of(e)})", Remedy, e);
        }
    }

    /// <summary>Goes on with other settings: further steps, another learning rate, other intervals.</summary>
    /// <exception cref="TrainingException">They make no sense; nothing is changed.</exception>
    public void Change(TrainingSettings settings)
    {
        SettingsCheck.Require(settings, Description.Settings.Kind);
        Description = Description with { Settings = settings };
        DurableFile.WriteAtomically(Path.Combine(FolderPath, DescriptionFileName), Description.ToJson());
    }

    /// <summary>Says so where a run goes on with other arithmetic than it began with.</summary>
    internal void NoteDevice(IBackend backend, RunVoice voice)
    {
        if (Description.Device is { } begun && begun != backend.Arithmetic)
        {
            voice.Note($"{FolderPath} was begun on {begun}; on {backend.Arithmetic} sums round differently, so its weights will not be the same to the bit.");
        }
    }

    /// <summary>What a checkpoint says of itself beside its tensors.</summary>
    /// <param name="step">Steps that were done.</param>
    /// <param name="updates">Those of them in which the optimiser moved the parameters.</param>
    public IEnumerable<KeyValuePair<string, string>> MetadataOf(long step, long updates) =>
    [
        new(CheckpointNames.StepKey, step.ToString(CultureInfo.InvariantCulture)),
        new(CheckpointNames.UpdatesKey, updates.ToString(CultureInfo.InvariantCulture)),
        new("settings", SettingsFile.Write(Description.Settings)),
        new(CheckpointNames.DataKey, Description.DataFingerprint),
        new("codes", string.Join(' ', Description.CodeHashes ?? [])),
    ];

    /// <summary>Lets go of the folder.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>
    /// What stands in a folder without a run where a run would put something of its own, or none. The recordings and tables of
    /// labels that a run wrote when it was killed before its description do not count.
    /// </summary>
    private static string? Foreign(string path)
    {
        string[] taken = [CheckpointsFolder, SamplesFolder, ModelFolderName, MetricsFileName, CurvesFileName];
        return (HoldsTracks(path) ? taken : taken.Append(TracksFileName).Append(LabelsFolder)).FirstOrDefault(name => Path.Exists(Path.Combine(path, name)));
    }

    /// <summary>Whether there are recordings as a run writes them.</summary>
    private static bool HoldsTracks(string path)
    {
        try
        {
            return ReadTrackFile(Path.Combine(path, TracksFileName))?.All(track => track is { Name: not null, Hash: not null }) == true;
        }
        catch (Exception e) when (e is JsonException or DamagedFileException or IOException)
        {
            return false;
        }
    }

    private static Track[]? ReadTrackFile(string path) => JsonSerializer.Deserialize(SealedJson.Read(path, Remedy), TrainingJson.Default.TrackArray);

    private static bool IsWhole(Track? track) => track is { Name: not null, Hash: not null, Artist: not null, Genre: not null, Lyrics: not null, LengthSamples: >= 0 };

    private static FileDigest DigestOf(byte[] content) => new(content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));

    private static void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            FilePlacement.DeleteFolder(path);
        }
    }
}

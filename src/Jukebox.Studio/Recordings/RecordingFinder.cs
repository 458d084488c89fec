using Jukebox.Audio.Reading;
using Jukebox.Models.Labels;
using Jukebox.Recordings.Evaluation;
using Jukebox.Recordings.Folders;
using Jukebox.Training;

namespace Jukebox.Studio.Recordings;

/// <summary>Finds the recordings that a command line names, and what a side table says of them.</summary>
public static class RecordingFinder
{
    /// <summary>The recordings, files as named, folders in order of their files' names.</summary>
    /// <param name="named">Files and folders.</param>
    /// <param name="manifestPath">Table, or none where a folder may have its own.</param>
    /// <param name="split">Only recordings that the table has under this split, <c>train</c> or <c>valid</c>; none for all.</param>
    /// <param name="note">Told what of folders was not looked at.</param>
    /// <exception cref="StudioException">Something is not there, or nothing is left.</exception>
    /// <exception cref="TrainingException">The table is not there.</exception>
    public static EvaluationTrack[] Find(IReadOnlyList<string> named, string? manifestPath, string? split, Action<string>? note = null)
    {
        TrackSplit? wanted = split is null ? null : Enum.Parse<TrackSplit>(split, ignoreCase: true);
        EvaluationTrack[] tracks = [.. named.SelectMany(path => Below(path, manifestPath, wanted, note))];
        return tracks.Length > 0
            ? tracks
            : throw new StudioException(split is null
                ? $"There is no audio in {string.Join(", ", named.Select(path => $"'{path}'"))}."
                : $"The table has none of the recordings under the split '{split}'; name its files, or leave --split out.");
    }

    private static IEnumerable<EvaluationTrack> Below(string path, string? manifestPath, TrackSplit? wanted, Action<string>? note)
    {
        PipedRecording.Take(path);
        bool isFolder = Directory.Exists(path);
        if (!isFolder && !File.Exists(path) && path != PipedRecording.StandardInput)
        {
            throw new StudioException($"There is no file or folder '{path}'.");
        }

        string folder = isFolder ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        AudioFolderContent content = isFolder ? AudioFolder.Look(path) : new AudioFolderContent([Path.GetFileName(path)], []);
        string[] names = content.Names;
        foreach (string line in content.Overlooked)
        {
            note?.Invoke(line);
        }

        ManifestRow?[]? rows = Manifest.Of(folder, manifestPath)?.RowsOf(names);
        foreach ((int i, string name) in names.Index())
        {
            ManifestRow? row = rows?[i];
            if (wanted is null || row?.Split == wanted)
            {
                yield return new EvaluationTrack(isFolder ? Path.Combine(path, name) : path, new SongLabel(row?.Artist ?? "", row?.Genre ?? "", row?.Lyrics ?? ""));
            }
        }
    }
}

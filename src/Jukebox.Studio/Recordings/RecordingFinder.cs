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
    /// <param name="note">Told what of folders was not looked at, and which rows of a table name nothing that is there.</param>
    /// <param name="cancellation">Stops waiting for what comes through a pipe.</param>
    /// <exception cref="StudioException">Something is not there, or nothing is left.</exception>
    /// <exception cref="TrainingException">The table is not there.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static EvaluationTrack[] Find(
        IReadOnlyList<string> named, string? manifestPath, string? split, Action<string> note, CancellationToken cancellation)
    {
        TrackSplit? wanted = split is null ? null : Enum.Parse<TrackSplit>(split, ignoreCase: true);
        Listed[] below = [.. named.Select(path => Below(path, manifestPath, cancellation))];
        IEnumerable<string?> unmatched = manifestPath is null
            ? below.Where(listed => listed.IsFolder).Select(listed => listed.Manifest?.Unmatched(listed.Recordings.Select(recording => recording.Row)))
            : [below[0].Manifest!.Unmatched(below.SelectMany(listed => listed.Recordings).Select(recording => recording.Row))];
        foreach (string line in below.SelectMany(listed => listed.Overlooked).Concat(unmatched.OfType<string>()))
        {
            note(line);
        }

        EvaluationTrack[] tracks =
        [
            .. below.SelectMany(listed => listed.Recordings).Where(recording => wanted is null || recording.Row?.Split == wanted)
                .Select(recording => new EvaluationTrack(
                    recording.Path, new SongLabel(recording.Row?.Artist ?? "", recording.Row?.Genre ?? "", recording.Row?.Lyrics ?? ""))),
        ];
        return tracks.Length > 0
            ? tracks
            : throw new StudioException(split is null
                ? $"There is no audio in {string.Join(", ", named.Select(path => $"'{path}'"))}."
                : $"The table has none of the recordings under the split '{split}'; name its files, or leave --split out.");
    }

    /// <summary>What a folder holds; none for a file, whose bytes are taken where they come through a pipe.</summary>
    /// <exception cref="StudioException">There is neither.</exception>
    internal static AudioFolderContent? Look(string path, CancellationToken cancellation)
    {
        PipedRecording.Take(path, cancellation);
        return Directory.Exists(path) ? AudioFolder.Look(path)
            : File.Exists(path) || path == PipedRecording.StandardInput ? null
            : throw new StudioException($"There is no file or folder '{path}'.");
    }

    private static Listed Below(string path, string? manifestPath, CancellationToken cancellation)
    {
        AudioFolderContent? below = Look(path, cancellation);
        bool isFolder = below is not null;
        string folder = isFolder ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        AudioFolderContent content = below ?? new AudioFolderContent([Path.GetFileName(path)], []);
        var manifest = Manifest.Of(folder, manifestPath);
        ManifestRow?[]? rows = manifest?.RowsOf(content.Names);
        return new Listed(
            isFolder, manifest, content.Overlooked,
            [.. content.Names.Select((name, i) => new Recording(isFolder ? Path.Combine(path, name) : path, rows?[i]))]);
    }

    /// <summary>What one thing that was named holds.</summary>
    private sealed record Listed(bool IsFolder, Manifest? Manifest, IReadOnlyList<string> Overlooked, Recording[] Recordings);

    private sealed record Recording(string Path, ManifestRow? Row);
}

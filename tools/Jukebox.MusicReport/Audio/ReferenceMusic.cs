namespace Jukebox.MusicReport.Audio;

/// <summary>A piece of the reference music.</summary>
/// <param name="Name">File name without its ending: what tells it from others.</param>
/// <param name="Instrument">Its class: the genre of the manifest.</param>
/// <param name="HeldOut">Whether it is kept from learning.</param>
/// <param name="Path">Its audio.</param>
/// <param name="Artist">Who wrote it, where the manifest says so.</param>
internal sealed record Piece(string Name, string Instrument, bool HeldOut, string Path, string Artist = "");

/// <summary>Finds the audio of a manifest's rows.</summary>
internal static class ReferenceMusic
{
    private static readonly string[] Endings = [".wav", ".flac", ".opus", ".ogg", ".mp3"];

    /// <summary>The pieces of both splits whose audio lies in a folder under the manifest's names, whatever the ending.</summary>
    /// <param name="folder">The audio.</param>
    /// <param name="manifest">Table with the columns file, genre and split.</param>
    /// <param name="trainSplit">What the column split says of music to learn from.</param>
    /// <param name="heldOutSplit">What it says of music to compare with.</param>
    /// <exception cref="ReportException">There is no audio of one of the splits.</exception>
    public static IReadOnlyList<Piece> Find(string folder, TabSeparatedTable manifest, string trainSplit, string heldOutSplit)
    {
        Piece[] pieces = [.. manifest.Rows
            .Where(row => row["split"] == trainSplit || row["split"] == heldOutSplit)
            .Select(row => (Name: System.IO.Path.GetFileNameWithoutExtension(row["file"]), Row: row))
            .Select(entry => (entry.Name, entry.Row, Path: AudioOf(folder, entry.Name)))
            .Where(entry => entry.Path is not null)
            .Select(entry => new Piece(entry.Name, entry.Row["genre"], entry.Row["split"] == heldOutSplit, entry.Path!, entry.Row["artist"]))];
        foreach ((bool heldOut, string split) in (ReadOnlySpan<(bool, string)>)[(false, trainSplit), (true, heldOutSplit)])
        {
            if (!pieces.Any(piece => piece.HeldOut == heldOut))
            {
                throw new ReportException(
                    $"'{folder}' has none of the audio that '{manifest.Path}' names with the split '{split}'; files must have the manifest's names.");
            }
        }

        return pieces;
    }

    /// <summary>The same pieces in another folder, those that are there: as a model's decoder gives them back.</summary>
    public static IReadOnlyList<Piece> In(string folder, IReadOnlyList<Piece> pieces)
    {
        Piece[] found = [.. pieces.Select(piece => (piece, Path: AudioOf(folder, piece.Name))).Where(entry => entry.Path is not null).Select(
            entry => entry.piece with { Path = entry.Path! })];
        return found.Length > 0 ? found : throw new ReportException($"'{folder}' has none of the reference's pieces under their names.");
    }

    /// <summary>Whether a file is of a kind that is taken for audio.</summary>
    public static bool IsAudio(string path) => Endings.Contains(System.IO.Path.GetExtension(path).ToLowerInvariant());

    private static string? AudioOf(string folder, string name) =>
        Endings.Select(ending => System.IO.Path.Combine(folder, name + ending)).FirstOrDefault(File.Exists);
}

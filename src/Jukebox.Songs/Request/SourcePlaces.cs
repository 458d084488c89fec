using Jukebox.Core.Files;

namespace Jukebox.Songs.Request;

/// <summary>
/// How <c>song.json</c> names the recordings and the song that a song is made from: relative to its folder where they lie in the same folder of songs,
/// so that this may be moved or copied; else by their whole path.
/// </summary>
internal static class SourcePlaces
{
    /// <summary>The description as it is written into a folder.</summary>
    public static SongDescription Written(SongDescription song, string folder) => With(song, path => InSameTree(path, folder)
        ? Path.GetRelativePath(Path.GetFullPath(folder), path).Replace('\\', '/')
        : path);

    /// <summary>The description as it was read from a folder, with whole paths.</summary>
    public static SongDescription Read(SongDescription song, string folder) => With(song, path => Path.GetFullPath(path, Path.GetFullPath(folder)));

    private static bool InSameTree(string path, string folder) => Path.IsPathFullyQualified(path)
        && Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))) is { } songs
        && Path.GetPathRoot(songs) != songs
        && path.StartsWith(songs + Path.DirectorySeparatorChar, FilePath.Comparison);

    private static SongDescription With(SongDescription song, Func<string, string> place) => song with
    {
        Request = song.Request with
        {
            Prompts = song.Request.Prompts is { } prompts ? [.. prompts.Select(prompt => prompt with { File = place(prompt.File) })] : null,
            Source = song.Request.Source is { } source ? source with { Song = place(source.Song) } : null,
        },
    };
}

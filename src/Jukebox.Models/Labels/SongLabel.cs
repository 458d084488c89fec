namespace Jukebox.Models.Labels;

/// <summary>Who and what a piece sounds like, as the user wrote it.</summary>
public sealed record SongLabel(string Artist = "", string Genre = "", string Lyrics = "");

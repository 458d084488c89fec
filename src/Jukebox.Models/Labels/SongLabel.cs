namespace Jukebox.Models.Labels;

/// <summary>Who and what a piece sounds like, as the user wrote it.</summary>
/// <param name="Artist">A name of the model's table; each level looks it up in its own. Empty is "unknown".</param>
/// <param name="Genre">One, or several words in models whose tables have words.</param>
/// <param name="Lyrics">The whole song's, however much of it is asked for; empty where there are none.</param>
public sealed record SongLabel(string Artist = "", string Genre = "", string Lyrics = "");

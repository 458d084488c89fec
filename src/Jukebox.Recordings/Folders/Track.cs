namespace Jukebox.Recordings.Folders;

/// <summary>One recording of a data set, decoded.</summary>
/// <param name="Name">Path below the folder of audio, with '/'.</param>
/// <param name="Hash">Hexadecimal SHA-256 of the recording.</param>
/// <param name="LengthSamples">Samples at the data set's rate.</param>
/// <param name="Artist">Artist; empty for unknown.</param>
/// <param name="Genre">Genre; empty for unknown.</param>
/// <param name="Lyrics">Lyrics; empty for none.</param>
/// <param name="Split">What it is used for.</param>
public sealed record Track(string Name, string Hash, long LengthSamples, string Artist, string Genre, string Lyrics, TrackSplit Split);

/// <summary>A file that looked like audio and could not be read.</summary>
/// <param name="Name">Path below the folder of audio.</param>
/// <param name="Reason">Why, in one sentence.</param>
public sealed record UnreadableFile(string Name, string Reason);

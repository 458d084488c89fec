namespace Jukebox.Recordings.Folders;

/// <summary>What a track is used for.</summary>
public enum TrackSplit
{
    /// <summary>Nothing was said.</summary>
    Unstated,

    /// <summary>Learnt from.</summary>
    Train,

    /// <summary>Only measured on.</summary>
    Valid,
}

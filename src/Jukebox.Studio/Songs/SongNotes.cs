using Jukebox.Songs.Folder;

namespace Jukebox.Studio.Songs;

/// <summary>What is to be said of a song that is read.</summary>
internal static class SongNotes
{
    /// <summary>Says so where a song has less than it is to have: what is made of it then ends early.</summary>
    public static void Unfinished(string path, Action<string> note)
    {
        if (SongIntegrity.Unfinished(path) is { } sentence)
        {
            note(sentence);
        }
    }
}

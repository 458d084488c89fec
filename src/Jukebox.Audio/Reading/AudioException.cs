using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Audio.Reading;

/// <summary>Audio that cannot be had, in one sentence with what to do.</summary>
public class AudioException(string message, Exception? inner = null) : JukeboxException(message, inner)
{
    /// <summary>Does something with a recording, and says which one it was where the system does not let it be read.</summary>
    /// <exception cref="AudioException">It cannot be read.</exception>
    public static T Guard<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AudioException($"{path} cannot be read: {FileFailure.Sentence(e)}", e);
        }
    }
}

/// <summary>A recording that only ffmpeg could read, and there is none.</summary>
internal sealed class FfmpegMissingException(string path, Exception? inner) : AudioException(
    $"{path} is neither WAV, FLAC, AIFF nor MP3, and ffmpeg, which reads other formats, is not on the PATH; install ffmpeg, or convert the file to WAV.", inner);

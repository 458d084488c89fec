using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Audio.Reading;

/// <summary>Finds what reads a recording: WAV, FLAC and AIFF here, everything else and what these decline through ffmpeg, MP3 here where there is none.</summary>
internal static class FrameSources
{
    /// <summary>Opens a recording, by its content.</summary>
    /// <param name="path">The recording.</param>
    /// <param name="ffmpeg">Place of ffmpeg; the one on the PATH where none is given.</param>
    /// <exception cref="AudioException">It is not there or no file, or nothing reads it.</exception>
    /// <exception cref="DamagedFileException">It is not sound.</exception>
    public static IFrameSource Open(string path, string? ffmpeg = null)
    {
        string place = PipedRecording.PlaceOf(path);
        if (RegularFile.KindOf(place) == FileKind.Missing && !File.Exists(place))
        {
            throw new AudioException($"{path} does not exist; check the name.");
        }

        FileStream stream = RegularFile.OpenRead(place);
        RecordingFormat format = RecordingFormat.Other;
        try
        {
            format = RecordingFormats.Of(stream);
            return format switch
            {
                RecordingFormat.Wave => WaveReader.Open(path, stream),
                RecordingFormat.Flac => FlacReader.Open(path, stream),
                RecordingFormat.Aiff => AiffReader.Open(path, stream),
                _ => Other(path, place, ffmpeg, stream),
            };
        }
        catch (DamagedFileException e) when (format != RecordingFormat.Flac)
        {
            stream.Dispose();
            return Declined(path, place, ffmpeg, e);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>What a reader here declines ffmpeg may read; where it does not either, the reader's reason is the better one.</summary>
    private static FfmpegReader Declined(string path, string place, string? ffmpeg, DamagedFileException reason)
    {
        try
        {
            return FfmpegReader.Open(path, place, ffmpeg);
        }
        catch (FfmpegMissingException)
        {
            throw reason;
        }
        catch (Exception e) when (e is AudioException or DamagedFileException)
        {
            throw reason.With("get it again, or convert it to PCM with the program that made it; ffmpeg does not read it either");
        }
    }

    private static IFrameSource Other(string path, string place, string? ffmpeg, FileStream stream)
    {
        try
        {
            FfmpegReader reader = FfmpegReader.Open(path, place, ffmpeg);
            stream.Dispose();
            return reader;
        }
        catch (FfmpegMissingException) when (Mp3Reader.TryOpen(stream) is { } reader)
        {
            return reader;
        }
    }
}

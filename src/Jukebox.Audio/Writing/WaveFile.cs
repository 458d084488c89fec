using Jukebox.Audio.Reading;
using Jukebox.Core.Errors;

namespace Jukebox.Audio.Writing;

/// <summary>Whole WAV files at once.</summary>
public static class WaveFile
{
    /// <summary>Writes mono samples as a 16-bit file.</summary>
    public static void Write(string path, ReadOnlySpan<float> mono, int sampleRateHz)
    {
        using WaveWriter writer = WaveWriter.Create(path, sampleRateHz);
        writer.Write(mono);
    }

    /// <summary>Reads a whole file, channels interleaved.</summary>
    /// <exception cref="DamagedFileException">It is not a sound WAV file.</exception>
    public static float[] Read(string path, out int sampleRateHz, out int channels)
    {
        using WaveReader reader = WaveReader.Open(path);
        (sampleRateHz, channels) = (reader.SampleRateHz, reader.Channels);
        if (reader.LengthFrames * channels > Array.MaxLength)
        {
            throw new DamagedFileException(path, -1, "it is too long to be read at once", "cut it into pieces");
        }

        var samples = new float[reader.LengthFrames * channels];
        int frames = reader.Read(samples);
        return frames == reader.LengthFrames ? samples : samples[..(frames * channels)];
    }
}

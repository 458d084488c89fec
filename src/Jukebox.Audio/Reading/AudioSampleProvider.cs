using NAudio.Wave;

namespace Jukebox.Audio.Reading;

/// <summary>
/// Offers decoded audio to programs that use NAudio: mono float samples at the audio's rate. The audio stays its owner's to dispose;
/// what is read through one of the two is gone for the other.
/// </summary>
/// <param name="audio">The audio, for example of <see cref="AudioFile.Open(AudioRange, int, AudioMix, Action{string})"/>.</param>
public sealed class AudioSampleProvider(MonoAudio audio) : ISampleProvider
{
    /// <inheritdoc/>
    public WaveFormat WaveFormat { get; } = WaveFormat.CreateIeeeFloatWaveFormat(audio.SampleRateHz, 1);

    /// <summary>Reads the next samples; fewer than are asked for only at the end, as NAudio expects.</summary>
    public int Read(Span<float> buffer)
    {
        int count = 0;
        for (int read; count < buffer.Length && (read = audio.Read(buffer[count..])) > 0;)
        {
            count += read;
        }

        return count;
    }
}

using Jukebox.Audio.Reading;

namespace Jukebox.Models.VqVaes;

/// <summary>
/// A recording as a VQ-VAE reads it: in consecutive blocks from its first sample on, once. Whoever turns recordings into codes reads them
/// through this. What a recording is short of the length that was stated for it is silence, and counted.
/// </summary>
/// <param name="audio">The recording, at the model's rate.</param>
/// <param name="progress">Told up to which sample it was read, often.</param>
/// <param name="cancellation">Stops before the next block.</param>
public sealed class RecordingSamples(MonoAudio audio, Action<long>? progress = null, CancellationToken cancellation = default)
{
    /// <summary>Samples that were asked for and are not there.</summary>
    public long MissingSamples { get; private set; }

    /// <summary>Reads the next block: a <see cref="SampleReader"/>.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Read(long first, Span<float> samples)
    {
        cancellation.ThrowIfCancellationRequested();
        MissingSamples += samples.Length - audio.Fill(samples);
        progress?.Invoke(first);
    }
}

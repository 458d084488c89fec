using Jukebox.Core.Files;

namespace Jukebox.Audio.Writing;

/// <summary>
/// A mono WAV file that can be listened to while it grows: the samples reach the disk first, then the header counts
/// them. So the header never promises what is not there, and a run that is resumed goes on from its count.
/// </summary>
public sealed class GrowingWaveFile : IDisposable
{
    private readonly string _path;
    private readonly WaveWriter _writer;
    private bool _failed;

    /// <summary>Opens or begins a file; one whose header is not sound is begun anew.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sampleRateHz">Samples per second.</param>
    /// <param name="limit">No more samples than these are kept, and only a whole multiple of <paramref name="unit"/>.</param>
    /// <param name="unit">Samples that belong together.</param>
    public GrowingWaveFile(string path, int sampleRateHz, long limit, int unit)
    {
        _path = path;
        long kept = Math.Min(WaveWriter.CountedFrames(path, sampleRateHz), limit) / unit * unit;
        _writer = DurableFile.Guard(path, () => kept > 0 ? WaveWriter.Append(path, sampleRateHz, kept) : WaveWriter.Create(path, sampleRateHz));
    }

    /// <summary>Samples so far.</summary>
    public long Samples => _writer.LengthFrames;

    /// <summary>Appends samples in [−1, 1].</summary>
    /// <exception cref="StorageException">The disk is full.</exception>
    public void Append(ReadOnlySpan<float> audio)
    {
        _failed = true;
        float[] samples = audio.ToArray();
        DurableFile.Guard(_path, () =>
        {
            _writer.Write(samples);
            _writer.Flush(toDisk: true);
            return true;
        });
        _failed = false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _writer.Dispose();
        }
        catch (Exception e) when (_failed && DurableFile.IsDiskFull(e))
        {
            // The failure was thrown already; its message must not be hidden by the same one.
        }
    }
}

namespace Jukebox.Audio.Reading;

/// <summary>Mono audio at one rate, read forward and once, so that nobody has to hold more of it than is looked at. One thread at a time.</summary>
public abstract class MonoAudio : IDisposable
{
    private const int BlockSamples = 16 << 10;

    /// <summary>Samples per second.</summary>
    public abstract int SampleRateHz { get; }

    /// <summary>Samples that reading to the end gives from the beginning, or −1 where that is not known beforehand.</summary>
    public abstract long LengthSamples { get; }

    /// <summary>Samples of an array.</summary>
    public static MonoAudio Of(ReadOnlyMemory<float> samples, int sampleRateHz) => new InMemory(samples, sampleRateHz);

    /// <summary>Reads the next samples, in [−1, 1] where the recording keeps to it.</summary>
    /// <returns>How many; 0 at the end.</returns>
    public abstract int Read(Span<float> mono);

    /// <summary>Fills a block; what lies beyond the end is silence.</summary>
    /// <returns>Samples before the end.</returns>
    public int Fill(Span<float> mono)
    {
        int count = 0;
        for (int read; count < mono.Length && (read = Read(mono[count..])) > 0;)
        {
            count += read;
        }

        mono[count..].Clear();
        return count;
    }

    /// <summary>Samples in all. Where that is not known beforehand everything is read, and gone, but not held.</summary>
    /// <param name="limitSamples">Where the length is not known, counting stops here, and gives no more.</param>
    public long CountSamples(long limitSamples = long.MaxValue)
    {
        if (LengthSamples >= 0)
        {
            return LengthSamples;
        }

        var block = new float[BlockSamples];
        long count = 0;
        for (int read; count < limitSamples && (read = Read(block)) > 0;)
        {
            count += read;
        }

        return Math.Min(count, limitSamples);
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    private sealed class InMemory(ReadOnlyMemory<float> samples, int sampleRateHz) : MonoAudio
    {
        private int _position;

        public override int SampleRateHz => sampleRateHz;

        public override long LengthSamples => samples.Length;

        public override int Read(Span<float> mono)
        {
            int count = Math.Min(mono.Length, samples.Length - _position);
            samples.Span.Slice(_position, count).CopyTo(mono);
            _position += count;
            return count;
        }

        public override void Dispose()
        {
        }
    }
}

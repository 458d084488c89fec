using Jukebox.Audio.Reading;
using Jukebox.Audio.Resampling;

namespace Jukebox.Recordings.Embeddings;

/// <summary>Audio that vectors are made of, read window by window. Windows may overlap, and come in order.</summary>
/// <param name="open">Opens the audio at its beginning.</param>
/// <param name="samples">Samples of it.</param>
/// <param name="peak">What it is divided by; 0 or 1 for nothing.</param>
public sealed class EmbeddingClip(Func<MonoAudio> open, long samples, float peak) : IDisposable
{
    private MonoAudio? _audio;
    private float[] _held = [];
    private long _position; // of the audio
    private long _heldStart;

    /// <summary>Samples of it.</summary>
    public long Samples => samples;

    /// <summary>Whether it is silent.</summary>
    public bool IsSilent => peak == 0;

    /// <summary>Reads a stretch, divided by the peak. Each begins no earlier than the one before.</summary>
    /// <param name="start">First sample.</param>
    /// <param name="count">Samples, all within the clip.</param>
    public float[] Read(long start, int count)
    {
        _audio ??= open();
        var stretch = new float[count];
        int known = (int)Math.Clamp(_heldStart + _held.Length - start, 0, count);
        _held.AsSpan((int)Math.Min(start - _heldStart, _held.Length))[..known].CopyTo(stretch);
        Skip(start + known);
        _position += _audio.Fill(stretch.AsSpan(known));
        (_held, _heldStart) = (stretch, start);
        return peak is 0 or 1 ? stretch : Array.ConvertAll(stretch, sample => sample / peak);
    }

    /// <inheritdoc/>
    public void Dispose() => _audio?.Dispose();

    private void Skip(long position)
    {
        var block = new float[Math.Clamp(position - _position, 0, 16 << 10)];
        while (_position < position)
        {
            _position += _audio!.Fill(block.AsSpan(0, (int)Math.Min(block.Length, position - _position)));
        }
    }
}

/// <summary>Recordings as clips: whole, a stretch, or in slices.</summary>
public static class EmbeddingClips
{
    private const int BlockSamples = 16 << 10;

    /// <summary>A recording or a stretch of it as one clip. It is read twice: for its peak and length, and window by window.</summary>
    /// <param name="range">The recording.</param>
    /// <param name="sampleRateHz">The model's rate.</param>
    /// <param name="normalise">What it is divided by.</param>
    /// <param name="over">The peak of the file, or of what is taken of it.</param>
    /// <param name="note">Told what is to be said of the recording.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="AudioException">It cannot be read.</exception>
    public static EmbeddingClip Whole(
        AudioRange range, int sampleRateHz, Normalisation normalise, EmbeddingScope over, Action<string>? note, CancellationToken cancellation)
    {
        (long samples, float peak) = Measure(range, sampleRateHz, note, cancellation);
        if (normalise == Normalisation.Peak && over == EmbeddingScope.File && (range.StartSeconds > 0 || range.EndSeconds is not null))
        {
            peak = Measure(new AudioRange(range.Path), sampleRateHz, null, cancellation).Peak;
        }

        return new EmbeddingClip(() => AudioFile.Open(range, sampleRateHz), samples, normalise == Normalisation.Peak ? peak : 1);
    }

    /// <summary>Seconds of the whole file that a clip is of.</summary>
    public static double SecondsOfFile(AudioRange range, int sampleRateHz, EmbeddingClip clip)
    {
        if (range.StartSeconds == 0 && range.EndSeconds is null)
        {
            return (double)clip.Samples / sampleRateHz;
        }

        using var whole = AudioFile.Open(new AudioRange(range.Path), sampleRateHz);
        return (double)whole.CountSamples() / sampleRateHz;
    }

    /// <summary>
    /// A recording cut into slices as EDGE does it: at its own rate, each through 16 bits where that is asked for, then brought to the model's rate.
    /// </summary>
    /// <param name="range">The recording.</param>
    /// <param name="slicing">The slices.</param>
    /// <param name="throughPcm16">Whether samples pass through 16 bits.</param>
    /// <param name="sampleRateHz">The model's rate.</param>
    /// <param name="normalise">What they are divided by.</param>
    /// <param name="over">The peak of each slice, or of the file or stretch.</param>
    /// <param name="note">Told what is to be said of the recording.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="AudioException">It cannot be read.</exception>
    public static IEnumerable<EmbeddingClip> Slices(
        AudioRange range, Slicing slicing, bool throughPcm16, int sampleRateHz, Normalisation normalise, EmbeddingScope over, Action<string>? note,
        CancellationToken cancellation)
    {
        int rate = RateOf(range, sampleRateHz);
        float common = normalise == Normalisation.Peak && over != EmbeddingScope.Slice
            ? Measure(over == EmbeddingScope.File ? new AudioRange(range.Path) : range, sampleRateHz, null, cancellation).Peak
            : 1;
        using var audio = AudioFile.Open(range, rate, note: note);
        int length = slicing.SliceSamples(rate), hop = slicing.HopSamples(rate);
        var slice = new float[length];
        int held = audio.Fill(slice);
        while (held == length)
        {
            cancellation.ThrowIfCancellationRequested();
            float[] samples = Resampler.Resample(throughPcm16 ? Array.ConvertAll(slice, Slicing.AsPcm16) : slice, rate, sampleRateHz);
            float peak = normalise == Normalisation.Peak && over == EmbeddingScope.Slice ? PeakOf(samples) : common;
            yield return new EmbeddingClip(() => MonoAudio.Of(samples, sampleRateHz), samples.Length, peak);
            held = Advance(audio, slice, hop);
        }
    }

    /// <summary>Whole samples of a recording, and the largest magnitude of them.</summary>
    private static (long Samples, float Peak) Measure(AudioRange range, int sampleRateHz, Action<string>? note, CancellationToken cancellation)
    {
        using var audio = AudioFile.Open(range, sampleRateHz, note: note);
        var block = new float[BlockSamples];
        long samples = 0;
        float peak = 0;
        for (int read; (read = audio.Read(block)) > 0; samples += read)
        {
            cancellation.ThrowIfCancellationRequested();
            peak = Math.Max(peak, PeakOf(block.AsSpan(0, read)));
        }

        return (samples, peak);
    }

    private static int RateOf(AudioRange range, int sampleRateHz)
    {
        using var audio = AudioFile.Open(range, sampleRateHz);
        return audio.SourceRateHz;
    }

    /// <summary>Moves a slice on by a hop; gives how much of it is there.</summary>
    private static int Advance(AudioFile audio, float[] slice, int hop)
    {
        if (hop < slice.Length)
        {
            slice.AsSpan(hop).CopyTo(slice);
            return slice.Length - hop + audio.Fill(slice.AsSpan(slice.Length - hop));
        }

        for (int skipped = hop - slice.Length; skipped > 0;)
        {
            int part = Math.Min(skipped, slice.Length);
            _ = audio.Fill(slice.AsSpan(0, part));
            skipped -= part;
        }

        return audio.Fill(slice);
    }

    private static float PeakOf(ReadOnlySpan<float> samples)
    {
        float peak = 0;
        foreach (float sample in samples)
        {
            peak = Math.Max(peak, Math.Abs(sample));
        }

        return peak;
    }
}

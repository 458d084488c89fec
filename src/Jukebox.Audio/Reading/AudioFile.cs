using Jukebox.Audio.Resampling;
using Jukebox.Core.Errors;

namespace Jukebox.Audio.Reading;

/// <summary>
/// Any audio file as a stream of mono samples at a wanted rate: channels mixed, then resampled. WAV, FLAC and AIFF are read
/// here, everything else by an <c>ffmpeg</c> on the PATH, or, where there is none, MP3 here too. Memory does not grow with the length of
/// the file. A length that a header claims counts only where the file bears it out.
/// </summary>
public sealed class AudioFile : MonoAudio
{
    private const int BlockFrames = 16 << 10;

    // Times beyond this (months) are taken for it, so that products of positions and rates fit 64 bits.
    private const long LongestSamples = 1L << 40;

    private readonly AudioMix _mix;
    private readonly IFrameSource _source;
    private readonly Action<string>? _note;
    private readonly LevelMeter _meter = new();
    private readonly Resampler _resampler;
    private readonly float[] _frames;
    private readonly float[] _mono = new float[BlockFrames];
    private long _skippedOutputs;
    private long _remaining;
    private bool _ended;
    private bool _disposed;

    private AudioFile(AudioRange range, int sampleRateHz, AudioMix mix, IFrameSource source, Action<string>? note)
    {
        (Range, SampleRateHz, _mix, _source, _note) = (range, sampleRateHz, mix, source, note);
        if (mix == AudioMix.Side && source.Channels != 2)
        {
            throw new AudioException($"{range.Path} has no side: that takes two channels, and it has {source.Channels}.");
        }

        if (source.SampleRateHz is < Resampler.LowestRateHz or > Resampler.HighestRateHz)
        {
            throw new AudioException($"{range.Path} has {source.SampleRateHz} samples per second; "
                + $"convert it to a rate between {Resampler.LowestRateHz} and {Resampler.HighestRateHz} Hz.");
        }

        _resampler = new Resampler(source.SampleRateHz, sampleRateHz);
        _frames = new float[BlockFrames * source.Channels];
        LengthSamples = Length();
        _remaining = LengthSamples >= 0 ? LengthSamples : range.EndSeconds is { } end ? ToSamples(end) - ToSamples(range.StartSeconds) : long.MaxValue;
        SeekToStart();
    }

    /// <summary>What was asked for.</summary>
    public AudioRange Range { get; }

    /// <inheritdoc/>
    public override int SampleRateHz { get; }

    /// <summary>Samples per second and channel of the file.</summary>
    public int SourceRateHz => _source.SampleRateHz;

    /// <summary>Channels of the file.</summary>
    public int SourceChannels => _source.Channels;

    /// <inheritdoc/>
    public override long LengthSamples { get; }

    /// <summary>What a person should know of what was read so far: damage that was passed over, and levels that make no sense.</summary>
    public IReadOnlyList<string> Notes =>
        [.. ((string?[])[_source.Complaint, _mix == AudioMix.Mid ? _meter.Finding : null]).OfType<string>().Select(note => $"{Range}: {note}.")];

    /// <summary>Opens a part of a file.</summary>
    /// <param name="range">The part.</param>
    /// <param name="sampleRateHz">Wanted rate.</param>
    /// <param name="mix">What is made of its channels.</param>
    /// <param name="note">Told the <see cref="Notes"/> when reading is over, by <see cref="Dispose"/>.</param>
    /// <exception cref="AudioException">
    /// There is no such file, ffmpeg is needed and missing or fails, the part lies beyond the end, or what has not two channels is to give a side.
    /// </exception>
    /// <exception cref="DamagedFileException">A WAV, FLAC or AIFF file is not sound.</exception>
    public static AudioFile Open(AudioRange range, int sampleRateHz, AudioMix mix = AudioMix.Mid, Action<string>? note = null) =>
        AudioException.Guard(range.Path, () =>
        {
            IFrameSource source = FrameSources.Open(range.Path);
            try
            {
                return new AudioFile(range, sampleRateHz, mix, source, note);
            }
            catch
            {
                source.Dispose();
                throw;
            }
        });

    /// <summary>Opens a file, whole or from one second to another.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sampleRateHz">Wanted rate.</param>
    /// <param name="startSeconds">First instant.</param>
    /// <param name="endSeconds">Last instant, exclusive; none means to the end.</param>
    /// <exception cref="AudioException">As <see cref="Open(AudioRange, int, AudioMix, Action{string})"/>.</exception>
    /// <exception cref="DamagedFileException">It is not sound.</exception>
    public static AudioFile Open(string path, int sampleRateHz, double startSeconds = 0, double? endSeconds = null) =>
        Open(new AudioRange(path, startSeconds, endSeconds), sampleRateHz);

    /// <summary>Reads a part of a file into memory.</summary>
    /// <param name="range">What to read.</param>
    /// <param name="sampleRateHz">Wanted rate.</param>
    /// <param name="limitSamples">Most samples taken; the rest is left out.</param>
    /// <returns>Mono samples, in [−1, 1] where the recording keeps to it; 4 bytes each, all in memory.</returns>
    /// <exception cref="AudioException">As <see cref="Open(AudioRange, int, AudioMix, Action{string})"/>, or the part is empty.</exception>
    public static float[] Load(AudioRange range, int sampleRateHz, long limitSamples = int.MaxValue)
    {
        using AudioFile file = Open(range, sampleRateHz);
        var samples = new List<float>();
        var block = new float[BlockFrames];
        while (samples.Count < limitSamples)
        {
            int count = file.Read(block.AsSpan(0, (int)Math.Min(block.Length, limitSamples - samples.Count)));
            if (count == 0)
            {
                break;
            }

            samples.AddRange(block.AsSpan(0, count));
        }

        return samples.Count > 0 ? [.. samples] : throw new AudioException($"{range} holds no audio; check the times.");
    }

    /// <inheritdoc/>
    /// <exception cref="AudioException">The file cannot be read, or ffmpeg fails.</exception>
    /// <exception cref="DamagedFileException">It is not sound.</exception>
    public override int Read(Span<float> mono)
    {
        int done = 0;
        int wanted = (int)Math.Min(mono.Length, _remaining);
        while (done < wanted)
        {
            int count = _resampler.Read(mono[done..wanted]);
            int skipped = (int)Math.Min(count, _skippedOutputs);
            mono.Slice(done + skipped, count - skipped).CopyTo(mono[done..]);
            _skippedOutputs -= skipped;
            done += count - skipped;
            if (count == 0 && !Feed())
            {
                break;
            }
        }

        _remaining -= done;
        return done;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (!_disposed && _note is not null)
        {
            foreach (string note in Notes)
            {
                _note(note);
            }
        }

        _disposed = true;
        _source.Dispose();
    }

    /// <summary>Gives the resampler the next block; false when it has had everything.</summary>
    private bool Feed()
    {
        if (_ended)
        {
            return false;
        }

        int frames = AudioException.Guard(Range.Path, () => _source.Read(_frames));
        if (frames == 0)
        {
            _ended = true;
            _resampler.Complete();
            return true;
        }

        Mix(frames);
        _meter.Add(_frames.AsSpan(0, frames * _source.Channels), _mono.AsSpan(0, frames));
        _resampler.Write(_mono.AsSpan(0, frames));
        return true;
    }

    private void Mix(int frames)
    {
        int channels = _source.Channels;
        if (_mix == AudioMix.Side)
        {
            for (int i = 0; i < frames; i++)
            {
                _mono[i] = (_frames[2 * i] - _frames[(2 * i) + 1]) / 2;
            }

            return;
        }

        for (int i = 0; i < frames; i++)
        {
            float sum = 0;
            for (int channel = 0; channel < channels; channel++)
            {
                sum += _frames[(i * channels) + channel];
            }

            _mono[i] = channels == 1 ? sum : sum / channels;
        }
    }

    private long ToSamples(double seconds) => (long)Math.Round(Math.Min(seconds * SampleRateHz, LongestSamples));

    private long Length()
    {
        if (_source.LengthFrames < 0)
        {
            return -1;
        }

        long whole = _resampler.OutputCount(_source.LengthFrames);
        long start = ToSamples(Range.StartSeconds);
        if (start >= whole)
        {
            throw new AudioException(FormattableString.Invariant(
                $"{Range.Path} has {whole / (double)SampleRateHz:F2} s of audio, none from {Range.StartSeconds} s on; check the times."));
        }

        return (Range.EndSeconds is { } end ? Math.Min(ToSamples(end), whole) : whole) - start;
    }

    /// <summary>
    /// Skips to shortly before the start: a whole number of the resampler's periods, so that outputs fall where they
    /// would have, and far enough before that the missing past does not show.
    /// </summary>
    private void SeekToStart()
    {
        long start = ToSamples(Range.StartSeconds);
        long startFrame = start * _resampler.PeriodFrames / _resampler.PeriodOutputs;
        long periods = Math.Max(0, startFrame - _resampler.ReachFrames) / _resampler.PeriodFrames;
        _source.Seek(periods * _resampler.PeriodFrames);
        _skippedOutputs = start - (periods * _resampler.PeriodOutputs);
    }
}

using NLayer;

namespace Jukebox.Audio.Reading;

/// <summary>
/// Reads MP3 (and MP1, MP2) without ffmpeg, frame by frame through NLayer. Frames are found and checked here, so that memory does not
/// depend on what the file claims; a frame that cannot be decoded is silent, so that what follows keeps its time.
/// </summary>
internal sealed class Mp3Reader : IFrameSource
{
    private const int LargestBufferBytes = 64 << 10;

    // No sound frame decodes to more; what is not a number is not within it either.
    private const float Loudest = 64;

    private readonly Stream _stream;
    private readonly MpegFrames _frames;
    private readonly MpegFrameDecoder _decoder = new();
    private readonly MpegReservoirFrame _frame = new();
    private readonly float[] _samples = new float[2 * 1152];
    private readonly int _frameSamples;
    private int _skip; // samples of each channel that are still the encoder's
    private int _blockPosition, _blockLength; // in frames of the IFrameSource
    private long _positionFrames;
    private bool _pending; // the frame found last is still to be decoded
    private long _silenced;
    private bool _repaired;

    private Mp3Reader(Stream stream)
    {
        _stream = stream;
        long begin = stream.Position;
        _frames = new MpegFrames(stream);
        if (!_frames.First())
        {
            throw new InvalidDataException("there is no frame");
        }

        MpegHeader first = _frames.Header;
        (SampleRateHz, Channels, _frameSamples) = (first.SampleRateHz, first.Channels, first.Samples);
        MpegTag? tag = MpegTag.Of(first, _frames.Frame);
        LengthFrames = Math.Max(0, (Count(stream, begin) - (tag is null ? 0 : 1)) * _frameSamples - (tag?.StartSamples ?? 0) - (tag?.EndSamples ?? 0));
        _skip = tag?.StartSamples ?? 0;
        _pending = tag is null;
    }

    /// <inheritdoc/>
    public int SampleRateHz { get; }

    /// <inheritdoc/>
    public int Channels { get; }

    /// <inheritdoc/>
    public long LengthFrames { get; }

    /// <inheritdoc/>
    public string? Complaint => _silenced > 0 ? $"{_silenced} of its frames cannot be decoded and are silent"
        : _frames.LostBytes > 0 ? $"{_frames.LostBytes} bytes between its frames are damaged and were left out" : null;

    /// <summary>Reads from a stream that seeks, which then belongs to the reader; none where it holds no MP3.</summary>
    public static Mp3Reader? TryOpen(Stream stream)
    {
        try
        {
            return new Mp3Reader(new BufferedStream(stream, LargestBufferBytes));
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public int Read(Span<float> interleaved)
    {
        int done = 0;
        while ((done + 1) * Channels <= interleaved.Length && Available() is int available and > 0)
        {
            int count = Math.Min(available, (interleaved.Length / Channels) - done);
            _samples.AsSpan(_blockPosition * Channels, count * Channels).CopyTo(interleaved[(done * Channels)..]);
            Advance(count);
            done += count;
        }

        return done;
    }

    /// <inheritdoc/>
    public void Seek(long frame)
    {
        while (_positionFrames < frame && Available() is int available and > 0)
        {
            Advance((int)Math.Min(available, frame - _positionFrames));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static long Count(Stream stream, long begin)
    {
        long resume = stream.Position;
        stream.Position = begin;
        var frames = new MpegFrames(stream);
        long count = 0;
        for (bool found = frames.First(); found; found = frames.Next())
        {
            count++;
        }

        stream.Position = resume;
        return count;
    }

    private void Advance(int frames)
    {
        _blockPosition += frames;
        _positionFrames += frames;
    }

    private int Available()
    {
        while (_blockPosition == _blockLength && (_pending || _frames.Next()))
        {
            _pending = false;
            Decode();
            _blockPosition = Math.Min(_skip, _frameSamples);
            _blockLength = _frameSamples;
            _skip -= _blockPosition;
        }

        return (int)Math.Min(_blockLength - _blockPosition, LengthFrames - _positionFrames);
    }

    private void Decode()
    {
        int samples = 0;
        try
        {
            if (_frame.Load(_frames.Header, _frames.Frame))
            {
                Repair();
                samples = _decoder.DecodeFrame(_frame, _samples.AsSpan());
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Damage shows as exceptions of many kinds, which leave the decoder in an unknown state.
            _decoder.Reset();
            _frame.DecoderWasReset();
        }

        if (samples != _frameSamples * Channels || _samples.AsSpan(0, samples).ContainsAnyExceptInRange(-Loudest, Loudest))
        {
            _samples.AsSpan().Clear();
            _silenced++;
        }
    }

    /// <summary>A first frame for nothing, after which the decoder has the tables that are to be mended.</summary>
    private void Repair()
    {
        if (_repaired)
        {
            return;
        }

        _repaired = true;
        _decoder.DecodeFrame(_frame, _samples.AsSpan());
        NLayerRepair.NumberTheLastWindows(_decoder);
        _decoder.Reset();
    }
}

using Jukebox.Core.Errors;

namespace Jukebox.Audio.Reading;

/// <summary>A file that is read through ffmpeg.</summary>
internal sealed class FfmpegReader : IFrameSource
{
    private readonly FfmpegDecoder _decoder;
    private readonly WaveReader _output;

    private FfmpegReader(FfmpegDecoder decoder) => (_decoder, _output) = (decoder, decoder.OpenOutput());

    /// <inheritdoc/>
    public int SampleRateHz => _output.SampleRateHz;

    /// <inheritdoc/>
    public int Channels => _output.Channels;

    /// <inheritdoc/>
    public long LengthFrames => _output.LengthFrames;

    /// <inheritdoc/>
    public string? Complaint => _decoder.Complaint;

    /// <summary>Begins to decode a file.</summary>
    /// <param name="path">What to call it.</param>
    /// <param name="place">Where it is.</param>
    /// <param name="program">Name or place of ffmpeg.</param>
    /// <exception cref="FfmpegMissingException">There is no ffmpeg.</exception>
    /// <exception cref="AudioException">It cannot read the file.</exception>
    /// <exception cref="DamagedFileException">What it gives is not audio.</exception>
    public static FfmpegReader Open(string path, string place, string? program)
    {
        var decoder = new FfmpegDecoder(path, program, place);
        try
        {
            return new FfmpegReader(decoder);
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="AudioException">ffmpeg failed, which shows at the end.</exception>
    public int Read(Span<float> interleaved)
    {
        int frames = _output.Read(interleaved);
        if (frames == 0)
        {
            _decoder.CheckExit();
        }

        return frames;
    }

    /// <inheritdoc/>
    public void Seek(long frame) => _output.Seek(frame);

    /// <inheritdoc/>
    public void Dispose()
    {
        _output.Dispose();
        _decoder.Dispose();
    }
}

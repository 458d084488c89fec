using System.Buffers.Binary;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Audio.Reading;

/// <summary>How a sample is stored.</summary>
public enum WaveSampleType
{
    /// <summary>Unsigned bytes around 128.</summary>
    Pcm8,

    /// <summary>Signed 16-bit.</summary>
    Pcm16,

    /// <summary>Signed 24-bit, packed.</summary>
    Pcm24,

    /// <summary>Signed 32-bit.</summary>
    Pcm32,

    /// <summary>IEEE single.</summary>
    Float32,

    /// <summary>IEEE double.</summary>
    Float64,
}

/// <summary>
/// Reads a WAV file (RIFF or RF64) in blocks, so that an hour of audio needs no more memory than a second. Unknown
/// chunks are skipped; a data length of 0 or 2³²−1, as programs leave it that write to a pipe, means "to the end".
/// </summary>
public sealed class WaveReader : IFrameSource
{
    private const int BlockBytes = 64 << 10;

    private readonly Stream _stream;
    private readonly WaveHeader _header;
    private readonly byte[] _block;
    private long _positionFrames;

    private WaveReader(string path, Stream stream, WaveHeader header)
    {
        Path = path;
        _stream = stream;
        _header = header;
        _block = new byte[Math.Max(BlockBytes / header.FrameBytes, 1) * header.FrameBytes];
    }

    /// <summary>The file, or what stands for it in messages.</summary>
    public string Path { get; }

    /// <summary>Frames per second.</summary>
    public int SampleRateHz => _header.SampleRateHz;

    /// <summary>Samples per frame.</summary>
    public int Channels => _header.Channels;

    /// <summary>How samples are stored.</summary>
    public WaveSampleType SampleType => _header.SampleType;

    /// <summary>Frames in the file, or −1 where only reading to the end can tell.</summary>
    public long LengthFrames => _header.DataBytes < 0 ? -1 : _header.DataBytes / _header.FrameBytes;

    /// <inheritdoc/>
    public string? Complaint => _header.Complaint;

    /// <summary>Opens a file.</summary>
    /// <exception cref="DamagedFileException">It is not a sound WAV file.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static WaveReader Open(string path)
    {
        FileStream stream = RegularFile.OpenRead(path);
        try
        {
            return Open(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads from a stream, which then belongs to the reader; it need not seek.</summary>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="stream">Content from its first byte.</param>
    public static WaveReader Open(string name, Stream stream) => new(name, stream, WaveHeader.Read(name, stream));

    /// <summary>
    /// Reads the next frames, channels interleaved, integers scaled to [−1, 1).
    /// </summary>
    /// <param name="interleaved">Destination; a whole number of frames.</param>
    /// <returns>Frames read; 0 at the end.</returns>
    /// <exception cref="DamagedFileException">A float sample is not a number.</exception>
    public int Read(Span<float> interleaved)
    {
        if (interleaved.Length % Channels != 0)
        {
            throw new ArgumentException($"{interleaved.Length} samples are not whole frames of {Channels}", nameof(interleaved));
        }

        int done = 0;
        int wanted = interleaved.Length / Channels;
        while (done < wanted)
        {
            int frames = ReadBlock(interleaved[(done * Channels)..]);
            if (frames == 0)
            {
                break;
            }

            done += frames;
        }

        return done;
    }

    /// <summary>Moves to a frame: at once where the stream seeks, by reading on where it does not.</summary>
    public void Seek(long frame)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frame);
        frame = LengthFrames < 0 ? frame : Math.Min(frame, LengthFrames);
        if (_stream.CanSeek)
        {
            _stream.Position = _header.DataStart + (frame * _header.FrameBytes);
            _positionFrames = frame;
            return;
        }

        if (frame < _positionFrames)
        {
            throw new InvalidOperationException($"{Path} cannot be read backwards");
        }

        var skipped = new float[_block.Length / _header.FrameBytes * Channels];
        while (_positionFrames < frame)
        {
            int frames = (int)Math.Min(frame - _positionFrames, skipped.Length / Channels);
            if (Read(skipped.AsSpan(0, frames * Channels)) == 0)
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private int ReadBlock(Span<float> interleaved)
    {
        long frames = Math.Min(interleaved.Length / Channels, _block.Length / _header.FrameBytes);
        if (LengthFrames >= 0)
        {
            frames = Math.Min(frames, LengthFrames - _positionFrames);
        }

        if (frames <= 0)
        {
            return 0;
        }

        int wantedBytes = (int)frames * _header.FrameBytes;
        int read = _stream.ReadAtLeast(_block.AsSpan(0, wantedBytes), wantedBytes, throwOnEndOfStream: false) / _header.FrameBytes;
        Span<float> samples = interleaved[..(read * Channels)];
        Convert(_block.AsSpan(0, read * _header.FrameBytes), samples);
        if (_header.SampleType is WaveSampleType.Float32 or WaveSampleType.Float64)
        {
            CheckFinite(samples);
        }

        _positionFrames += read;
        return read;
    }

    private void Convert(ReadOnlySpan<byte> bytes, Span<float> samples)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = _header.SampleType switch
            {
                WaveSampleType.Pcm8 => (bytes[i] - 128) / 128f,
                WaveSampleType.Pcm16 => BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]) / 32768f,
                WaveSampleType.Pcm24 => ((bytes[3 * i] << 8) | (bytes[(3 * i) + 1] << 16) | (bytes[(3 * i) + 2] << 24)) / 2147483648f,
                WaveSampleType.Pcm32 => BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]) / 2147483648f,
                WaveSampleType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]),
                _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]),
            };
        }
    }

    private void CheckFinite(ReadOnlySpan<float> samples)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            if (!float.IsFinite(samples[i]))
            {
                throw new DamagedFileException(
                    Path, -1, $"sample {i % Channels} of frame {_positionFrames + (i / Channels)} is not a finite number", "write the audio again");
            }
        }
    }
}

using System.Buffers.Binary;
using Jukebox.Audio.Reading;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Audio.Writing;

/// <summary>
/// Writes 16-bit WAV files with the plain 44-byte header. The header tells the truth after every <see cref="Flush"/>,
/// so a growing file can be played, and reopened after an interruption.
/// </summary>
public sealed class WaveWriter : IDisposable
{
    /// <summary>Bytes before the first sample.</summary>
    public const int HeaderBytes = 44;

    private const int SampleBytes = 2;
    private const int BlockSamples = 16 << 10;

    private readonly FileStream _stream;
    private readonly byte[] _block = new byte[BlockSamples * SampleBytes];

    private WaveWriter(FileStream stream, int sampleRateHz, int channels, long lengthFrames)
    {
        _stream = stream;
        SampleRateHz = sampleRateHz;
        Channels = channels;
        LengthFrames = lengthFrames;
    }

    /// <summary>Frames per second.</summary>
    public int SampleRateHz { get; }

    /// <summary>Samples per frame.</summary>
    public int Channels { get; }

    /// <summary>Frames written so far.</summary>
    public long LengthFrames { get; private set; }

    private int FrameBytes => Channels * SampleBytes;

    /// <summary>Begins a file, replacing one that is there.</summary>
    public static WaveWriter Create(string path, int sampleRateHz, int channels = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sampleRateHz);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        var stream = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
        var writer = new WaveWriter(stream, sampleRateHz, channels, 0);
        writer.Flush();
        return writer;
    }

    /// <summary>
    /// Goes on with a file, keeping its first <paramref name="keptFrames"/> frames and dropping what follows. What the
    /// header says of the length does not matter; a file that an interrupted run left is fine.
    /// </summary>
    /// <exception cref="DamagedFileException">It is of another rate or channel count, or has fewer frames.</exception>
    public static WaveWriter Append(string path, int sampleRateHz, long keptFrames, int channels = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keptFrames);
        var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            CheckHeader(path, stream, sampleRateHz, channels);
            long keptEnd = HeaderBytes + (keptFrames * channels * SampleBytes);
            if (stream.Length < keptEnd)
            {
                throw new DamagedFileException(
                    path, stream.Length, $"it ends before frame {keptFrames}", "delete it, and it is written anew");
            }

            stream.SetLength(keptEnd);
            var writer = new WaveWriter(stream, sampleRateHz, channels, keptFrames);
            writer.Flush();
            return writer;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Frames that the header of a file written here promises; 0 where there is no such file, its header is another, or
    /// it holds less.
    /// </summary>
    public static long CountedFrames(string path, int sampleRateHz, int channels = 1)
    {
        var header = new byte[HeaderBytes];
        if (!File.Exists(path))
        {
            return 0;
        }

        // Shared with a writer that goes on writing.
        using FileStream stream = RegularFile.OpenRead(path);
        if (stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes)
        {
            return 0;
        }

        long frames = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(40)) / (channels * SampleBytes);
        bool sound = header.AsSpan().SequenceEqual(Header(sampleRateHz, channels, frames));
        return sound && stream.Length >= HeaderBytes + (frames * channels * SampleBytes) ? frames : 0;
    }

    /// <summary>
    /// Appends samples, channels interleaved: clamped to [−1, 1], then ⌊32768·x⌋ limited to 16 bits, as the original
    /// rounds. A sample that is not a number becomes silence.
    /// </summary>
    public void Write(ReadOnlySpan<float> interleaved)
    {
        if (interleaved.Length % Channels != 0)
        {
            throw new ArgumentException($"{interleaved.Length} samples are not whole frames of {Channels}", nameof(interleaved));
        }

        _stream.Position = HeaderBytes + (LengthFrames * FrameBytes);
        for (int done = 0; done < interleaved.Length;)
        {
            int count = Math.Min(BlockSamples, interleaved.Length - done);
            for (int i = 0; i < count; i++)
            {
                BinaryPrimitives.WriteInt16LittleEndian(_block.AsSpan(i * SampleBytes), ToPcm16(interleaved[done + i]));
            }

            _stream.Write(_block.AsSpan(0, count * SampleBytes));
            done += count;
        }

        LengthFrames += interleaved.Length / Channels;
    }

    /// <summary>Makes the header agree with what was written, and hands everything to the operating system.</summary>
    /// <param name="toDisk">
    /// Whether to wait until it is on the disk, the samples before the header: even a power cut leaves no header that
    /// promises more than there is.
    /// </param>
    public void Flush(bool toDisk = false)
    {
        if (toDisk)
        {
            _stream.Flush(flushToDisk: true);
        }

        _stream.Position = 0;
        _stream.Write(Header(SampleRateHz, Channels, LengthFrames));
        _stream.Flush(toDisk);
    }

    /// <summary>Flushes and closes.</summary>
    public void Dispose()
    {
        if (_stream.CanWrite)
        {
            Flush();
        }

        _stream.Dispose();
    }

    /// <summary>One sample as it is written.</summary>
    public static short ToPcm16(float sample)
    {
        // Exact: scaling by a power of two, then rounding down.
        float scaled = MathF.Floor(Math.Clamp(sample, -1f, 1f) * 32768f);
        return float.IsNaN(scaled) ? (short)0 : (short)Math.Clamp((int)scaled, short.MinValue, short.MaxValue);
    }

    private static void CheckHeader(string path, FileStream stream, int sampleRateHz, int channels)
    {
        WaveHeader header = WaveHeader.Read(path, stream);
        if (header.SampleRateHz != sampleRateHz || header.Channels != channels
            || header.SampleType != WaveSampleType.Pcm16 || header.DataStart != HeaderBytes)
        {
            throw new DamagedFileException(
                path,
                0,
                $"it is not a plain 16-bit file of {channels} channel{(channels == 1 ? "" : "s")} at {sampleRateHz} Hz",
                "delete it, and it is written anew");
        }
    }

    private static byte[] Header(int sampleRateHz, int channels, long lengthFrames)
    {
        var header = new byte[HeaderBytes];
        Span<byte> at = header;
        int frameBytes = channels * SampleBytes;
        uint dataBytes = (uint)Math.Min(lengthFrames * frameBytes, uint.MaxValue - HeaderBytes);
        "RIFF"u8.CopyTo(at);
        BinaryPrimitives.WriteUInt32LittleEndian(at[4..], dataBytes + HeaderBytes - 8);
        "WAVEfmt "u8.CopyTo(at[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(at[16..], 16);
        BinaryPrimitives.WriteUInt16LittleEndian(at[20..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(at[22..], (ushort)channels);
        BinaryPrimitives.WriteUInt32LittleEndian(at[24..], (uint)sampleRateHz);
        BinaryPrimitives.WriteUInt32LittleEndian(at[28..], (uint)(sampleRateHz * frameBytes));
        BinaryPrimitives.WriteUInt16LittleEndian(at[32..], (ushort)frameBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(at[34..], SampleBytes * 8);
        "data"u8.CopyTo(at[36..]);
        BinaryPrimitives.WriteUInt32LittleEndian(at[40..], dataBytes);
        return header;
    }
}

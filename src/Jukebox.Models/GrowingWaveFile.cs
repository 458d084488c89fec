using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Jukebox.Models;

/// <summary>
/// A mono 16-bit WAV file that can be listened to while it grows: the samples reach the disk first, then the header
/// counts them. So the header never promises what is not there, and a run that is resumed goes on from its count.
/// </summary>
internal sealed class GrowingWaveFile : IDisposable
{
    private const int HeaderBytes = 44;
    private const int BytesPerSample = 2;

    private readonly string _path;
    private readonly int _sampleRateHz;
    private readonly SafeFileHandle _handle;

    /// <summary>Opens or begins a file; a header that is not one of these starts it over.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sampleRateHz">Samples per second.</param>
    /// <param name="limit">No more samples than these are kept, and only a whole multiple of <paramref name="unit"/>.</param>
    /// <param name="unit">Samples that belong together.</param>
    public GrowingWaveFile(string path, int sampleRateHz, long limit, int unit)
    {
        _path = path;
        _sampleRateHz = sampleRateHz;
        _handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        long samples = CountedSamples();
        Samples = Math.Min(samples, limit) / unit * unit;
        if (Samples != samples || samples == 0)
        {
            DurableFile.Write(_handle, _path, Header(Samples), 0);
        }

        RandomAccess.SetLength(_handle, HeaderBytes + (Samples * BytesPerSample));
    }

    /// <summary>Samples so far.</summary>
    public long Samples { get; private set; }

    /// <summary>Appends samples in [−1, 1]: floor(x · 32768), saturated.</summary>
    public void Append(ReadOnlySpan<float> audio)
    {
        var bytes = new byte[audio.Length * BytesPerSample];
        for (int i = 0; i < audio.Length; i++)
        {
            double scaled = Math.Floor(audio[i] * 32768.0);
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(i * BytesPerSample), (short)Math.Clamp(scaled, short.MinValue, short.MaxValue));
        }

        DurableFile.Write(_handle, _path, bytes, HeaderBytes + (Samples * BytesPerSample));
        RandomAccess.FlushToDisk(_handle);
        Samples += audio.Length;
        DurableFile.Write(_handle, _path, Header(Samples), 0);
    }

    public void Dispose() => _handle.Dispose();

    private long CountedSamples()
    {
        var header = new byte[HeaderBytes];
        long lengthBytes = RandomAccess.GetLength(_handle);
        if (lengthBytes < HeaderBytes || RandomAccess.Read(_handle, header, 0) < HeaderBytes)
        {
            return 0;
        }

        long samples = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(40)) / BytesPerSample;
        return samples <= (lengthBytes - HeaderBytes) / BytesPerSample && header.AsSpan().SequenceEqual(Header(samples)) ? samples : 0;
    }

    private byte[] Header(long samples)
    {
        var header = new byte[HeaderBytes];
        uint dataBytes = checked((uint)(samples * BytesPerSample));
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), dataBytes + HeaderBytes - 8);
        "WAVEfmt "u8.CopyTo(header.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), 16); // bytes of the format chunk
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(20), 1); // PCM
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(22), 1); // channels
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(24), _sampleRateHz);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(28), _sampleRateHz * BytesPerSample);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(32), BytesPerSample);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(34), 8 * BytesPerSample);
        "data"u8.CopyTo(header.AsSpan(36));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), dataBytes);
        return header;
    }
}

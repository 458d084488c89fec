using System.Buffers.Binary;
using System.Security.Cryptography;
using Jukebox.Core;

namespace Jukebox.Training;

/// <summary>
/// Decoded audio at one rate: a file of 16-bit mono samples for each recording, named after the recording's content, so
/// that a recording which is renamed is not decoded again and one that is edited is.
/// </summary>
internal sealed class PcmCache(string folder, int sampleRateHz)
{
    private const int BlockSamples = 64 << 10;
    private const float Scale = 32768;

    /// <summary>Opens the cache in a folder, which is made where it is not there.</summary>
    public static PcmCache Open(string folder, int sampleRateHz)
    {
        CacheFile.DeleteAbandoned(Directory.CreateDirectory(folder));
        return new PcmCache(folder, sampleRateHz);
    }

    /// <summary>Samples per second.</summary>
    public int SampleRateHz => sampleRateHz;

    /// <summary>Hexadecimal SHA-256 of a file.</summary>
    public static string HashOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Samples of a recording that was decoded, or none.</summary>
    public long? Find(string hash) => CacheFile.LengthOf(PathOf(hash), KeyOf(hash)) / sizeof(short);

    /// <summary>Samples of a recording, which is decoded where that was not done yet.</summary>
    /// <param name="path">The recording.</param>
    /// <param name="hash">Hash of its content.</param>
    /// <exception cref="AudioException">It cannot be read.</exception>
    /// <exception cref="DamagedFileException">It is not sound.</exception>
    public long Prepare(string path, string hash)
    {
        if (Find(hash) is { } length)
        {
            return length;
        }

        using AudioFile audio = AudioFile.Open(path, sampleRateHz);
        return CacheFile.Write(PathOf(hash), KeyOf(hash), Blocks(audio)) / sizeof(short);
    }

    /// <summary>Reads samples of a prepared recording.</summary>
    /// <param name="hash">Hash of its content.</param>
    /// <param name="first">First sample.</param>
    /// <param name="samples">Filled, in [−1, 1).</param>
    public void Read(string hash, long first, Span<float> samples)
    {
        var values = new short[samples.Length];
        CacheFile.ReadPart<short>(PathOf(hash), first, values);
        for (int i = 0; i < values.Length; i++)
        {
            samples[i] = values[i] / Scale;
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Blocks(AudioFile audio)
    {
        var samples = new float[BlockSamples];
        var bytes = new byte[BlockSamples * sizeof(short)];
        for (int count; (count = audio.Read(samples)) > 0;)
        {
            for (int i = 0; i < count; i++)
            {
                float value = Math.Clamp(MathF.Round(samples[i] * Scale), short.MinValue, short.MaxValue);
                BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(i * sizeof(short)), (short)value);
            }

            yield return bytes.AsMemory(0, count * sizeof(short));
        }
    }

    private string PathOf(string hash) => Path.Combine(folder, "pcm", $"{hash[..32]}-{sampleRateHz}.pcm");

    private string KeyOf(string hash) => $"{hash} mono {sampleRateHz} Hz 16 bit";
}

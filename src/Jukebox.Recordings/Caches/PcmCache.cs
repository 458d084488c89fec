using System.Buffers.Binary;
using System.Security.Cryptography;
using Jukebox.Audio.Reading;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Recordings.Caches;

/// <summary>
/// Decoded audio at one rate: a file of 16-bit samples for each recording and mix of its channels, named after the
/// recording's content, so that a recording which is renamed is not decoded again and one that is edited is.
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

    /// <summary>Hexadecimal SHA-256 of a recording.</summary>
    /// <exception cref="AudioException">It cannot be read.</exception>
    public static string HashOf(string path) => AudioException.Guard(path, () =>
    {
        using FileStream stream = RegularFile.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    });

    /// <summary>Samples of a recording that was decoded, or none; none too is what 0 says of the side of one that has not two channels.</summary>
    /// <param name="hash">Hash of its content.</param>
    /// <param name="mix">What was made of its channels.</param>
    public long? Find(string hash, AudioMix mix = AudioMix.Mid) => CacheFile.LengthOf(PathOf(hash, mix), KeyOf(hash, mix)) / sizeof(short);

    /// <summary>Samples of a recording, which is decoded where that was not done yet.</summary>
    /// <param name="path">The recording.</param>
    /// <param name="hash">Hash of its content.</param>
    /// <param name="mix">What is made of its channels; the side of what has not two is empty.</param>
    /// <param name="note">Told what is to be said of it where it is decoded.</param>
    /// <exception cref="AudioException">It cannot be read.</exception>
    /// <exception cref="DamagedFileException">It is not sound.</exception>
    public long Prepare(string path, string hash, AudioMix mix = AudioMix.Mid, Action<string>? note = null)
    {
        if (Find(hash, mix) is { } length)
        {
            return length;
        }

        using AudioFile? audio = AudioException.Guard(
            path, () => mix == AudioMix.Mid || HasSide(path) ? AudioFile.Open(new AudioRange(path), sampleRateHz, mix, note) : null);
        return CacheFile.Write(PathOf(hash, mix), KeyOf(hash, mix), audio is null ? [] : Blocks(audio)) / sizeof(short);
    }

    /// <summary>Reads samples of a prepared recording.</summary>
    /// <param name="hash">Hash of its content.</param>
    /// <param name="mix">What was made of its channels.</param>
    /// <param name="first">First sample.</param>
    /// <param name="samples">Filled, in [−1, 1).</param>
    public void Read(string hash, AudioMix mix, long first, Span<float> samples)
    {
        var values = new short[samples.Length];
        CacheFile.ReadPart<short>(PathOf(hash, mix), first, values);
        for (int i = 0; i < values.Length; i++)
        {
            samples[i] = values[i] / Scale;
        }
    }

    private bool HasSide(string path)
    {
        using var audio = AudioFile.Open(path, sampleRateHz);
        return audio.SourceChannels == 2;
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Blocks(AudioFile audio)
    {
        var samples = new float[BlockSamples];
        var bytes = new byte[BlockSamples * sizeof(short)];
        for (int count; (count = AudioException.Guard(audio.Range.Path, () => audio.Read(samples))) > 0;)
        {
            for (int i = 0; i < count; i++)
            {
                float value = Math.Clamp(MathF.Round(samples[i] * Scale), short.MinValue, short.MaxValue);
                BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(i * sizeof(short)), (short)value);
            }

            yield return bytes.AsMemory(0, count * sizeof(short));
        }
    }

    private string PathOf(string hash, AudioMix mix) =>
        Path.Combine(folder, "pcm", $"{hash[..32]}-{sampleRateHz}{(mix == AudioMix.Side ? "-side" : "")}.pcm");

    private string KeyOf(string hash, AudioMix mix) => $"{hash} {(mix == AudioMix.Side ? "side" : "mono")} {sampleRateHz} Hz 16 bit";
}

using System.Buffers.Binary;
using Jukebox.Audio.Writing;
using Jukebox.Songs.Request;
using NAudio.Wave;

namespace Jukebox.Songs.Folder;

/// <summary>
/// Offers the audio of a song that is still being made to programs that use NAudio: mono float samples, as far as the level's file has
/// grown. Reading waits for samples that are still to come, and ends with the song's last, or when it is cancelled. Nothing is locked, and
/// a run that is stopped and resumed meanwhile goes on being heard. One thread at a time.
/// </summary>
public sealed class GrowingSongProvider : ISampleProvider
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly string _path;
    private readonly long _lengthSamples;
    private readonly CancellationToken _cancellation;
    private readonly Action _wait;
    private byte[] _block = [];
    private long _position;

    /// <summary>Listens to an item of a song.</summary>
    /// <param name="songFolder">The song's folder; its description must be there, its audio need not.</param>
    /// <param name="level">The level that is heard, 0 being the finest.</param>
    /// <param name="item">Index of the item.</param>
    /// <param name="cancellation">Ends waiting: no sample follows then.</param>
    /// <exception cref="SamplingException">There is no song, or it has no such item.</exception>
    public GrowingSongProvider(string songFolder, int level, int item, CancellationToken cancellation = default)
        : this(songFolder, level, item, cancellation, () => cancellation.WaitHandle.WaitOne(Pause))
    {
    }

    internal GrowingSongProvider(string songFolder, int level, int item, CancellationToken cancellation, Action wait)
    {
        SongDescription song = SongFolder.ReadDescription(songFolder);
        if (!song.Items.Contains(item))
        {
            throw new SamplingException($"{songFolder} has the items {string.Join(", ", song.Items)}, not {item}.");
        }

        (_path, _lengthSamples, _cancellation, _wait) = (SongFolder.WavePath(songFolder, level, item), song.SampleLength, cancellation, wait);
        WaveFormat = WaveFormat.CreateIeeeFloatWaveFormat(song.SampleRateHz, 1);
    }

    /// <inheritdoc/>
    public WaveFormat WaveFormat { get; }

    /// <summary>Reads the next samples; fewer than are asked for only at the end of the song, or when waiting was cancelled.</summary>
    public int Read(Span<float> buffer)
    {
        int count = 0;
        int wanted = (int)Math.Min(buffer.Length, _lengthSamples - _position);
        while (count < wanted)
        {
            int read = ReadGrown(buffer[count..wanted]);
            count += read;
            if (read == 0)
            {
                if (_cancellation.IsCancellationRequested)
                {
                    break;
                }

                _wait();
            }
        }

        return count;
    }

    /// <summary>Takes what is there by now: no more than the header counts, which is written after the samples.</summary>
    private int ReadGrown(Span<float> samples)
    {
        long there = WaveWriter.CountedFrames(_path, WaveFormat.SampleRate) - _position;
        int count = (int)Math.Clamp(there, 0, samples.Length);
        if (count == 0)
        {
            return 0;
        }

        _block = _block.Length < count * sizeof(short) ? new byte[count * sizeof(short)] : _block;
        using var stream = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        stream.Position = WaveWriter.HeaderBytes + (_position * sizeof(short));
        count = stream.ReadAtLeast(_block.AsSpan(0, count * sizeof(short)), count * sizeof(short), throwOnEndOfStream: false) / sizeof(short);
        for (int i = 0; i < count; i++)
        {
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(_block.AsSpan(i * sizeof(short))) / 32768f;
        }

        _position += count;
        return count;
    }
}

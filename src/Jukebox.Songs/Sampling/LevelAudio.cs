using Jukebox.Audio.Writing;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;

namespace Jukebox.Songs.Sampling;

/// <summary>
/// The audio of one level, decoded as far as the codes determine it: what is written never changes with the codes
/// that follow. What is there already counts as far as its checksum says that it is what was written.
/// </summary>
internal sealed class LevelAudio : IDisposable
{
    private const int ChunkSamples = 1 << 18;

    private readonly ISongModel _model;
    private readonly int _level;
    private readonly int _totalTokens;
    private readonly int _samplesPerToken;
    private readonly int _sampleRateHz;
    private readonly DerivedSums _sums;
    private readonly GrowingWaveFile[] _waves; // by row
    private readonly string[] _paths;
    private readonly uint[] _checksums; // of the samples so far

    /// <summary>Opens the files of a level, as far as <paramref name="tokens"/> of each row determine them.</summary>
    public LevelAudio(ISongModel model, SongFolder folder, int level, Func<int, int> tokens, DerivedSums sums)
    {
        _sums = sums;
        SongDescription song = folder.Description;
        _model = model;
        _level = level;
        _totalTokens = song.TokensAt(level);
        _samplesPerToken = song.SamplesPerToken[level];
        _sampleRateHz = song.SampleRateHz;
        _waves = new GrowingWaveFile[song.Items.Length];
        _paths = [.. song.Items.Select(item => SongFolder.WavePath(folder.FolderPath, level, item))];
        _checksums = new uint[_waves.Length];
        Directory.CreateDirectory(Path.GetDirectoryName(_paths[0])!);
        for (int row = 0; row < _waves.Length; row++)
        {
            long limit = Math.Min((long)FinalTokens(tokens(row)) * _samplesPerToken, SoundSamples(row));
            _waves[row] = new GrowingWaveFile(_paths[row], song.SampleRateHz, limit, _samplesPerToken);
            _checksums[row] = DerivedSums.Of(_paths[row], WaveWriter.HeaderBytes, _waves[row].Samples * sizeof(short))!.Value;
        }
    }

    /// <summary>Seconds of the first item that can be heard.</summary>
    public double Seconds => (double)_waves[0].Samples / _sampleRateHz;

    /// <summary>Whether there is audio to be written for a row with so many tokens.</summary>
    public bool Lags(int row, int tokens) => _waves[row].Samples < (long)FinalTokens(tokens) * _samplesPerToken;

    /// <summary>Writes what a row's codes determine and is not written yet.</summary>
    public void Extend(int row, ReadOnlyMemory<int> codes)
    {
        int end = FinalTokens(codes.Length);
        int chunk = Math.Max(1, ChunkSamples / _samplesPerToken);
        for (int start = (int)(_waves[row].Samples / _samplesPerToken); start < end; start += chunk)
        {
            long before = _waves[row].Samples * sizeof(short);
            _waves[row].Append(_model.Decode(_level, codes, start, Math.Min(chunk, end - start)));
            long after = _waves[row].Samples * sizeof(short);
            _checksums[row] = DerivedSums.Of(_paths[row], WaveWriter.HeaderBytes + before, after - before, _checksums[row])!.Value;
            _sums.Write(DerivedSums.OfWave(_level, row, _waves.Length), after, _checksums[row]);
        }
    }

    public void Dispose()
    {
        foreach (GrowingWaveFile wave in _waves)
        {
            wave.Dispose();
        }
    }

    /// <summary>Samples that are what was written, as their checksum says.</summary>
    private long SoundSamples(int row) => File.Exists(_paths[row])
        && _sums.Read(DerivedSums.OfWave(_level, row, _waves.Length)) is { } written
        && DerivedSums.Of(_paths[row], WaveWriter.HeaderBytes, written.LengthBytes) == written.Checksum
        ? written.LengthBytes / sizeof(short)
        : 0;

    /// <summary>Tokens whose audio no later token changes.</summary>
    private int FinalTokens(int tokens) => tokens >= _totalTokens ? _totalTokens : Math.Max(0, tokens - _model.RightContextTokens(_level));
}

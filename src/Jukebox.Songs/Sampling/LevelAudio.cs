using Jukebox.Audio.Writing;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;

namespace Jukebox.Songs.Sampling;

/// <summary>
/// The audio of one level, decoded as far as the codes determine it: what is written never changes with the codes
/// that follow.
/// </summary>
internal sealed class LevelAudio : IDisposable
{
    private const int ChunkSamples = 1 << 18;

    private readonly ISongModel _model;
    private readonly int _level;
    private readonly int _totalTokens;
    private readonly int _samplesPerToken;
    private readonly int _sampleRateHz;
    private readonly GrowingWaveFile[] _waves; // by row

    /// <summary>Opens the files of a level, as far as <paramref name="tokens"/> of each row determine them.</summary>
    public LevelAudio(ISongModel model, SongFolder folder, int level, Func<int, int> tokens)
    {
        SongDescription song = folder.Description;
        _model = model;
        _level = level;
        _totalTokens = song.TokensAt(level);
        _samplesPerToken = song.SamplesPerToken[level];
        _sampleRateHz = song.SampleRateHz;
        _waves = new GrowingWaveFile[song.Items.Length];
        for (int row = 0; row < _waves.Length; row++)
        {
            string path = SongFolder.WavePath(folder.FolderPath, level, song.Items[row]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            _waves[row] = new GrowingWaveFile(path, song.SampleRateHz, (long)FinalTokens(tokens(row)) * _samplesPerToken, _samplesPerToken);
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
            _waves[row].Append(_model.Decode(_level, codes, start, Math.Min(chunk, end - start)));
        }
    }

    public void Dispose()
    {
        foreach (GrowingWaveFile wave in _waves)
        {
            wave.Dispose();
        }
    }

    /// <summary>Tokens whose audio no later token changes.</summary>
    private int FinalTokens(int tokens) => tokens >= _totalTokens ? _totalTokens : Math.Max(0, tokens - _model.RightContextTokens(_level));
}

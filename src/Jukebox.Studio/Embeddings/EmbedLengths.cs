using Jukebox.Audio.Reading;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Recordings.Embeddings;
using Jukebox.Songs.Folder;

namespace Jukebox.Studio.Embeddings;

/// <summary>Adds up what inputs come to by their lengths alone.</summary>
internal sealed class EmbedLengths
{
    private readonly EmbeddingSettings _settings;
    private readonly EmbeddingWindows _windows;
    private readonly string? _times;
    private readonly int _samplesPerToken, _sampleRateHz, _level;

    public EmbedLengths(ModelDescription model, EmbeddingSettings settings, string? times)
    {
        _settings = settings;
        _times = times;
        _level = EmbeddingCheck.TopOf(model, model.Name).Level;
        _samplesPerToken = model.VqVae.SamplesPerToken(_level);
        _sampleRateHz = model.SampleRateHz;
        _windows = EmbeddingWindows.Of(settings, model.PriorOf(_level)!.ContextLength, TokensPerSecond);
    }

    public long Windows { get; private set; }

    public long Tokens { get; private set; }

    /// <summary>Rows of a layer.</summary>
    public long Rows { get; private set; }

    public int Unreadable { get; private set; }

    private double TokensPerSecond => (double)_sampleRateHz / _samplesPerToken;

    public void Add(EmbedInput input)
    {
        try
        {
            if (input.SongRow is { } row)
            {
                int[][] codes = SongFolder.ReadCodes(input.Range.Path, _level);
                AddClip(row < codes.Length ? codes[row].Length : 0, input);
                return;
            }

            using var file = AudioFile.Open(input.Range, _sampleRateHz);
            if (_settings.SliceSeconds is { } seconds)
            {
                var slicing = new Slicing(seconds, _settings.SliceHopSeconds!.Value);
                int rate = file.SourceRateHz;
                long slices = slicing.CountOf(file.CountSamples() * rate / _sampleRateHz, rate);
                long tokens = (long)slicing.SliceSamples(rate) * _sampleRateHz / rate / _samplesPerToken;
                for (long slice = 0; slice < slices; slice++)
                {
                    AddClip(tokens, input);
                }

                return;
            }

            AddClip(file.CountSamples() / _samplesPerToken, input);
        }
        catch (Exception e) when (e is JukeboxException or IOException or UnauthorizedAccessException)
        {
            Unreadable++;
        }
    }

    private void AddClip(long tokens, EmbedInput input)
    {
        if (tokens < _windows.WindowTokens && _settings.Short is (ShortClips.Skip or ShortClips.Refuse))
        {
            return;
        }

        EmbeddingWindow[] windows = [.. _windows.Of(tokens)];
        Windows += windows.Length;
        Tokens += windows.Sum(window => (long)window.Count);
        Rows += RowsOf(windows, input);
    }

    /// <summary>Rows that <see cref="FrameStream"/> makes.</summary>
    private long RowsOf(EmbeddingWindow[] windows, EmbedInput input)
    {
        if (windows.Length == 0)
        {
            return 0;
        }

        if (_settings.Pool != Pooling.None)
        {
            return _settings.PoolOver == EmbeddingScope.File || _settings.BetweenTimes ? 1 : windows.Length;
        }

        if (_settings.BetweenTimes)
        {
            return EmbedTimes.Of(_times!, input).Length - 1;
        }

        bool whole = FrameStream.TakesWholeWindows(_settings);
        long merged = windows.Sum(window => (long)window.Count - (whole ? 0 : window.FirstGiven));
        return _settings.Fps is not { } fps ? merged
            : _settings.Resample == FrameResampling.Fft ? windows.Sum(window => (long)Math.Ceiling(window.Count * (fps / TokensPerSecond)))
            : whole ? windows.Sum(window => Resampled(window.Count, fps))
            : Resampled(merged, fps);
    }

    private long Resampled(long tokens, double fps) => _settings.Resample == FrameResampling.Average
        ? tokens / Math.Max(1, (long)Math.Floor(TokensPerSecond / fps))
        : tokens == 0 ? 0 : 1 + (long)Math.Floor((tokens - 1) * fps / TokensPerSecond);
}

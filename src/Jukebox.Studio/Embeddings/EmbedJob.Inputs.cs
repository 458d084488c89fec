using System.Globalization;
using Jukebox.Audio.Reading;
using Jukebox.Recordings.Embeddings;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Sampling;

namespace Jukebox.Studio.Embeddings;

/// <content>Takes inputs apart: recordings, slices, songs; and says what is odd about them.</content>
public sealed partial class EmbedJob
{
    /// <summary>Gives out the windows of an input; says why where it is left out.</summary>
    private string? Queue(EmbedItem item, double[]? times)
    {
        AudioRange range = item.Input.Range;
        if (item.Input.SongRow is { } row)
        {
            QueueCodes(item, row, times);
            return null;
        }

        int rate = _model.Description.SampleRateHz;
        if (_settings.SliceSeconds is { } seconds)
        {
            QueueSlices(item, new Slicing(seconds, _settings.SliceHopSeconds!.Value), rate);
            return null;
        }

        using EmbeddingClip clip = EmbeddingClips.Whole(range, rate, _settings.Normalise, _settings.NormaliseOver, item.Notes.Add, _cancellation);
        (item.Samples, item.Seconds) = (clip.Samples, (double)clip.Samples / rate);
        if (IsShort(item, clip.Samples, rate) is { } said)
        {
            return said;
        }

        long tokens = clip.Samples / _extractor.SamplesPerToken;
        NoteClip(item, clip, tokens);
        double total = _settings.Labels == LabelTimes.Real ? EmbeddingClips.SecondsOfFile(range, rate, clip) : 0;
        QueueAudio(item, clip, item.Input.Name, times, total, range.StartSeconds);
        return null;
    }

    private void QueueAudio(EmbedItem item, EmbeddingClip audio, string name, double[]? times, double totalSeconds, double offsetSeconds)
    {
        long tokens = _extractor.TokensOf(audio, item.Input.Text);
        EmbedItem.Clip clip = item.Begin(_extractor, _settings, _options.Folder, name, times, _extractor.Windows.CountOf(tokens));
        foreach (EmbeddingWindow window in _extractor.Windows.Of(tokens))
        {
            Add(clip, _extractor.Encode(clip.Frames, audio, window, totalSeconds, offsetSeconds));
            if (item.Failure is not null)
            {
                return;
            }
        }
    }

    private void QueueSlices(EmbedItem item, Slicing slicing, int rate)
    {
        int index = 0;
        foreach (EmbeddingClip slice in EmbeddingClips.Slices(
            item.Input.Range, slicing, _settings.SlicePcm16, rate, _settings.Normalise, _settings.NormaliseOver, item.Notes.Add, _cancellation))
        {
            using (slice)
            {
                QueueAudio(item, slice, FormattableString.Invariant($"{item.Input.Name}_slice{index++}"), null, 0, 0);
                item.Seconds = ((index - 1) * slicing.HopSeconds) + slicing.SliceSeconds;
            }

            if (item.Failure is not null)
            {
                return;
            }
        }

        if (index == 0)
        {
            throw new StudioException(string.Create(CultureInfo.InvariantCulture, $"{item.Input.Text} is shorter than a slice of {slicing.SliceSeconds} s."));
        }
    }

    private void QueueCodes(EmbedItem item, int row, double[]? times)
    {
        string song = item.Input.Range.Path;
        SongFolder.ReadDescription(song, SongModel.Reference(_model), _model.Description);
        int[][] rows = SongFolder.ReadCodes(song, _extractor.Top.Level);
        int[] codes = row < rows.Length ? rows[row] : [];
        if (codes.Length == 0)
        {
            throw new StudioException($"{item.Input.Text} has no codes of level {_extractor.Top.Level}.");
        }

        double total = codes.Length / _extractor.TokensPerSecond;
        item.Seconds = total;
        if (IsShort(item, (long)codes.Length * _extractor.SamplesPerToken, _model.Description.SampleRateHz) is { } said)
        {
            throw new StudioException(said);
        }

        EmbedItem.Clip clip = item.Begin(_extractor, _settings, _options.Folder, item.Input.Name, times, _extractor.Windows.CountOf(codes.Length));
        foreach (EmbeddingWindow window in _extractor.Windows.Of(codes.Length))
        {
            Add(clip, _extractor.OfCodes(clip.Frames, codes.AsSpan((int)window.Start, window.Count).ToArray(), window, total, 0));
        }
    }

    /// <summary>Why a clip that is shorter than a window is left out; none where it is taken.</summary>
    /// <exception cref="StudioException">It is to be an error.</exception>
    private string? IsShort(EmbedItem item, long samples, int rate)
    {
        long wanted = (long)_extractor.Windows.WindowTokens * _extractor.SamplesPerToken;
        if (samples >= wanted || _settings.Short is ShortClips.Keep or ShortClips.Pad)
        {
            return null;
        }

        string said = string.Create(
            CultureInfo.InvariantCulture,
            $"{item.Input.Text} is {(double)samples / rate:0.0} s long; preset {_settings.Preset} wants {(double)wanted / rate:0.00} s "
            + $"({wanted:#,0} samples at {rate / 1000.0:0.###} kHz).");
        return _settings.Short == ShortClips.Skip ? said
            : throw new StudioException($"{said} --short keep takes it as it is (as jukemirlib does), --short pad fills it with silence (as LLark does).");
    }

    private void NoteClip(EmbedItem item, EmbeddingClip clip, long tokens)
    {
        if (clip.IsSilent)
        {
            _silent++;
            item.Notes.Add($"{item.Input.Text} is silent (peak 0): its embedding is that of silence.");
        }

        if (_settings.HopSeconds is null && tokens > _extractor.Windows.WindowTokens)
        {
            _cut++;
        }
    }
}

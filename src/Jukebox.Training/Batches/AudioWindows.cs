using Jukebox.Recordings.Windows;
using Jukebox.Training.Settings;
using Jukebox.Training.VqVaes;

namespace Jukebox.Training.Batches;

/// <summary>Windows of audio, for the VQ-VAE.</summary>
internal sealed class AudioWindows : IBatchSource<AudioBatch>
{
    // Share of the left channel in what is measured on.
    private const float Evenly = 0.5f;

    private readonly AudioSet _set;
    private readonly WindowSplit _split;
    private readonly BatchOrder _order;
    private readonly bool _shift;
    private readonly bool _blend;
    private readonly int _validationWindows;

    /// <summary>Prepares the windows.</summary>
    /// <param name="set">The audio.</param>
    /// <param name="split">Windows, in samples.</param>
    /// <param name="settings">How many at once, in which order, and how many are measured on.</param>
    public AudioWindows(AudioSet set, WindowSplit split, TrainingSettings settings)
    {
        (_set, _split) = (set, split);
        (_shift, _blend) = (settings.Windows.Shift, settings.Windows.Blend);
        _validationWindows = settings.Intervals.ValidationWindows;
        _order = new BatchOrder(settings.Seed, split.Train.Count, settings.BatchSize);
    }

    /// <inheritdoc/>
    public long StepsPerEpoch => _order.StepsPerEpoch;

    /// <inheritdoc/>
    public double SecondsPerBatch => (double)_order.BatchSize * _split.Train.Map.WindowLength / _set.SampleRateHz;

    /// <inheritdoc/>
    public AudioBatch BatchOf(long step)
    {
        ReadOnlySpan<long> items = _order.ItemsOf(step);
        var places = new WindowPlace[items.Length];
        for (int i = 0; i < items.Length; i++)
        {
            places[i] = _split.Train.Locate(items[i], _shift ? _order.ShiftOf(step, i, _split.Train.Map.Half) : 0);
        }

        return Load(_split.Train, places, i => _blend ? (float)_order.BlendOf(step, i) : Evenly);
    }

    /// <inheritdoc/>
    public IEnumerable<AudioBatch> Validation() => ValidationPlaces.Of(_split.Valid, _validationWindows, _order.BatchSize)
        .Select(places => Load(_split.Valid, places, _ => Evenly));

    /// <summary>
    /// Single windows spread over what is learnt from, unshifted, as what scales of losses are measured on: the left and the
    /// right channel where they are blended, else their mean.
    /// </summary>
    /// <param name="count">Most windows.</param>
    public IEnumerable<float[][]> Survey(int count) => ValidationPlaces.Of(_split.Train, count, 1).Select(places =>
        (_blend ? (float[])[1, 0] : [Evenly]).Select(left => Load(_split.Train, places, _ => left).Samples).ToArray());

    private AudioBatch Load(WindowRange range, WindowPlace[] places, Func<int, float> leftOf)
    {
        int length = (int)range.Map.WindowLength;
        var samples = new float[places.Length * length];
        for (int i = 0; i < places.Length; i++)
        {
            _set.ReadBlend(range.Tracks[places[i].Track], places[i].Offset, leftOf(i), samples.AsSpan(i * length, length));
        }

        return new AudioBatch(samples, places.Length);
    }
}

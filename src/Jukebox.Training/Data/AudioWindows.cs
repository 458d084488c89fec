namespace Jukebox.Training;

/// <summary>Windows of audio, for the VQ-VAE.</summary>
internal sealed class AudioWindows : IBatchSource<AudioBatch>
{
    private readonly AudioSet _set;
    private readonly WindowSplit _split;
    private readonly BatchOrder _order;
    private readonly bool _shift;
    private readonly int _validationWindows;

    /// <summary>Prepares the windows.</summary>
    /// <param name="set">The audio.</param>
    /// <param name="split">Windows, in samples.</param>
    /// <param name="settings">How many at once, in which order, and how many are measured on.</param>
    public AudioWindows(AudioSet set, WindowSplit split, TrainingSettings settings)
    {
        (_set, _split) = (set, split);
        _shift = settings.Windows.Shift;
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

        return Load(_split.Train, places);
    }

    /// <inheritdoc/>
    public IEnumerable<AudioBatch> Validation() => ValidationPlaces.Of(_split.Valid, _validationWindows, _order.BatchSize)
        .Select(places => Load(_split.Valid, places));

    /// <summary>Single windows spread over what is learnt from, unshifted: what scales of losses are measured on.</summary>
    /// <param name="count">Most windows.</param>
    public IEnumerable<float[]> Survey(int count) => ValidationPlaces.Of(_split.Train, count, 1).Select(places => Load(_split.Train, places).Samples);

    private AudioBatch Load(WindowRange range, WindowPlace[] places)
    {
        int length = (int)range.Map.WindowLength;
        var samples = new float[places.Length * length];
        for (int i = 0; i < places.Length; i++)
        {
            _set.Read(range.Tracks[places[i].Track], places[i].Offset, samples.AsSpan(i * length, length));
        }

        return new AudioBatch(samples, places.Length);
    }
}

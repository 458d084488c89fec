namespace Jukebox.Training;

/// <summary>Windows of audio, for the VQ-VAE.</summary>
public sealed class AudioWindows : IBatchSource<AudioBatch>
{
    private readonly AudioSet _set;
    private readonly WindowSplit _split;
    private readonly BatchOrder _order;
    private readonly bool _shift;
    private readonly int _validationWindows;

    /// <summary>Prepares the windows.</summary>
    /// <param name="set">The audio.</param>
    /// <param name="split">Windows, in samples.</param>
    /// <param name="batchSize">Windows of a step.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="shift">Whether windows are shifted by up to half their length.</param>
    /// <param name="validationWindows">Most windows to measure on.</param>
    public AudioWindows(AudioSet set, WindowSplit split, int batchSize, ulong seed, bool shift, int validationWindows)
    {
        (_set, _split, _shift, _validationWindows) = (set, split, shift, validationWindows);
        _order = new BatchOrder(seed, split.Train.Count, batchSize);
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

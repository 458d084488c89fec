using Jukebox.Models.Format;
using Jukebox.Recordings.Codes;
using Jukebox.Recordings.Folders;
using Jukebox.Recordings.Windows;
using Jukebox.Training.Priors;
using Jukebox.Training.Settings;

namespace Jukebox.Training.Batches;

/// <summary>
/// Windows of codes for a prior, cut from the codes of whole recordings. A window begins at any token of the level above, so
/// that its upper codes are whole; at the top level at any token. The reference encodes each window of audio by itself, with
/// silence around it; here its codes are those that the recording has there.
/// </summary>
internal sealed class CodeWindows : IBatchSource<PriorBatch>
{
    private readonly PriorSpec _spec;
    private readonly TrackSelection _selection;
    private readonly CodeCache _codes;
    private readonly TrackLabels? _labels;
    private readonly BatchOrder _order;
    private readonly bool _shift;
    private readonly int _validationWindows;
    private readonly int _unitTokens;
    private readonly int _samplesPerToken;

    /// <summary>Prepares the windows.</summary>
    /// <exception cref="TrainingException">There are too few for a batch.</exception>
    public CodeWindows(TrackSelection selection, CodeCache codes, TrackLabels? labels, TrainingSettings settings, VqVaeSpec vqvae)
    {
        _spec = settings.Prior!;
        (_selection, _codes, _labels) = (selection, codes, labels);
        _shift = settings.Windows.Shift;
        _validationWindows = settings.Intervals.ValidationWindows;
        _unitTokens = UnitTokens(_spec, vqvae);
        _samplesPerToken = vqvae.SamplesPerToken(_spec.Level);
        Split = SplitOf(selection, settings, vqvae);
        _order = new BatchOrder(settings.Seed, Split.Train.Count, settings.BatchSize);
    }

    /// <summary>The windows, in tokens from which to which they may be moved.</summary>
    public WindowSplit Split { get; }

    /// <inheritdoc/>
    public long StepsPerEpoch => _order.StepsPerEpoch;

    /// <inheritdoc/>
    public double SecondsPerBatch => (double)_order.BatchSize * _spec.ContextLength * _samplesPerToken / _selection.Set.SampleRateHz;

    private bool IsTop => _spec.UpperCodes is null;

    /// <summary>Tokens from which to which a window may be moved: those of one token of the level above.</summary>
    public static int UnitTokens(PriorSpec spec, VqVaeSpec vqvae) => spec.UpperCodes is null ? 1 : vqvae.TokensPerUpperToken(spec.Level + 1);

    /// <summary>Cuts recordings into windows, whose codes need not be there yet.</summary>
    /// <exception cref="TrainingException">There are too few for a batch.</exception>
    public static WindowSplit SplitOf(TrackSelection selection, TrainingSettings settings, VqVaeSpec vqvae)
    {
        PriorSpec spec = settings.Prior!;
        int unitTokens = UnitTokens(spec, vqvae), unitSamples = unitTokens * vqvae.SamplesPerToken(spec.Level);
        return selection.Split(track => track.LengthSamples / unitSamples, spec.ContextLength / unitTokens, settings.BatchSize, settings.Windows);
    }

    /// <inheritdoc/>
    public PriorBatch BatchOf(long step)
    {
        ReadOnlySpan<long> items = _order.ItemsOf(step);
        var places = new WindowPlace[items.Length];
        for (int i = 0; i < items.Length; i++)
        {
            places[i] = Split.Train.Locate(items[i], _shift ? _order.ShiftOf(step, i, Split.Train.Map.Half) : 0);
        }

        return Load(Split.Train, places);
    }

    /// <inheritdoc/>
    public IEnumerable<PriorBatch> Validation() => ValidationPlaces.Of(Split.Valid, _validationWindows, _order.BatchSize)
        .Select(places => Load(Split.Valid, places));

    private PriorBatch Load(WindowRange range, WindowPlace[] places) => new()
    {
        Codes = [.. places.Select(place => _codes.Read(range.Tracks[place.Track], _spec.Level, place.Offset * _unitTokens, _spec.ContextLength))],
        UpperCodes = IsTop ? null
            : [.. places.Select(place => _codes.Read(range.Tracks[place.Track], _spec.Level + 1, place.Offset, _spec.ContextLength / _unitTokens))],
        Labels = [.. places.Select(place => _labels?.RowOf(range.Tracks[place.Track], place.Offset * _unitTokens) ?? [])],
    };
}
